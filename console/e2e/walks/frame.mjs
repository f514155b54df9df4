// The frame: signing in and out, organisations and people, dark, English, a phone.
import assert from 'node:assert/strict';
import { browser, go, loaded, signIn } from '../tools.mjs';

export async function walkLogin(tab) {
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

export async function walkAdmin(tab) {
  // The addresses of before lead to the pages of now.
  await go(tab, '/records/org');
  await tab.waitForURL(/\/orgs$/u);
  await go(tab, '/records/user');
  await tab.waitForURL(/\/people/u);
  browser.expect(404, '/api/v1/records/user/nobody');
  await go(tab, '/records/user/nobody').catch(() => undefined);
  await tab.getByText('没有找到').first().waitFor();
  await go(tab, '/no/such/page');
  await browser.check(tab, 'not-found');
}

/** What only a phone has: the menu behind a button, and records as cards. Every page on a phone is looked at by `walkSmall`. */
export async function walkPhone() {
  const { context, tab } = await browser.page({ viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true });
  await go(tab, '/login');
  await browser.check(tab, 'phone-login');
  await signIn(tab);
  await tab.waitForURL(/\/today/u);
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
  await context.close();
}

/** A session that ends under one's hands leads to the sign-in page and back. */
export async function walkExpiry(context, tab) {
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
