// Every screen there is: in both languages, in light and dark, and on the smallest phone, with nothing wider than the phone.
import assert from 'node:assert/strict';
import { browser, go, loaded, signIn } from '../tools.mjs';

/** Pages of the core; those of plugins are read from the menu, those of records found in lists. */
const PAGES = [
  '/today', '/customers', '/customers?new=true', '/customers?as=board', '/segments', '/segments/new', '/reviews', '/messages', '/requests', '/imports', '/jobs', '/kinds', '/kinds/customer',
  '/scripts', '/plugins', '/orgs', '/people', '/people/admin', '/teams', '/roles', '/approvals', '/audit', '/retention', '/account', '/policy',
];

async function pages(tab, rich) {
  await go(tab, '/today');
  await loaded(tab);
  await tab.locator('.menu a[href^="/views/"]').first().waitFor();
  const views = await tab.locator('.menu a').evaluateAll((links) => links.map((link) => link.getAttribute('href')).filter((href) => href?.startsWith('/views/')));
  const found = await tab.evaluate(async () => {
    const first = async (kind) => (await (await fetch(`/api/v1/records/${kind}?limit=1`)).json()).items[0]?.id;
    const script = (await (await fetch('/api/v1/scripts')).json()).items[0]?.name;
    const [role, kase, task] = await Promise.all(['role', 'complaints.case', 'worklist.task'].map(first));
    return [role && `/roles/${role}`, kase && `/records/complaints.case/${kase}`, task && `/records/worklist.task/${task}`, script && `/scripts/${script}`, '/plugins/complaints'].filter(Boolean);
  });
  return [...PAGES, ...views, ...found, rich];
}

const nameOf = (path) => path.replace(/^\//u, '').replaceAll(/[/?=.]/gu, '-').slice(0, 40);

export async function walkEverywhere(tab, rich) {
  const all = await pages(tab, rich);
  const dark = () => tab.getByRole('button', { name: /切换到深色|Switch to dark|dark/iu }).first();
  const light = () => tab.getByRole('button', { name: /切换到浅色|light/iu }).first();
  for (const [look, before] of [
    ['zh-light', async () => undefined],
    ['zh-dark', async () => dark().click()],
    ['en-dark', async () => tab.getByText('EN', { exact: true }).click()],
    ['en-light', async () => light().click()],
  ]) {
    await go(tab, '/account');
    await loaded(tab);
    await before();
    for (const path of all) {
      await go(tab, path);
      await loaded(tab);
      await browser.check(tab, `${look}-${nameOf(path)}`);
    }
  }
  await go(tab, '/account');
  await tab.getByText('中文', { exact: true }).click();
}

/** 360 pixels: the narrowest phone people bring to work. */
export async function walkSmall(rich) {
  const { context, tab } = await browser.page({ viewport: { width: 360, height: 740 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true });
  await go(tab, '/login');
  await signIn(tab);
  await tab.waitForURL(/\/today/u);
  await tab.getByRole('button', { name: '打开菜单' }).click();
  const all = await pages(tab, rich).catch(() => [...PAGES, rich]);
  for (const path of all) {
    await go(tab, path);
    await loaded(tab);
    await browser.check(tab, `small-${nameOf(path)}`, { full: true });
    const wide = await tab.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    assert.ok(wide <= 1, `${path} is ${wide} px wider than the phone`);
  }
  await context.close();
}
