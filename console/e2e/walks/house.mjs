// The house: organisations, people, teams, roles, the audit log, exports to approve.
import assert from 'node:assert/strict';
import { browser, choose, go, loaded, stamp } from '../tools.mjs';

/** Whether the server has a route; pages say so plainly where it has not. */
async function has(tab, path) {
  return tab.evaluate(async (where) => (await fetch(`/api/v1${where}`)).ok, path);
}

/** Picks from a long list by typing what it says: only some of its lines are drawn. */
async function find(tab, select, name) {
  await select.click();
  await select.fill(name);
  await tab.locator('.ant-select-dropdown:not(.ant-select-dropdown-hidden):not(.ant-slide-up-leave) .ant-select-item-option', { hasText: name }).first().click();
}

async function makeOrg(tab, name, code) {
  await tab.getByRole('button', { name: '新建下级' }).click();
  const drawer = tab.getByRole('dialog');
  await drawer.getByLabel('编码', { exact: true }).fill(code);
  await drawer.getByLabel('名称', { exact: true }).fill(name);
  return drawer;
}

export async function walkOrgs(tab) {
  await go(tab, '/orgs');
  await loaded(tab);
  await tab.getByRole('link', { name: /总部/u }).first().waitFor();
  await browser.check(tab, 'orgs', { full: true });
  const name = `走查店${stamp}`;
  const drawer = await makeOrg(tab, name, `w${stamp}`);
  await choose(tab, drawer.getByRole('combobox', { name: '类型' }), '经销商');
  await drawer.getByRole('button', { name: '添加' }).count();
  await browser.check(tab, 'org-new');
  await drawer.getByRole('button', { name: '创建' }).click();
  await drawer.waitFor({ state: 'hidden' });
  await tab.getByRole('heading', { level: 1, name }).waitFor();
  // Opening hours: one range more on Monday, wrong first.
  await tab.getByRole('button', { name: '编辑营业时间' }).click();
  await tab.getByLabel('周一第 1 段结束').fill('700');
  await tab.getByLabel('周一第 1 段结束').blur();
  await tab.getByText('结束时间要晚于开始时间', { exact: false }).waitFor();
  assert.ok(await tab.getByRole('button', { name: '保存' }).isDisabled(), 'impossible hours are not sent');
  await tab.getByLabel('周一第 1 段结束').fill('12');
  await tab.getByLabel('周一第 1 段结束').blur();
  await tab.getByRole('button', { name: '为周一添加时段' }).click();
  await browser.check(tab, 'org-hours');
  await tab.getByRole('button', { name: '保存' }).click();
  await tab.getByText('08:30–12:00、13:00–17:00').waitFor();
  await tab.getByRole('button', { name: '编辑节假日' }).click();
  const sheet = tab.getByRole('dialog').last();
  await sheet.getByRole('button', { name: /工作日）$/u }).first().click();
  await sheet.getByRole('button', { name: /法定节假日）$/u }).first().waitFor();
  await browser.check(tab, 'org-days');
  await sheet.getByRole('button', { name: '保存' }).click();
  await tab.getByText(/节假日 1 天/u).waitFor();
  await tab.getByRole('button', { name: /编\s?辑$/u }).first().click();
  await browser.check(tab, 'org-edit');
  await tab.getByRole('dialog').getByRole('button', { name: '取消' }).click();
  await tab.getByRole('button', { name: '调整上级' }).click();
  await browser.check(tab, 'org-move');
  await tab.getByRole('dialog').getByRole('button', { name: '取消' }).click();
  await tab.getByRole('button', { name: '更多操作' }).click();
  await tab.getByRole('menuitem', { name: '设为“关闭”' }).click();
  await browser.check(tab, 'org-close');
  await tab.getByRole('dialog').getByRole('button', { name: '关闭' }).last().click();
  await tab.locator('.page-header .tone-bad').waitFor();
  await tab.getByRole('searchbox', { name: '按名称、编码或城市搜索' }).fill(name);
  await tab.locator('.org-row', { hasText: name }).waitFor();
  await browser.check(tab, 'org-search');
}

export async function walkPeople(tab) {
  await go(tab, '/people');
  await loaded(tab);
  await browser.check(tab, 'people');
  await tab.getByRole('button', { name: '新建员工' }).first().click();
  const drawer = tab.getByRole('dialog');
  await drawer.getByLabel('姓名').fill(`走查${stamp}`);
  await drawer.getByLabel('登录名').fill(`walk.${stamp}`);
  await find(tab, drawer.getByRole('combobox', { name: '角色' }), '销售顾问');
  await tab.keyboard.press('Escape');
  await drawer.getByLabel('初始密码').fill(`walk through ${stamp}`);
  await browser.check(tab, 'person-new');
  await drawer.getByRole('button', { name: '创建' }).click();
  await tab.waitForURL(/\/people\/./u);
  await loaded(tab);
  await browser.check(tab, 'person', { full: true });
  await tab.getByRole('tab', { name: '能力与排班' }).click();
  await tab.getByRole('button', { name: '添加技能' }).click();
  await tab.getByLabel('第 1 项技能', { exact: true }).fill('新能源');
  await tab.getByRole('button', { name: '添加证书' }).click();
  await tab.getByLabel('第 1 张证书', { exact: true }).fill('DCRC');
  await tab.getByText('自定义每周排班').click();
  await tab.getByRole('button', { name: '为周六添加时段' }).click();
  await loaded(tab);
  await browser.check(tab, 'person-work', { full: true });
  await tab.getByRole('button', { name: '保存' }).click();
  await tab.getByText('已保存').first().waitFor();
  await tab.getByRole('tab', { name: '登录会话' }).click();
  await loaded(tab);
  await browser.check(tab, 'person-sessions');
  await tab.getByRole('tab', { name: '可见范围' }).click();
  await loaded(tab);
  await browser.check(tab, 'person-sees');
  await tab.getByRole('button', { name: '设置密码' }).click();
  await browser.check(tab, 'person-password');
  await tab.getByRole('dialog').getByRole('button', { name: '取消' }).click();
  await tab.getByRole('button', { name: '更多操作' }).click();
  await tab.getByRole('menuitem', { name: '设为“离职中”' }).click();
  const leaving = tab.getByRole('dialog').last();
  assert.ok(await leaving.getByRole('button', { name: '离职中' }).isDisabled(), 'leaving takes a last day');
  await browser.check(tab, 'person-leaving');
  await leaving.getByRole('button', { name: '取消' }).click();
  await tab.getByRole('button', { name: '更多操作' }).click();
  await tab.getByRole('menuitem', { name: '设为“已离职”' }).click();
  await tab.getByRole('dialog').last().getByRole('button', { name: '已离职' }).click();
  await tab.locator('.page-header .tone-bad').waitFor();
}

export async function walkTeams(tab) {
  await go(tab, '/teams');
  await loaded(tab);
  await browser.check(tab, 'teams');
  await tab.getByRole('button', { name: '新建班组' }).first().click();
  const drawer = tab.getByRole('dialog');
  await drawer.getByLabel('名称', { exact: true }).fill(`走查组${stamp}`);
  await choose(tab, drawer.getByRole('combobox', { name: '类型' }), '展厅');
  await browser.check(tab, 'team-new');
  await drawer.getByRole('button', { name: '创建' }).click();
  await tab.waitForURL(/\/records\/team\//u);
  await loaded(tab);
  await browser.check(tab, 'team');
}

export async function walkRoles(tab) {
  await go(tab, '/roles');
  await loaded(tab);
  await browser.check(tab, 'roles');
  if (!(await has(tab, '/records/role'))) return;
  await tab.getByRole('link', { name: /销售顾问/u }).first().click();
  await loaded(tab);
  await browser.check(tab, 'role', { full: true });
  await tab.locator('.matrix').getByRole('button', { name: /的字段$/u }).first().click();
  await browser.check(tab, 'role-fields');
  await tab.keyboard.press('Escape');
  await go(tab, '/roles/new');
  await loaded(tab);
  await tab.getByLabel('代码').fill(`walk_${stamp}`);
  await tab.getByLabel('名称（中文）').fill(`走查角色${stamp}`);
  await find(tab, tab.getByRole('combobox', { name: '选择数据类型' }), '客户');
  await tab.getByRole('button', { name: '添加一行' }).click();
  await tab.getByRole('checkbox', { name: '修改客户' }).check();
  await browser.check(tab, 'role-new', { full: true });
  await tab.getByRole('button', { name: '创建' }).click();
  await tab.waitForURL((url) => url.pathname.startsWith('/roles/') && !url.pathname.endsWith('/new'));
  await loaded(tab);
  assert.ok(await tab.getByRole('checkbox', { name: '修改客户' }).isChecked(), 'the grants are kept');
}

export async function walkAudit(tab) {
  await go(tab, '/audit');
  await loaded(tab);
  await browser.check(tab, 'audit', { full: true });
  if (!(await has(tab, '/audit'))) return;
  await tab.locator('.link-button').first().click();
  await tab.getByRole('dialog').getByText('详情').waitFor();
  await browser.check(tab, 'audit-entry');
  await tab.keyboard.press('Escape');
  await tab.getByRole('combobox', { name: '事项' }).fill('record.created');
  await tab.getByRole('combobox', { name: '事项' }).blur();
  await tab.waitForURL(/what=record.created/u);
  await loaded(tab);
}

export async function walkApprovals(tab) {
  await go(tab, '/approvals');
  await loaded(tab);
  await browser.check(tab, 'approvals');
  const approve = tab.getByRole('button', { name: '同意' }).first();
  if (await approve.count()) {
    await approve.click();
    await browser.check(tab, 'approve');
    await tab.getByRole('dialog').getByRole('button', { name: '同意' }).click();
    await tab.getByText('已同意').waitFor();
  }
  await tab.getByText('全部', { exact: true }).click();
  await loaded(tab);
  await browser.check(tab, 'approvals-all');
}
