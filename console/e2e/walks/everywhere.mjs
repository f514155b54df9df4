// Every screen there is: in both languages, in light and dark, and on the smallest phone, with nothing wider than the phone.
import assert from 'node:assert/strict';
import { as, browser, go, loaded, signIn } from '../tools.mjs';

/** Pages of the core; those of plugins are read from the menu, those of records found in lists. */
const PAGES = [
  '/today', '/customers', '/customers?new=true', '/customers?as=board', '/segments', '/segments/new', '/reviews', '/messages', '/requests', '/imports', '/jobs', '/kinds', '/kinds/customer',
  '/scripts', '/plugins', '/orgs', '/people', '/people/admin', '/teams', '/roles', '/roles/new', '/approvals', '/audit', '/retention', '/account', '/policy',
];

/** 360 pixels: the narrowest phone people bring to work. */
const PHONE = { viewport: { width: 360, height: 740 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true };

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

/** The looks a page is seen in: each language and each theme, with what leads from the first to the second. */
const LOOKS = [
  ['zh-light', undefined],
  ['en-dark', async (tab) => {
    await tab.getByRole('button', { name: '切换到深色' }).click();
    await tab.locator('.top').getByText('EN', { exact: true }).click();
    await tab.getByRole('link', { name: 'Customers', exact: true }).waitFor();
  }],
];

/** Back to the first look. */
async function asBefore(tab) {
  await tab.getByRole('button', { name: 'Switch to light' }).click();
  await tab.locator('.top').getByText('中文', { exact: true }).click();
  await tab.getByRole('link', { name: '客户', exact: true }).waitFor();
}

/** Opened once, then seen in every look: what changes is the page that stands, as it does for people. */
export async function walkEverywhere(tab, rich) {
  for (const path of await pages(tab, rich)) {
    await go(tab, path);
    await loaded(tab);
    // What lies over a page keeps its switches from the mouse; such a page is opened in each look.
    const isCovered = path.includes('new=true');
    if (isCovered) await tab.locator('.ant-drawer-open').waitFor();
    for (const [look, change] of LOOKS) {
      if (isCovered && change) {
        await go(tab, '/account');
        await change(tab);
        await go(tab, path);
      } else await change?.(tab);
      await loaded(tab);
      await browser.check(tab, `${look}-${nameOf(path)}`);
    }
    if (isCovered) await go(tab, '/account');
    await asBefore(tab);
  }
}

/** Every page on the phone, with nothing wider than it. */
export async function walkSmall(rich) {
  const { context, tab } = await browser.page(PHONE);
  await go(tab, '/login');
  await signIn(tab);
  await tab.waitForURL(/\/today/u);
  await tab.getByRole('button', { name: '打开菜单' }).click();
  const all = await pages(tab, rich).catch(() => [...PAGES, rich]);
  const { id, org } = await tab.evaluate(async () => (await (await fetch('/api/v1/session')).json()).user);
  for (const path of [...all, `/orgs?id=${org.id}`, ...['', '?tab=work', '?tab=sessions', '?tab=sees'].map((part) => `/people/${id}${part}`)]) {
    await go(tab, path);
    await fits(tab, path);
  }
  await context.close();
}

async function fits(tab, path, name = nameOf(path)) {
  await loaded(tab);
  await browser.check(tab, `small-${name}`, { full: true });
  const wide = await tab.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.ok(wide <= 1, `${path} is ${wide} px wider than the phone`);
}

/** What is left today, on the phone of a consultant, an officer and a manager: it fits, and leads to the work. */
export async function walkSmallDays() {
  for (const person of ['d1.li', 'd1.wang', 'd1.sun']) {
    const { context, tab } = await as(person, PHONE);
    await tab.locator('.today-cards .panel').first().waitFor();
    await fits(tab, '/today', `today-${person.replace('.', '-')}`);
    const link = tab.locator('#content a').first();
    const path = await link.getAttribute('href');
    await link.click();
    await tab.waitForURL((url) => !url.pathname.startsWith('/today'));
    await fits(tab, path, `today-${person.replace('.', '-')}-work`);
    await context.close();
  }
}
