// Pictures of the main screens for docs/pictures, from sample data: `cargo xtask pictures`.
// BASE_URL, OUT and STAFF_PASSWORD say where, where to, and who may look.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { open } from './browser.mjs';

const baseUrl = process.env.BASE_URL ?? 'http://127.0.0.1:8080';
const out = process.env.OUT ?? '../docs/pictures';
const password = process.env.STAFF_PASSWORD ?? 'marque-demo';
const SETTLE_MS = 1_800;

await mkdir(out, { recursive: true });
const browser = await open({ baseUrl });

async function as(person, options) {
  const { context, tab } = await browser.page(options);
  await tab.goto(`${baseUrl}/login`);
  await tab.getByLabel(/^(登录名|Login)$/u).fill(person);
  await tab.getByLabel(/^(密码|Password)$/u).fill(password);
  await tab.getByRole('button', { name: /(登录|Sign in)$/u }).click();
  await tab.waitForURL(/\/today/u);
  return { context, tab };
}

async function take(tab, name, path, prepare) {
  await tab.goto(baseUrl + path);
  await tab.getByRole('heading', { level: 1 }).first().waitFor();
  await tab.waitForTimeout(SETTLE_MS);
  await prepare?.();
  await tab.screenshot({ path: join(out, `${name}.png`) });
  console.log(`  ${name}`);
}

/** A customer worth looking at: one with an open complaint. */
const someCustomer = (tab) => tab.evaluate(async () => (await (await fetch('/api/v1/records/complaints.case?limit=1&order=-received_at')).json()).items[0].data.customer);

try {
  const { context, tab } = await as('d1.sun');
  const customer = await someCustomer(tab);
  await take(tab, 'today', '/today');
  await take(tab, 'customers', '/customers');
  await take(tab, 'customer', `/customers/${customer}`);
  await take(tab, 'contact', `/customers/${customer}`, async () => {
    await tab.keyboard.press('l');
    await tab.waitForTimeout(SETTLE_MS);
  });
  await take(tab, 'board', '/views/complaints/board');
  await take(tab, 'report', '/views/complaints/report');
  await take(tab, 'search', '/today', async () => {
    await tab.keyboard.press('Control+k');
    await tab.getByRole('combobox').fill('wang');
    await tab.waitForTimeout(SETTLE_MS);
  });
  await tab.getByRole('button', { name: '关闭' }).first().click().catch(() => tab.keyboard.press('Escape'));
  await tab.goto(`${baseUrl}/account`);
  await tab.getByRole('button', { name: '切换到深色' }).click();
  await take(tab, 'today-dark', '/today');
  await tab.getByText('EN', { exact: true }).click();
  await take(tab, 'report-dark-en', '/views/complaints/report');
  await context.close();
  const phone = await as('d1.wang', { viewport: { width: 360, height: 740 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true });
  await take(phone.tab, 'phone-today', '/today');
  await take(phone.tab, 'phone-customer', `/customers/${customer}`);
  await phone.context.close();
} finally {
  await browser.close();
}
