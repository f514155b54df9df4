// One's own account: a token held to little, one-time codes switched on, asked for at the door, and switched off again.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { browser, go, loaded, password, signIn } from '../tools.mjs';

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** What an authenticator app would show (RFC 6238), some steps from now. */
function codeOf(secret, steps = 0) {
  const bits = [...secret].map((letter) => LETTERS.indexOf(letter).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from(bits.match(/.{8}/gu).map((byte) => Number.parseInt(byte, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + steps));
  const tag = createHmac('sha1', key).update(step).digest();
  return String((tag.readUInt32BE(tag[19] & 15) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

const panel = (tab, title) => tab.locator('.panel', { has: tab.getByRole('heading', { name: title }) });

async function walkToken(tab) {
  await tab.getByRole('button', { name: '新建令牌' }).click();
  await tab.getByLabel('名称').fill('走查');
  await tab.getByLabel('允许的地址').fill('10.0.0.0/33');
  await browser.check(tab, 'account-token');
  browser.expect(400, '/api/v1/tokens');
  await tab.getByRole('button', { name: /创\s*建$/u }).click();
  await tab.getByText('这不是 IP 地址或网段').first().waitFor();
  await tab.getByLabel('允许的地址').fill('10.0.0.0/8');
  await tab.getByRole('button', { name: /创\s*建$/u }).click();
  await tab.getByText(/^mq_/u).waitFor();
  await panel(tab, '接口令牌').getByText('read:*').waitFor();
  await browser.check(tab, 'account-token-made');
  await panel(tab, '接口令牌').getByRole('button', { name: /^结\s*束$/u }).click();
  await tab.getByRole('button', { name: /确\s*定|OK/u }).click();
  await tab.getByText('还没有令牌').waitFor();
}

async function switchOn(tab) {
  await tab.getByRole('button', { name: '开启两步验证' }).click();
  await tab.getByRole('dialog').getByLabel('当前密码').fill(password);
  await browser.check(tab, 'account-codes-prove');
  await tab.getByRole('dialog').getByRole('button', { name: '开启两步验证' }).click();
  const secret = (await tab.locator('.secret').innerText()).replaceAll(/\s/gu, '');
  await tab.locator('.codes svg').waitFor();
  browser.expect(400, '/api/v1/account/totp/confirm');
  await tab.getByLabel('验证码').fill('000000');
  await tab.getByRole('button', { name: '确认开启' }).click();
  await tab.getByText('验证码不对或已用过，请等下一个。').waitFor();
  await browser.check(tab, 'account-codes');
  await tab.getByLabel('验证码').fill(codeOf(secret));
  await tab.getByRole('button', { name: '确认开启' }).click();
  await tab.locator('.recovery code').first().waitFor();
  const recovery = await tab.locator('.recovery code').allInnerTexts();
  assert.equal(recovery.length, 10);
  await browser.check(tab, 'account-recovery');
  await tab.getByRole('button', { name: '已保存好' }).click();
  await tab.getByText('还剩 10 个恢复码').waitFor();
  return { secret, recovery };
}

export async function walkAccount(tab) {
  // The session is ended under the page.
  const isOver = browser.expect(401, '/api/v1/');
  await go(tab, '/account');
  await loaded(tab);
  await browser.check(tab, 'account', { full: true });
  browser.expect(400, '/api/v1/account/password');
  await tab.getByLabel('当前密码').fill(password);
  await tab.getByLabel('新密码', { exact: true }).fill('password1');
  await tab.getByLabel('再输一次新密码').fill('password1');
  await tab.getByRole('button', { name: '修改密码' }).click();
  await tab.getByText(/这个密码太常见/u).waitFor();
  await walkToken(tab);
  const { secret, recovery } = await switchOn(tab);
  await tab.evaluate(() => fetch('/api/v1/session', { method: 'DELETE' }));
  await go(tab, '/login');
  await signIn(tab);
  await tab.getByLabel('验证码').waitFor();
  await browser.check(tab, 'login-code');
  await tab.getByLabel('验证码').fill(codeOf(secret, 1));
  await tab.getByRole('button', { name: /登录$/u }).click();
  await tab.waitForURL(/\/today/u);
  await tab.evaluate(() => fetch('/api/v1/session', { method: 'DELETE' }));
  await go(tab, '/login');
  await signIn(tab);
  await tab.getByRole('button', { name: '手机不在身边？使用恢复码' }).click();
  await tab.getByLabel('恢复码').fill(recovery[0]);
  await browser.check(tab, 'login-recovery');
  await tab.getByRole('button', { name: /登录$/u }).click();
  await tab.waitForURL(/\/today/u);
  isOver();
  await go(tab, '/account');
  await tab.getByText('还剩 9 个恢复码').waitFor();
  await tab.getByRole('button', { name: '关闭两步验证' }).click();
  await tab.getByRole('dialog').getByLabel('当前密码').fill(password);
  await tab.getByRole('dialog').getByRole('button', { name: '关闭两步验证' }).click();
  await tab.getByRole('button', { name: '开启两步验证' }).waitFor();
}
