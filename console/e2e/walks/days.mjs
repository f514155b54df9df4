// Days of the people who work here: each in a browser of their own, with their own rights, on paths they take fifty times a day.
import assert from 'node:assert/strict';
import { as, baseUrl, browser, go, loaded, makeCustomer, stamp, write } from '../tools.mjs';

const soon = (hours) => new Date(Date.now() + hours * 3_600_000).toISOString();

/** Nothing lies over the page any more. */
const settled = (tab) => tab.waitForFunction(() => document.querySelector('.ant-drawer-open, .ant-modal-wrap') === null);

const drawer = (tab) => tab.locator('.ant-drawer-open').last();

/** A consultant takes in a customer and logs contacts without touching the mouse. */
export async function walkConsultant() {
  const { context, tab } = await as('d1.li');
  await tab.getByRole('heading', { level: 1, name: /李/u }).waitFor();
  await browser.check(tab, 'today-consultant', { full: true });
  await tab.keyboard.press('?');
  await tab.getByRole('dialog', { name: '键盘快捷键' }).waitFor();
  await browser.check(tab, 'keys');
  await tab.keyboard.press('Escape');
  await tab.getByRole('dialog').waitFor({ state: 'hidden' });
  await tab.keyboard.press('g');
  await tab.keyboard.press('c');
  await tab.getByRole('heading', { level: 1, name: '客户' }).waitFor();
  await loaded(tab);
  await tab.keyboard.press('n');
  await drawer(tab).getByLabel('姓名').fill(`顾问客户${stamp}`);
  await drawer(tab).getByLabel('手机', { exact: true }).fill(`135${stamp}`);
  await tab.keyboard.press('Control+Enter');
  await tab.waitForURL(/\/customers\/[^?]+$/u);
  await loaded(tab);
  await tab.getByRole('button', { name: '记录联系' }).first().waitFor();
  // Three interactions: open, choose what came of it, save.
  await tab.keyboard.press('l');
  await drawer(tab).getByRole('radio', { name: /已联系上/u }).waitFor();
  await browser.check(tab, 'contact-log');
  await tab.keyboard.press('1');
  await tab.keyboard.press('Control+Enter');
  await drawer(tab).waitFor({ state: 'hidden' });
  await tab.getByText('已联系上').first().waitFor();
  await settled(tab);
  // The same with a promise makes a task; a promise without a time is refused at the field.
  browser.expect(400, '/actions/log');
  await tab.keyboard.press('l');
  await drawer(tab).locator('.quick-option', { hasText: '约好再联系' }).click();
  await drawer(tab).getByRole('button', { name: '记录联系' }).click();
  await drawer(tab).locator('.ant-form-item-explain-error').first().waitFor();
  await drawer(tab).getByLabel('下次联系').fill('2036-05-06 10:00');
  // Enter takes the date and no more.
  await tab.keyboard.press('Enter');
  await tab.keyboard.press('Control+Enter');
  await drawer(tab).waitFor({ state: 'hidden' });
  await tab.getByText(`再联系顾问客户${stamp}`).first().waitFor();
  await browser.check(tab, 'customer-contacted', { full: true });
  const path = tab.url().slice(baseUrl.length);
  await tab.keyboard.press('Control+k');
  await tab.getByRole('combobox', { name: '搜索' }).fill(`顾问客户${stamp}`);
  await tab.getByRole('option').filter({ hasText: `顾问客户${stamp}` }).first().waitFor();
  await tab.keyboard.press('Enter');
  await tab.waitForURL((url) => url.pathname === path);
  await context.close();
}

/** A follow-up officer calls whom the list says, and takes down what the customer agrees to. */
export async function walkFollowUp(tab) {
  const officer = await as('d1.wang');
  const customer = await makeCustomer(officer.tab, { owner: 'd1-li' });
  await write(officer.tab, 'POST', '/records/worklist.task/actions/add', { title: `回访${stamp}`, due: soon(2), customer: customer.id });
  await go(officer.tab, '/today');
  const row = officer.tab.locator('.table tbody tr, .card').filter({ hasText: `回访${stamp}` }).filter({ has: officer.tab.getByRole('button', { name: '记录联系' }) });
  await row.waitFor();
  await browser.check(officer.tab, 'today-follow-up', { full: true });
  await row.getByRole('button', { name: '记录联系' }).click();
  await drawer(officer.tab).locator('.quick-option', { hasText: '已联系上' }).click();
  await drawer(officer.tab).getByRole('button', { name: '记录联系' }).click();
  await drawer(officer.tab).waitFor({ state: 'hidden' });
  // The task it was for is done, and leaves the list by itself.
  await row.waitFor({ state: 'detached' });
  await go(officer.tab, `/customers/${customer.id}`);
  await loaded(officer.tab);
  await officer.tab.getByRole('list', { name: '营销联系许可' }).waitFor();
  await officer.tab.getByRole('tab', { name: '授权同意' }).click();
  await officer.tab.getByRole('button', { name: /登记同意.*短信/u }).click();
  const say = officer.tab.getByRole('dialog');
  await say.getByLabel('告知文本版本').or(say.locator('#say-version')).first().fill('隐私告知 2026-01');
  await say.getByRole('button', { name: '保存' }).click();
  await say.waitFor({ state: 'hidden' });
  await officer.tab.getByText('隐私告知 2026-01').first().waitFor();
  await browser.check(officer.tab, 'consent-given');
  // The customer's own page: whole, and small enough for any phone.
  const bytes = await officer.tab.evaluate(async (id) => {
    const { link } = await (await fetch(`/api/v1/records/customer/${id}/contact`)).json();
    return (await (await fetch(new URL(link, location.href).pathname)).arrayBuffer()).byteLength;
  }, customer.id);
  assert.ok(bytes > 1_000 && bytes < 15_000, `the public page has ${bytes} bytes`);
  // What another department did is told apart.
  await write(tab, 'PATCH', `/records/customer/${customer.id}`, { data: { city: '九江' } });
  await officer.tab.getByRole('tab', { name: '动态' }).click();
  await officer.tab.locator('.entries').getByText('九江').first().waitFor();
  await officer.tab.getByRole('combobox', { name: '部门' }).click();
  await officer.tab.locator('.ant-select-item-option', { hasText: '客户关系' }).or(officer.tab.locator('.ant-select-item-option', { hasText: '客服' })).first().click();
  await officer.tab.locator('.entries').getByText('九江').first().waitFor({ state: 'detached' });
  await browser.check(officer.tab, 'timeline-department');
  await officer.context.close();
}

/** A complaint is raised, found on the board, and dragged to where its states let it go. */
export async function walkComplaintOfficer() {
  const { context, tab } = await as('d1.wang');
  const customer = await makeCustomer(tab, {});
  await go(tab, `/customers/${customer.id}`);
  await loaded(tab);
  await tab.locator('.page-actions button', { hasText: '登记投诉' }).click();
  await drawer(tab).getByLabel('客户原话').fill(`空调异味${stamp}，要求检查。`);
  await drawer(tab).getByRole('button', { name: '登记投诉' }).click();
  await drawer(tab).waitFor({ state: 'hidden' });
  const number = (await tab.locator('.banner a').first().textContent())?.trim() ?? '';
  assert.match(number, /^C\d+/u, 'the banner names the case');
  await go(tab, '/views/complaints/board');
  const lane = (name) => tab.getByRole('region', { name, exact: true }).or(tab.locator('.board-lane', { hasText: name })).first();
  const card = tab.locator('.board-card', { hasText: number });
  await card.waitFor();
  await browser.check(tab, 'board');
  await card.scrollIntoViewIfNeeded();
  const [from, to, closed] = await Promise.all([card.boundingBox(), lane('已受理').boundingBox(), lane('客户同意').boundingBox()]);
  assert.ok(from && to && closed, 'card and columns are there');
  await tab.mouse.move(from.x + 20, from.y + 10);
  await tab.mouse.down();
  await tab.mouse.move(from.x + 60, from.y + 30, { steps: 4 });
  await tab.mouse.move(to.x + 80, to.y + 60, { steps: 8 });
  await tab.locator('.board-closed').first().waitFor();
  assert.ok((await tab.locator('.board-closed').count()) > 3, 'columns its state forbids are closed');
  await tab.mouse.up();
  await tab.getByRole('dialog').getByRole('button', { name: '受理' }).click();
  await tab.locator('.board-lane', { hasText: '已受理' }).locator('.board-card', { hasText: number }).waitFor();
  // What the mouse drags, the menu moves.
  await card.getByRole('button', { name: `移动“${number}”` }).click();
  await tab.getByRole('menuitem').first().waitFor();
  await browser.check(tab, 'board-menu');
  await tab.keyboard.press('Escape');
  await go(tab, '/views/complaints/desk');
  await loaded(tab);
  await tab.getByText(number).first().waitFor();
  await context.close();
}

/** Every number a manager reads opens the rows it counts. */
export async function walkManager() {
  const { context, tab } = await as('d1.sun');
  await tab.locator('.stat-value').first().waitFor();
  await browser.check(tab, 'today-manager', { full: true });
  const stat = tab.locator('.stat', { hasText: '全店逾期' });
  await tab.waitForFunction(() => ![...document.querySelectorAll('.stat-value')].some((each) => each.textContent === '…'));
  const n = Number((await stat.locator('.stat-value').textContent())?.replaceAll(',', ''));
  await stat.click();
  await tab.waitForURL(/\/records\/worklist\.task/u);
  await loaded(tab);
  await tab.locator('.page-note', { hasText: String(n) }).waitFor();
  await go(tab, '/views/complaints/report');
  await tab.locator('.chart-bars a').first().waitFor();
  await tab.locator('.chart-spots a').first().waitFor();
  await tab.locator('.chart-ring a').first().waitFor();
  await browser.check(tab, 'report', { full: true });
  const bar = tab.locator('.chart-bars').first().locator('a').filter({ hasNot: tab.locator('.chart-value', { hasText: /^0$/u }) }).first();
  const count = (await bar.locator('.chart-value').textContent())?.trim() ?? '';
  await bar.click();
  await tab.waitForURL(/\/records\/complaints\.case/u);
  await loaded(tab);
  await tab.locator('.page-note', { hasText: count }).waitFor();
  await go(tab, '/approvals');
  await loaded(tab);
  await context.close();
}

/** What an administrator switches, everybody sees without reloading; what is taken away can be had back. */
export async function walkKeeper(tab) {
  const other = await as('d1.li');
  const link = other.tab.locator('.menu a[href="/views/vehicles/vehicles"]');
  await link.waitFor();
  try {
    await write(tab, 'POST', '/plugins/vehicles/disable', {});
    await link.waitFor({ state: 'detached' });
  } finally {
    await write(tab, 'POST', '/plugins/vehicles/enable', {});
  }
  await link.waitFor();
  browser.expect('ERR_INTERNET_DISCONNECTED', '/api/v1/');
  await other.context.setOffline(true);
  await other.tab.getByText('连接中断').waitFor();
  await browser.check(other.tab, 'offline');
  await other.context.setOffline(false);
  await other.tab.getByText('连接中断').waitFor({ state: 'detached' });
  await other.context.close();
  const customer = await makeCustomer(tab, {});
  // The page hears of its removal before it is left.
  browser.expect(404, `/records/customer/${customer.id}`);
  await go(tab, `/customers/${customer.id}`);
  await loaded(tab);
  await tab.getByRole('button', { name: '更多' }).last().click();
  await tab.getByRole('menuitem', { name: /^(delete )?删除$/u }).click();
  await tab.getByRole('dialog').getByRole('button', { name: '删除' }).click();
  await tab.waitForURL(/\/customers(\?|$)/u);
  await tab.getByRole('button', { name: '撤销' }).waitFor();
  await browser.check(tab, 'undo-offer');
  await tab.keyboard.press('Control+z');
  await tab.waitForURL(new RegExp(customer.id, 'u'));
  await loaded(tab);
  await go(tab, '/today');
  await loaded(tab);
  await browser.check(tab, 'today-keeper', { full: true });
}

/** Any list as a board or a calendar; a card of a plain choice is moved and taken back. */
export async function walkWays(tab) {
  browser.expect(412, '/api/v1/records/customer');
  const customer = await makeCustomer(tab, { type: 'prospect' });
  await go(tab, `/customers?as=board&q=${encodeURIComponent(customer.data.name)}`);
  const card = tab.locator('.board-card', { hasText: customer.data.name });
  await card.waitFor();
  await browser.check(tab, 'customers-board');
  const title = customer.data.name;
  await card.getByRole('button', { name: `移动“${title}”` }).click();
  await tab.getByRole('menuitem', { name: '移到“车主”' }).click();
  await tab.locator('.board-lane', { hasText: '车主' }).locator('.board-card', { hasText: title }).first().waitFor();
  await tab.getByRole('button', { name: '撤销' }).click();
  await tab.getByText('已撤销').waitFor();
  await go(tab, '/records/worklist.task?as=calendar');
  await tab.locator('.calendar-sheet').waitFor();
  await loaded(tab);
  await browser.check(tab, 'tasks-calendar');
}
