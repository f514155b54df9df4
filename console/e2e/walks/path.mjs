// One customer's way from the first enquiry to the call after the delivered car, walked by the people whose work each step is, in the console's own screens.
import assert from 'node:assert/strict';
import { as, baseUrl, browser, choose, go, loaded, stamp, write } from '../tools.mjs';

const ORG = 'd1';
const drawer = (tab) => tab.locator('.ant-drawer-open').last();
/** What every dealer says and hands over before the keys. */
const ALL = Symbol('every choice there is');

/** A read as the page itself would send it. */
const read = (tab, path) => tab.evaluate(async (where) => (await fetch(`/api/v1${where}`)).json(), path);
const where = (filter) => encodeURIComponent(JSON.stringify(filter));

/** `2026-03-13 10:00` by the clocks of the dealer, so many minutes from the server's now. */
async function clock(tab, minutes, style = 'datetime') {
  const { now } = await read(tab, '/clock');
  const at = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Asia/Shanghai', dateStyle: 'short', timeStyle: 'short' }).format(Date.parse(now) + minutes * 60_000);
  return style === 'date' ? at.slice(0, 10) : at;
}

/** Lets time pass by the server's clock, which is a test's. */
async function pass(admin, minutes) {
  const { now } = await read(admin, '/clock');
  await write(admin, 'POST', '/test/clock', { now: new Date(Date.parse(now) + minutes * 60_000).toISOString() });
}

/** Presses what a page offers, wherever it stands: as a button, or behind “more”. A page may be a moment behind the step before. */
async function press(tab, name) {
  const offered = tab.locator('.page-actions');
  const button = offered.getByRole('button', { name, exact: true }).first();
  const more = offered.getByRole('button', { name: /更多/u }).first();
  const entry = tab.getByRole('menuitem', { name, exact: true });
  for (let tries = 0; tries < 60; tries += 1) {
    if (await button.count()) return button.click();
    if (await more.count()) {
      if (!(await tab.getByRole('menuitem').first().isVisible())) await more.click();
      await tab.waitForTimeout(250);
      if (await entry.isVisible()) return entry.click();
    }
    await tab.waitForTimeout(250);
  }
  throw new Error(`nothing on the page is called ${name}`);
}

/** Fills in one input, whatever it is drawn as. */
async function enter(tab, label, value) {
  const here = drawer(tab);
  const box = here.getByLabel(label, { exact: true }).first();
  await box.waitFor();
  const role = await box.evaluate((element) => element.getAttribute('role') ?? (element.classList.contains('ant-radio-group') ? 'radiogroup' : element.tagName));
  if (role === 'switch') {
    if (((await box.getAttribute('aria-checked')) === 'true') !== value) await box.click();
  } else if (role === 'radiogroup') {
    await box.getByText(value, { exact: true }).click();
  } else if (role === 'combobox') {
    await pick(tab, box, value);
  } else {
    await box.fill(String(value));
    // A picker takes what was typed when it is left. Enter would send the form; a picker of moments has a button instead.
    if (/^\d{4}-\d\d-\d\d \d\d:\d\d$/u.test(String(value))) await tab.locator('.ant-picker-dropdown:not(.ant-picker-dropdown-hidden) .ant-picker-ok button').click();
    else await box.press('Tab');
  }
}

/** One of the names that are offered, or all of them. */
async function pick(tab, box, value) {
  if (value !== ALL) {
    // A drawer that is still coming, or an input that is still being left, closes the list under the click: then once more.
    const stands = tab.locator('.ant-select', { has: tab.locator(`[id="${await box.getAttribute('id')}"]`) }).filter({ hasText: value });
    for (let tries = 0; tries < 3 && !(await stands.count()); tries += 1) {
      await choose(tab, box, value);
      await stands.waitFor({ timeout: 3_000 }).catch(() => {});
    }
    return undefined;
  }
  await box.click();
  // The list of the input before may still be folding away: only this one's counts.
  const list = tab.locator('.ant-select-dropdown').filter({ has: tab.locator(`[id="${await box.getAttribute('aria-controls')}"]`) });
  const rest = list.locator('.ant-select-item-option:not(.ant-select-item-option-selected)');
  await rest.first().waitFor();
  while (await rest.count()) await rest.first().click();
  await box.press('Escape');
  return list.waitFor({ state: 'hidden' });
}

/** Presses, fills in, sends; the form is gone when the server has taken it. */
async function act(tab, name, inputs) {
  await press(tab, name);
  await drawer(tab).waitFor();
  for (const [label, value] of Object.entries(inputs)) await enter(tab, label, value);
  await drawer(tab).getByRole('button', { name, exact: true }).click();
  await gone(tab);
}

/** Says yes to a question that asks for nothing. */
async function agree(tab, name) {
  await press(tab, name);
  const question = tab.getByRole('dialog').last();
  await question.getByRole('button', { name, exact: true }).click();
  await question.waitFor({ state: 'hidden' });
}

async function gone(tab) {
  await tab.waitForFunction(() => document.querySelector('.ant-drawer-open') === null || document.querySelector('.ant-drawer-open .ant-form-item-explain-error, .ant-drawer-open [role=alert]') !== null);
  const refused = tab.locator('.ant-drawer-open').locator('.ant-form-item-explain-error, [role=alert]').first();
  assert.equal(await refused.count() ? await refused.textContent() : '', '', 'the form is taken');
}

/** What the dealer has before anybody comes: a car to try, a price that hangs out, a car in stock. */
async function furnish(model) {
  const { context, tab } = await as('d1.chen');
  await write(tab, 'POST', '/records/testdrive.car', { data: { name: `${model} 试驾`, model } });
  const today = await clock(tab, 0, 'date');
  const { reply: { id } } = await write(tab, 'POST', '/records/quotes.price_list/actions/add_list', { name: `价格表 ${stamp}`, valid_from: today });
  await write(tab, 'POST', '/records/quotes.price', { data: { list: id, kind: 'vehicle', code: model, name: `${model} 尊享型`, model, config: '尊享型', energy: 'petrol', price: 14_980_000 } });
  await write(tab, 'POST', `/records/quotes.price_list/${id}/actions/publish`, {});
  await write(tab, 'POST', '/records/orders.unit/actions/report', { id: `W${stamp}`, vin: vin(stamp), model, config: '尊享型', colour: '白', state: 'at_dealer' });
  await context.close();
}

/** A VIN with its check digit. */
function vin(serial) {
  const values = Object.fromEntries([...'ABCDEFGH'].map((sign, at) => [sign, at + 1]).concat([...'JKLMN'].map((sign, at) => [sign, at + 1]), [['P', 7], ['R', 9]], [...'STUVWXYZ'].map((sign, at) => [sign, at + 2])));
  const weights = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];
  const signs = [...`LDC963X40${serial}`];
  const sum = signs.reduce((total, sign, at) => total + weights[at] * (values[sign] ?? Number(sign)), 0) % 11;
  signs[8] = sum === 10 ? 'X' : String(sum);
  return signs.join('');
}

/** Somebody without an account asks for a car on the dealer's public page. */
async function enquire(admin, model) {
  const { context, tab } = await browser.page({ viewport: { width: 390, height: 844 } });
  await tab.goto(`${baseUrl}/p/leads/enquire?org=${ORG}&about=${encodeURIComponent(model)}`);
  await tab.getByLabel('称呼').fill(`路小姐${stamp}`);
  await tab.getByLabel('手机号').fill(`138${stamp}`);
  await tab.getByLabel('半个月内').check();
  await tab.getByLabel('想了解什么').fill('周末能试驾吗？');
  // A form that is sent at once was filled in by a robot.
  await pass(admin, 1);
  await tab.getByRole('button').last().click();
  await tab.getByText('我们已收到您的咨询').waitFor();
  await context.close();
}

/** A record's own page, and what its plugin calls its state. */
async function open(tab, kind, id) {
  await go(tab, `/records/${kind}/${id}`);
  await loaded(tab);
}

/** Waits for the server to have come so far: what one feature does, another hears of a moment later. */
async function until(tab, path, isSo, what) {
  for (let tries = 0; tries < 60; tries += 1) {
    const found = await read(tab, path);
    if (isSo(found)) return found;
    await tab.waitForTimeout(500);
  }
  throw new Error(`waited in vain for ${what}`);
}

/** The first of a customer's records of a kind, once there is one. */
async function first(tab, kind, customer, more = {}) {
  const filter = where({ customer, ...more });
  const { items } = await until(tab, `/records/${kind}?filter=${filter}`, ({ items = [] }) => items.length > 0, `a ${kind}`);
  return items[0];
}

const inState = (tab, kind, id, state) => until(tab, `/records/${kind}/${id}`, (item) => item.data?.state === state, `${kind} to be ${state}`);

/** At night a lead may wait for whoever comes first. */
async function claim(tab, lead) {
  await open(tab, 'leads.lead', lead);
  await agree(tab, '领取');
  await inState(tab, 'leads.lead', lead, 'assigned');
}

/** The consultant calls back, files the customer, and plans what comes next. */
async function answer(tab, lead) {
  await open(tab, 'leads.lead', lead);
  await browser.check(tab, 'path-lead', { full: true });
  await press(tab, '记录联系');
  await enter(tab, '结果', '已接通');
  await enter(tab, '客户怎么说', '周末来试驾，看重空间。');
  await drawer(tab).getByRole('button', { name: '记录联系', exact: true }).click();
  await gone(tab);
  await inState(tab, 'leads.lead', lead, 'contacted');
  // The model and the window the customer has named on the page are there already.
  await act(tab, '留档', { 下一步做什么: '约周末试驾' });
  await inState(tab, 'leads.lead', lead, 'qualified');
}

/** From the customer's page: booked, driven, marked. */
async function drive(admin, tab, customer) {
  await go(tab, `/customers/${customer}`);
  await loaded(tab);
  // The model is the lead's; nobody says it twice.
  await act(tab, '预约试驾', { 开始时间: await clock(tab, 2), '已与客户约定，直接确认': true });
  const { id } = await first(tab, 'testdrive.drive', customer, { state: 'confirmed' });
  await open(tab, 'testdrive.drive', id);
  await act(tab, '到店签到', { 已看驾照原件: true, 准驾车型: 'C1', 初次领证: '2015-06-01', 有效期至: '2031-06-01', 出生日期: '1990-05-20', 试驾协议已签: true });
  await inState(tab, 'testdrive.drive', id, 'checked_in');
  await act(tab, '出发', { 出发里程: 1200 });
  await inState(tab, 'testdrive.drive', id, 'driving');
  await pass(admin, 30);
  await act(tab, '返回', { 返回里程: 1218, 客户说了什么: '空间满意。' });
  await inState(tab, 'testdrive.drive', id, 'done');
  await browser.check(tab, 'path-drive', { full: true });
}

/** A quote within the consultant's own limit, accepted when everything has been told. */
async function quote(tab, customer, model) {
  await go(tab, `/customers/${customer}`);
  await loaded(tab);
  await act(tab, '新建报价', { 车型: model, 车价优惠: 2000, 立即生效: true });
  const { id } = await first(tab, 'quotes.quote', customer, { state: 'active' });
  await open(tab, 'quotes.quote', id);
  await browser.check(tab, 'path-quote', { full: true });
  await act(tab, '客户接受', { 已当面告知: ALL });
  await inState(tab, 'quotes.quote', id, 'accepted');
}

/** The order's steps, by whoever takes them: signed, paid for, a car, checked, handed over. */
async function buy(tab, customer, checker) {
  const { id, data } = await first(tab, 'orders.order', customer);
  const is = (state) => inState(tab, 'orders.order', id, state);
  await open(tab, 'orders.order', id);
  await act(tab, '签约', { 已核验身份证件: true, 合同号: `HT${stamp}`, 承诺交车日: await clock(tab, 0, 'date'), 定金: 10_000, 类型: '现车', 颜色: '白' });
  await is('signed');
  await act(tab, '收款', { 金额: 10_000, 方式: '微信', 收据号: `S1${stamp}` });
  await is('deposit_paid');
  await act(tab, '配车', { 车源: stamp });
  await is('arrived');
  await browser.check(tab, 'path-order', { full: true });
  await open(checker, 'orders.order', id);
  await act(checker, '交车前检测', { 合格: ALL });
  await is('pdi_passed');
  await open(tab, 'orders.order', id);
  await act(tab, '收款', { 金额: data.amount / 100 - 10_000, 方式: '转账', 收据号: `S2${stamp}` });
  await is('fully_paid');
  // What the owner's file lacks is asked for before the keys are handed over, and said.
  await write(tab, 'PATCH', `/records/customer/${customer}`, { data: { address: '武汉市江岸区中山大道 1 号' } });
  await act(tab, '交车', { 已交资料: ALL, 已讲解: ALL, 介绍的服务顾问: '周', 发票号: `F${stamp}`, '里程（公里）': 12 });
  await is('delivered');
  await browser.check(tab, 'path-delivered', { full: true });
}

/** Three days later the call is on the follow-up officer's list, is made, and says how it went. Where days cannot pass the customer calls first. */
async function care(admin, customer) {
  const { id, data } = await first(admin, 'care.call', customer, { kind: 'delivery_3d' });
  // Half an hour after it may be made; nobody is called at night.
  const { now } = await read(admin, '/clock');
  await pass(admin, Math.ceil((Date.parse(data.due_from) - Date.parse(now)) / 60_000) + 30);
  await inState(admin, 'care.call', id, 'due');
  const { context, tab } = await as('d1.wang');
  await go(tab, '/views/care/desk');
  await loaded(tab);
  await tab.getByRole('tab', { name: '交车关怀' }).click();
  const row = tab.locator('.table tbody tr').filter({ hasText: data.number });
  await row.waitFor();
  assert.match(await row.textContent(), /交车 3 天回访/u);
  await browser.check(tab, 'path-calls', { full: true });
  await row.locator('.title-link').click();
  await tab.waitForURL(/\/records\/care\.call\//u);
  await loaded(tab);
  await act(tab, '记录回访', { 结果: '已接通', 客户原话: '会用了，牌照已上好。' });
  await inState(tab, 'care.call', id, 'done');
  await go(tab, '/views/care/desk');
  await loaded(tab);
  await tab.getByRole('tab', { name: '交车关怀' }).click();
  await loaded(tab);
  assert.equal(await row.count(), 0, 'what is done leaves the list');
  await context.close();
}

/** Every step of the way stands on the customer's one timeline, for whoever looks after them. */
async function lookBack(tab, customer) {
  await go(tab, `/customers/${customer}`);
  await loaded(tab);
  const entries = tab.locator('.entries');
  await entries.first().waitFor();
  const older = tab.getByRole('button', { name: /更早/u }).first();
  const rows = entries.locator('li');
  for (let pages = 0; pages < 30 && (await older.count()); pages += 1) {
    const before = await rows.count();
    await older.click();
    for (let tries = 0; tries < 40 && (await rows.count()) === before && (await older.count()); tries += 1) await tab.waitForTimeout(250);
  }
  const told = (await entries.allTextContents()).join(' ');
  for (const step of TOLD) assert.match(told, step, `the timeline tells of ${step.source}`);
}

/** What the timeline says of each step, from the enquiry to the call. */
const TOLD = [/新线索/u, /已联系上/u, /已留档/u, /试驾完成，18 公里/u, /报价生效/u, /客户接受报价/u, /订单已签约/u, /订单交车前检测合格/u, /车款已清/u, /订单已交车/u, /制定了关怀计划/u, /回访完成/u];

export async function walkPath(admin) {
  const model = `C5-${stamp}`;
  await furnish(model);
  await enquire(admin, model);
  const customer = (await until(admin, `/records/customer?filter=${where({ phone: `+86138${stamp}` })}`, ({ items }) => items.length > 0, 'the customer')).items[0].id;
  const lead = await first(admin, 'leads.lead', customer);
  // A mechanic sees the order, not the lead, the quote and the stock behind it, and the order no longer than there is something to check.
  const forget = browser.expect(404, '/api/v1/records/');
  const { context, tab } = await as(lead.data.state === 'pool' ? 'd1.li' : lead.data.owner.replace('-', '.'));
  if (lead.data.state === 'pool') await claim(tab, lead.id);
  await answer(tab, lead.id);
  await drive(admin, tab, customer);
  await quote(tab, customer, model);
  const workshop = await as('d1.tang');
  await buy(tab, customer, workshop.tab);
  await workshop.context.close();
  forget();
  await care(admin, customer);
  await lookBack(tab, customer);
  await browser.check(tab, 'path-timeline', { full: true });
  await context.close();
}
