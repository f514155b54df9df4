// Kinds: the fields there are, one of the dealer's own from its making to its retirement, roll-ups and computed ones as they are described.
import { browser, choose, go, loaded, stamp } from '../tools.mjs';

async function describe(tab, name, type) {
  await tab.getByRole('button', { name: '添加字段' }).click();
  const drawer = tab.getByRole('dialog');
  await drawer.getByLabel('名称（中文）').fill(`字段${name}`);
  await drawer.getByLabel('代码', { exact: true }).first().fill(name);
  const select = drawer.getByRole('combobox', { name: '类型' });
  await select.click();
  await select.fill(type);
  await tab.keyboard.press('Enter');
  return drawer;
}

export async function walkKinds(tab) {
  await go(tab, '/kinds');
  await loaded(tab);
  await browser.check(tab, 'kinds');
  await tab.locator('.kind-row[href="/kinds/customer"]').click();
  await tab.waitForURL(/\/kinds\/customer/u);
  await loaded(tab);
  await browser.check(tab, 'kind', { full: true });
  const rollup = await describe(tab, `r${stamp}`, '汇总');
  await rollup.getByRole('button', { name: '添加字段' }).click();
  await rollup.getByText('请选择要汇总的数据和关联字段').waitFor();
  await choose(tab, rollup.getByRole('combobox', { name: '汇总哪类数据' }), '重复待审');
  await browser.check(tab, 'kind-rollup');
  await rollup.getByRole('button', { name: '取消' }).click();
  await rollup.waitFor({ state: 'hidden' });
  const drawer = await describe(tab, `k${stamp}`, '单选');
  await drawer.getByRole('button', { name: '添加选项' }).click();
  await drawer.getByLabel('第 1 个选项的代码').fill('gold');
  await drawer.getByLabel('第 1 个选项的中文').fill('金卡');
  await browser.check(tab, 'kind-enum');
  await drawer.getByRole('button', { name: '添加字段' }).click();
  await drawer.waitFor({ state: 'hidden' });
  const row = tab.locator('.table tbody tr', { hasText: `x_k${stamp}` });
  await row.waitFor();
  await row.getByRole('button', { name: `编辑字段k${stamp}` }).click();
  await drawer.getByLabel('名称（中文）').fill(`会员卡${stamp}`);
  await browser.check(tab, 'kind-edit');
  await drawer.getByRole('button', { name: '保存' }).click();
  await drawer.waitFor({ state: 'hidden' });
  await row.getByText(`会员卡${stamp}`).waitFor();
  // A new field is in the form for a new record at once.
  await go(tab, '/customers?new=true');
  await tab.getByRole('dialog').getByText(`会员卡${stamp}`).waitFor();
  await go(tab, '/kinds/customer');
  await row.getByRole('button', { name: '停用' }).click();
  await tab.getByRole('dialog').getByRole('button', { name: '停用' }).click();
  await row.getByText('已停用').waitFor();
  await browser.check(tab, 'kind-retired');
}
