// Steps every walk takes: signing in, going somewhere, waiting until it is there.
import { open } from './browser.mjs';

export const baseUrl = process.env.BASE_URL ?? 'http://127.0.0.1:8080';
export const login = process.env.LOGIN ?? 'admin';
export const password = process.env.PASSWORD ?? 'admin';
export const shots = process.env.SHOTS;
/** Tells the records of one run from those of another. */
export let stamp = String(Date.now()).slice(-8);
/** The same within `walk` alone, which is walked again and must not meet what it left the first time. */
export async function stampedAnew(walk) {
  const before = stamp;
  stamp = String(Date.now()).slice(-8);
  await walk().finally(() => { stamp = before; });
}
export const browser = await open({ baseUrl, shots });

/** The password of everybody in the sample data. */
const STAFF = process.env.STAFF_PASSWORD ?? 'marque-demo';

/** A browser of somebody's own, signed in. */
export async function as(person, options = {}) {
  const { context, tab } = await browser.page(options);
  await go(tab, '/login');
  await signIn(tab, STAFF, person);
  await tab.waitForURL(/\/today/u);
  await loaded(tab);
  return { context, tab };
}

export async function signIn(tab, secret = password, person = login) {
  await tab.getByLabel(/^(登录名|Login)$/u).fill(person);
  await tab.getByLabel(/^(密码|Password)$/u).fill(secret);
  // On a busy machine antd's spinner stays a moment longer and is part of the name: "loading 登录".
  await tab.getByRole('button', { name: /(登录|Sign in)$/u }).click();
}

export async function go(tab, path) {
  await tab.goto(baseUrl + path);
  await tab.getByRole('heading', { level: 1 }).first().waitFor();
}

/** Waits until nothing on the page says it is loading. */
export async function loaded(tab) {
  await tab.getByRole('heading', { level: 1 }).first().waitFor();
  await tab.waitForFunction(() => document.querySelectorAll('.loading, .ant-spin-spinning').length === 0, undefined, { timeout: 15_000 });
}

/** A write as the page itself would send it, for what a walk needs to find. */
export async function write(tab, method, path, body) {
  return tab.evaluate(async ([how, where, what]) => {
    const key = Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
    const request = new Request(`/api/v1${where}`, { method: how === 'PATCH' ? 'PATCH' : 'POST', headers: { 'content-type': 'application/json', 'idempotency-key': key }, body: JSON.stringify(what) });
    const response = await fetch(request);
    if (!response.ok) throw new Error(`${how} ${where}: ${response.status} ${await response.text()}`);
    return response.status === 204 ? undefined : response.json();
  }, [method, path, body]);
}

let nextPhone = 0;

/** A customer of this run's own. */
export async function makeCustomer(tab, data) {
  const phone = `137${String(Number(stamp) + 1000 + ++nextPhone).padStart(8, '0').slice(-8)}`;
  return write(tab, 'POST', '/records/customer', { data: { name: `走查${nextPhone}号${stamp}`, phone, ...data } });
}

/** Picks a field in the filter builder, over refs where there are several names. */
export async function pickField(tab, ...names) {
  await tab.getByRole('combobox', { name: '选择字段' }).last().click();
  for (const name of names) await tab.locator('.ant-cascader-dropdown:not(.ant-select-dropdown-hidden) .ant-cascader-menu').last().locator('.ant-cascader-menu-item', { hasText: name }).first().click();
  await tab.keyboard.press('Escape');
}

/** Picks from a select: opens it, scrolls a long list as far as it takes, and clicks the option of that name. */
export async function choose(tab, select, name) {
  const list = tab.locator('.ant-select-dropdown:not(.ant-select-dropdown-hidden):not(.ant-slide-up-leave)');
  const option = list.locator('.ant-select-item-option', { hasText: name }).first();
  for (let tries = 0; tries < 100 && !(await option.isVisible()); tries += 1) {
    if (!(await list.first().isVisible())) {
      // A drawer that is still coming takes the focus, and with it goes what was opened too early.
      await select.click();
      await list.locator('.ant-select-item-option').first().waitFor();
    } else {
      // Less than a window at a time and never faster than it is drawn, or a slow machine would scroll past it; every fiftieth time from the top.
      await list.first().hover({ timeout: 1_000 }).catch(() => {});
      await tab.mouse.wheel(0, tries % 50 === 49 ? -100_000 : 100);
      await tab.evaluate(() => new Promise((done) => { requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 20))); }));
    }
  }
  await option.click();
}
