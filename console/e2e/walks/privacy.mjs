// People's rights over their data: a request with its clocks, a copy, an erasure shown before it is done, retention.
import { browser, go, loaded, makeCustomer, write } from '../tools.mjs';

export async function walkPrivacy(tab) {
  const item = await makeCustomer(tab, { note: '绿绮琴', source: 'walk_in' });
  const name = item.data.name;
  const request = await write(tab, 'POST', '/records/data_request', { data: { customer: item.id, kind: 'delete', wish: '请删除' } });

  await go(tab, '/requests');
  await loaded(tab);
  await tab.getByRole('link', { name: request.data.number }).first().waitFor();
  await browser.check(tab, 'privacy-requests');
  await tab.getByRole('link', { name: request.data.number }).first().click();
  await tab.getByText('先核验请求人身份').waitFor();
  await browser.check(tab, 'privacy-request');

  await write(tab, 'POST', `/records/data_request/${request.id}/moves/process`, { data: { identity_checked: 'in_person' } });
  await go(tab, `/requests/${request.id}`);
  await tab.getByRole('button', { name: `删除“${name}”的个人信息…` }).click();
  await tab.getByText('为统计保留').waitFor();
  await browser.check(tab, 'privacy-erase');
  await tab.getByRole('button', { name: '取 消' }).or(tab.getByRole('button', { name: '取消' })).last().click();

  await go(tab, `/customers/${item.id}`);
  await loaded(tab);
  await tab.getByRole('button', { name: '更多' }).first().click();
  await tab.getByRole('menuitem', { name: '个人信息副本…' }).click();
  const fetched = tab.waitForEvent('download');
  await tab.getByRole('button', { name: /下\s?载/u }).click();
  await fetched;
  await browser.check(tab, 'privacy-copy');
  await tab.getByRole('button', { name: /关\s?闭/u }).last().click();

  await go(tab, `/requests/${request.id}`);
  await tab.getByRole('button', { name: `删除“${name}”的个人信息…` }).click();
  await tab.getByLabel('原因').fill('本人当面要求');
  await tab.getByRole('button', { name: '永久删除' }).click();
  await tab.getByText('个人信息已删除', { exact: true }).waitFor();
  await go(tab, `/customers/${item.id}`);
  await tab.getByText('该客户已注销').waitFor();
  await browser.check(tab, 'privacy-erased');

  await go(tab, '/retention');
  await loaded(tab);
  await tab.getByText('已注销').first().waitFor();
  await browser.check(tab, 'privacy-retention');
}
