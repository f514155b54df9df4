// Walks every page of the console in a real browser and fails on anything that should not happen.
// BASE_URL, LOGIN and PASSWORD say where and who; SHOTS is a folder for screenshots.
import { mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import assert from 'node:assert/strict';
import { open } from './browser.mjs';

const baseUrl = process.env.BASE_URL ?? 'http://127.0.0.1:8080';
const login = process.env.LOGIN ?? 'admin';
const password = process.env.PASSWORD ?? 'admin';
const shots = process.env.SHOTS;
const stamp = String(Date.now()).slice(-8);

if (shots) await mkdir(shots, { recursive: true });
const browser = await open({ baseUrl, shots });
browser.expect(401, '/api/v1/session');

async function signIn(tab, secret = password) {
  await tab.getByLabel(/^(登录名|Login)$/u).fill(login);
  await tab.getByLabel(/^(密码|Password)$/u).fill(secret);
  // On a busy machine antd's spinner stays a moment longer and is part of the name: "loading 登录".
  await tab.getByRole('button', { name: /(登录|Sign in)$/u }).click();
}

async function go(tab, path) {
  await tab.goto(baseUrl + path);
  await tab.getByRole('heading', { level: 1 }).first().waitFor();
}

/** Waits until nothing on the page says it is loading. */
async function loaded(tab) {
  await tab.getByRole('heading', { level: 1 }).first().waitFor();
  await tab.waitForFunction(() => document.querySelectorAll('.loading, .ant-spin-spinning').length === 0, undefined, { timeout: 15_000 });
}

async function walkLogin(tab) {
  await go(tab, '/customers?q=x');
  assert.match(tab.url(), /\/login/u, 'a stranger is sent to the sign-in page');
  await browser.check(tab, 'login');
  await tab.getByLabel('登录名').fill('typed before');
  await tab.getByText('EN', { exact: true }).click();
  assert.equal(await tab.getByLabel('Login').inputValue(), 'typed before', 'switching the language keeps what was typed');
  await browser.check(tab, 'login-en');
  await tab.getByText('中文', { exact: true }).click();
  await signIn(tab, 'not the password');
  await tab.getByRole('alert').first().waitFor();
  await browser.check(tab, 'login-refused');
  await signIn(tab);
  await tab.waitForURL(/\/customers\?q=/u);
}

async function walkCustomers(tab) {
  await go(tab, '/customers');
  await loaded(tab);
  await browser.check(tab, 'customers');
  await tab.getByRole('button', { name: '筛选' }).click();
  await tab.getByRole('button', { name: '客户类型' }).click();
  await tab.locator('.filter-options').getByText('车主', { exact: true }).click();
  await browser.check(tab, 'customers-filter');
  await tab.keyboard.press('Escape');
  await tab.waitForURL(/filter=/u);
  await tab.reload();
  await loaded(tab);
  assert.equal(await tab.locator('.chip').count(), 1, 'the filter is in the address');
  await tab.getByRole('button', { name: '选择列' }).click();
  await browser.check(tab, 'customers-columns');
  await tab.keyboard.press('Escape');
  await go(tab, '/customers');
  await loaded(tab);
  const next = tab.getByRole('button', { name: '下一页' });
  if (await next.isEnabled()) {
    await next.click();
    await tab.waitForURL(/cursor=/u);
    await loaded(tab);
    await tab.getByRole('button', { name: '上一页' }).click();
    await tab.waitForURL((url) => !url.search.includes('cursor='));
  }
  await tab.getByRole('searchbox', { name: '在列表中搜索' }).fill('没有这个人');
  await tab.getByText('没有符合条件的数据').waitFor();
  await browser.check(tab, 'customers-none');
}

async function createCustomer(tab) {
  browser.expect(400, '/api/v1/records/customer');
  await go(tab, '/customers?new=true');
  const drawer = tab.getByRole('dialog');
  await drawer.getByLabel('姓名').fill(`测试${stamp}`);
  await drawer.getByLabel('手机', { exact: true }).fill('12345');
  await drawer.getByRole('button', { name: '创建' }).click();
  await drawer.locator('.ant-form-item-explain-error').first().waitFor();
  await browser.check(tab, 'customer-new-refused');
  await drawer.getByLabel('手机', { exact: true }).fill(`139${stamp}`);
  await drawer.getByRole('button', { name: '创建' }).click();
  await tab.waitForURL(/\/customers\/.+/u);
  await loaded(tab);
  await tab.getByRole('heading', { level: 1, name: `测试${stamp}` }).waitFor();
  return tab.url().slice(baseUrl.length);
}

async function walkCustomer(tab, path) {
  await go(tab, path);
  await loaded(tab);
  await tab.locator('.entry').first().waitFor();
  await tab.getByRole('button', { name: '编辑城市' }).click();
  await tab.getByRole('form').or(tab.locator('.inline-editor')).first().getByLabel('城市').fill('景德镇');
  await tab.keyboard.press('Enter');
  await tab.getByText('景德镇').first().waitFor();
  // The timeline follows by the event stream, without a reload.
  await tab.locator('.entries').getByText('景德镇').first().waitFor();
  await browser.check(tab, 'customer', { full: true });
  await tab.getByRole('tab', { name: '修改历史' }).click();
  await tab.getByText('第 2 版').waitFor();
  await browser.check(tab, 'customer-history');
}

/** Two tabs on one customer: the second to save is told, and decides. */
async function collide(context, tab, path) {
  browser.expect(412, '/api/v1/records/customer');
  const other = await context.newPage();
  await go(other, path);
  await go(tab, path);
  await loaded(tab);
  await tab.getByRole('button', { name: '编辑地址' }).click();
  await tab.locator('.inline-editor').getByLabel('地址').fill('我写的地址');
  await other.getByRole('button', { name: '编辑来源' }).click();
  await other.locator('.inline-editor').getByLabel('来源').fill('车展');
  await other.keyboard.press('Enter');
  await other.getByText('车展').first().waitFor();
  await other.close();
  // The other tab's change arrives here by the event stream, while the editor stays open.
  await tab.locator('.entries').getByText('车展').waitFor();
  await tab.locator('.inline-editor').getByLabel('保存').click();
  await tab.locator('.stale').waitFor();
  await browser.check(tab, 'customer-stale');
  await tab.getByRole('button', { name: '用我的覆盖' }).click();
  await tab.getByText('我写的地址').first().waitFor();
}

async function lookAt(tab, path) {
  await go(tab, path);
  await loaded(tab);
  await tab.waitForTimeout(800);
  await browser.check(tab, 'customer-rich', { full: true });
}

async function walkPalette(tab) {
  await go(tab, '/customers');
  await tab.keyboard.press('Control+k');
  await tab.getByRole('combobox', { name: '搜索' }).fill(`测试${stamp}`);
  await tab.getByRole('option').filter({ hasText: `测试${stamp}` }).waitFor();
  await browser.check(tab, 'palette');
  await tab.keyboard.press('Enter');
  await tab.getByRole('heading', { level: 1, name: `测试${stamp}` }).waitFor();
}

/** Every entry of the side menu that a plugin brought, and the first record of its list. */
async function walkScreens(tab) {
  await go(tab, '/customers');
  await loaded(tab);
  await tab.waitForTimeout(800);
  const paths = await tab.locator('.menu a').evaluateAll((links) => links.map((link) => link.getAttribute('href')).filter((href) => href?.startsWith('/views/')));
  for (const path of paths) {
    const name = path.slice('/views/'.length).replaceAll('/', '-');
    await go(tab, path);
    await loaded(tab);
    await browser.check(tab, `view-${name}`);
    const add = tab.locator('.page-actions button').first();
    if (await add.count()) {
      await add.click();
      await tab.getByRole('dialog').waitFor();
      await browser.check(tab, `view-${name}-form`);
      await tab.keyboard.press('Escape');
    }
    const row = tab.locator('tr.ant-table-row .title-link').first();
    if (await row.count()) {
      await row.click();
      await tab.waitForURL(/\/records\//u);
      await loaded(tab);
      await tab.waitForTimeout(500);
      await browser.check(tab, `view-${name}-record`, { full: true });
      const why = tab.locator('.why').first();
      if (await why.count()) {
        await why.click();
        await tab.locator('.receipt').waitFor();
        await browser.check(tab, `view-${name}-why`);
        await tab.keyboard.press('Escape');
      }
    }
  }
}

/** A form and an action of a plugin, on a customer’s page and on the record made there; refused first, then filled in. */
async function walkActions(tab, path) {
  await go(tab, path);
  await loaded(tab);
  const raise = tab.locator('.page-actions button', { hasText: '登记投诉' });
  if (!(await raise.count())) return;
  browser.expect(400, '/actions/');
  await raise.click();
  const drawer = tab.getByRole('dialog');
  await drawer.getByRole('button', { name: '登记投诉' }).click();
  await drawer.locator('.ant-form-item-explain-error').first().waitFor();
  await browser.check(tab, 'action-refused');
  await drawer.getByLabel('客户原话').fill('刹车踩下去没反应，要求检测。');
  await drawer.getByRole('button', { name: '登记投诉' }).click();
  await drawer.waitFor({ state: 'hidden' });
  const made = tab.locator('.banner a').first();
  await made.waitFor();
  await browser.check(tab, 'customer-banner', { full: true });
  await made.click();
  await tab.waitForURL(/\/records\//u);
  await loaded(tab);
  await tab.locator('.clock-card').first().waitFor();
  const words = () => tab.locator('.clock-card-words').first().textContent();
  const before = await words();
  const accept = tab.locator('.page-actions button', { hasText: '受理' });
  await accept.click();
  await tab.getByRole('dialog').getByRole('button', { name: '受理' }).click();
  await tab.getByRole('dialog').waitFor({ state: 'hidden' });
  await tab.locator('.page-header .tone', { hasText: '已受理' }).waitFor();
  await browser.check(tab, 'action-done', { full: true });
  assert.notEqual(await words(), before, 'the clock of a step that was met stops');
}

async function walkImport(tab) {
  const csv = join(tmpdir(), `marque-import-${stamp}.csv`);
  const phones = Array.from({ length: 60 }, (_, n) => `138${String(Number(stamp) + n).padStart(8, '0').slice(-8)}`);
  const lines = phones.map((phone, n) => `导入${n},${n % 12 === 0 ? '12' : phone},武汉,星海 S7`);
  await writeFile(csv, `姓名,手机号码,所在城市,意向车型\r\n${[...lines, lines[1]].join('\r\n')}\r\n`);
  await go(tab, '/imports');
  await browser.check(tab, 'import');
  await tab.locator('input[type=file]').first().setInputFiles(csv);
  await tab.getByText(/已识别/u).waitFor();
  await browser.check(tab, 'import-map');
  await tab.getByRole('button', { name: '开始预览' }).click();
  await tab.waitForURL(/preview=/u);
  await tab.getByRole('button', { name: /确认导入/u }).waitFor({ timeout: 30_000 });
  await browser.check(tab, 'import-preview', { full: true });
  const [download] = await Promise.all([tab.waitForEvent('download'), tab.getByRole('button', { name: '下载问题清单' }).click()]);
  assert.match(download.suggestedFilename(), /\.csv$/u);
  // A reload between preview and import loses nothing.
  await tab.reload();
  await tab.getByRole('button', { name: /确认导入/u }).click();
  await tab.waitForURL(/apply=/u);
  await tab.getByText('导入完成').waitFor({ timeout: 30_000 });
  await browser.check(tab, 'import-done', { full: true });
}

async function walkPlugins(tab) {
  browser.expect(400, '/api/v1/plugins');
  await go(tab, '/plugins');
  await tab.locator('.plugin-card').first().waitFor();
  await browser.check(tab, 'plugins');
  const bad = join(tmpdir(), `marque-bad-${stamp}.mpk`);
  await writeFile(bad, 'this is no package');
  await tab.locator('input[type=file]').first().setInputFiles(bad);
  await tab.getByText('插件包没有安装').waitFor();
  await browser.check(tab, 'plugins-refused');
  const names = await tab.locator('.plugin-card h2 a').evaluateAll((links) => links.map((link) => link.getAttribute('href')));
  for (const path of names.slice(0, 2)) {
    const name = path.split('/').at(-1);
    for (const panel of ['rights', 'settings', 'logs', 'parked']) {
      await go(tab, `${path}?tab=${panel}`);
      await loaded(tab);
      await browser.check(tab, `plugin-${name}-${panel}`);
    }
  }
}

async function walkScripts(tab) {
  await go(tab, '/scripts');
  await loaded(tab);
  await browser.check(tab, 'scripts');
  const row = tab.locator('.script-row').first();
  if (!(await row.count())) return;
  await row.click();
  await tab.locator('.cm-content').first().waitFor();
  await loaded(tab);
  await browser.check(tab, 'script', { full: true });
  const editor = tab.locator('.cm-content').first();
  await editor.click();
  await tab.keyboard.press('Control+End');
  await tab.keyboard.insertText('\nfn broken( {\n');
  await tab.getByText('有未保存的修改').waitFor();
  await tab.getByRole('button', { name: '检查' }).click();
  await tab.locator('.problems li').first().waitFor();
  await tab.locator('.cm-lintRange-error, .cm-lint-marker-error').first().waitFor();
  await browser.check(tab, 'script-problem');
  await tab.getByRole('button', { name: '从内置规则重新开始' }).click();
  await tab.getByRole('button', { name: '检查' }).click();
  await tab.getByText(/检查通过/u).waitFor();
  await tab.getByRole('button', { name: '发布' }).click();
  await tab.getByRole('dialog').getByRole('button', { name: '发布' }).click();
  await tab.getByText('已发布', { exact: true }).first().waitFor();
  for (const panel of ['参数', '输入与结果', '版本']) {
    await tab.getByRole('tab', { name: panel }).click();
    await tab.waitForTimeout(300);
  }
  await tab.locator('.versions li').first().waitFor();
  await browser.check(tab, 'script-versions', { full: true });
  await tab.getByRole('button', { name: '回退' }).click();
  await tab.getByRole('dialog').getByRole('button', { name: '回退' }).click();
  await tab.getByText('已回退').waitFor();
}

async function walkAdmin(tab) {
  for (const kind of ['org', 'user']) {
    await go(tab, `/records/${kind}`);
    await loaded(tab);
    await browser.check(tab, kind);
    await tab.locator('tr.ant-table-row .title-link').first().click();
    await tab.waitForURL(new RegExp(`/records/${kind}/`, 'u'));
    await loaded(tab);
    await browser.check(tab, `${kind}-record`);
  }
  browser.expect(404, '/api/v1/records/user/nobody');
  await go(tab, '/records/user/nobody').catch(() => undefined);
  await tab.getByText('没有找到').first().waitFor();
  await go(tab, '/no/such/page');
  await browser.check(tab, 'not-found');
}

async function walkDark(tab, path) {
  await go(tab, '/customers');
  await tab.getByRole('button', { name: '切换到深色' }).click();
  for (const [name, page] of [['customers', '/customers'], ['customer', path], ['plugins', '/plugins'], ['imports', '/imports'], ['scripts', '/scripts']]) {
    await go(tab, page);
    await loaded(tab);
    await tab.waitForTimeout(400);
    await browser.check(tab, `dark-${name}`);
  }
  await tab.locator('.menu a[href^="/views/"]').first().click();
  await loaded(tab);
  await browser.check(tab, 'dark-view');
  await tab.getByRole('button', { name: '切换到浅色' }).click();
}

async function walkEnglish(tab, path) {
  await go(tab, path);
  await tab.getByText('EN', { exact: true }).click();
  await tab.getByRole('link', { name: 'Customers', exact: true }).waitFor();
  for (const [name, page] of [['customer', path], ['customers', '/customers'], ['plugins', '/plugins'], ['scripts', '/scripts']]) {
    await go(tab, page);
    await loaded(tab);
    await browser.check(tab, `en-${name}`);
  }
  await tab.getByText('中文', { exact: true }).click();
}

async function walkPhone(path) {
  const { context, tab } = await browser.page({ viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true });
  await go(tab, '/login');
  await browser.check(tab, 'phone-login');
  await signIn(tab);
  await tab.waitForURL(/\/customers/u);
  await loaded(tab);
  await browser.check(tab, 'phone-customers');
  await tab.getByRole('button', { name: '打开菜单' }).click();
  await browser.check(tab, 'phone-menu');
  await tab.locator('.drawer-menu a[href^="/views/"]').first().click();
  await loaded(tab);
  await browser.check(tab, 'phone-view');
  const card = tab.locator('.card .title-link').first();
  if (await card.count()) {
    await card.click();
    await loaded(tab);
    await browser.check(tab, 'phone-record', { full: true });
  }
  await go(tab, path);
  await loaded(tab);
  await browser.check(tab, 'phone-customer', { full: true });
  const wide = await tab.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.ok(wide <= 1, `the customer page is ${wide} px wider than the phone`);
  await context.close();
}

/** A session that ends under one's hands leads to the sign-in page and back. */
async function walkExpiry(context, tab) {
  browser.expect(401, '/api/v1/');
  await go(tab, '/plugins');
  await context.clearCookies();
  await tab.locator('.menu a[href="/scripts"]').click();
  await tab.waitForURL(/\/login/u);
  await tab.getByText('登录已过期').waitFor();
  await browser.check(tab, 'login-ended');
  await signIn(tab);
  await tab.waitForURL((url) => !url.pathname.startsWith('/login'));
  await tab.getByRole('button', { name: /当前用户/u }).click();
  await tab.getByText('退出登录').click();
  await tab.waitForURL(/\/login/u);
}

try {
  const { context, tab } = await browser.page();
  await walkLogin(tab);
  const path = await createCustomer(tab);
  // CUSTOMER names a richer customer to look at than the one made here.
  const rich = process.env.CUSTOMER ?? path;
  const walks = {
    customers: () => walkCustomers(tab),
    customer: () => walkCustomer(tab, path),
    collide: () => collide(context, tab, path),
    palette: () => walkPalette(tab),
    screens: () => walkScreens(tab),
    actions: () => walkActions(tab, path),
    import: () => walkImport(tab),
    plugins: () => walkPlugins(tab),
    scripts: () => walkScripts(tab),
    admin: () => walkAdmin(tab),
    rich: () => lookAt(tab, rich),
    dark: () => walkDark(tab, rich),
    english: () => walkEnglish(tab, rich),
    phone: () => walkPhone(rich),
    expiry: () => walkExpiry(context, tab),
  };
  // ONLY=scripts,phone walks those alone, while working on them.
  const only = process.env.ONLY?.split(',');
  for (const [name, walk] of Object.entries(walks)) {
    if (!only || only.includes(name)) await walk();
  }
  if (shots) console.log(`screenshots in ${shots}`);
} catch (error) {
  browser.faults.push(`the walk stopped: ${error.stack}`);
} finally {
  await browser.close();
}
for (const fault of new Set(browser.faults)) console.error(`FAULT ${fault}`);
console.log(browser.faults.length === 0 ? 'every page is clean' : `${new Set(browser.faults).size} faults`);
process.exit(browser.faults.length === 0 ? 0 : 1);
