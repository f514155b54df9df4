// Customers: list, a new one, the page, two tabs on one record, the search box.
import assert from 'node:assert/strict';
import { baseUrl, browser, choose, go, loaded, makeCustomer, stamp, write } from '../tools.mjs';

export async function walkCustomers(tab) {
  await go(tab, '/customers');
  await loaded(tab);
  await browser.check(tab, 'customers');
  await tab.getByRole('button', { name: '筛选' }).click();
  await tab.getByRole('button', { name: '客户类型', exact: true }).last().click();
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

export async function createCustomer(tab) {
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

export async function walkCustomer(tab, path) {
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

/** A message by a template, which goes out; one that consent stops, said before and after. */
export async function walkWriting(tab) {
  const label = `走查取车通知${stamp}`;
  const { id } = await write(tab, 'POST', '/records/template', { data: { name: `walk.ready${stamp}`, label, purpose: 'serve', channels: ['letter', 'sms'], values: ['plate'], body_zh: '{customer.name|客户}，您的 {plate} 可以取车了。' } });
  await write(tab, 'POST', `/records/template/${id}/moves/activate`, {});
  const customer = await makeCustomer(tab, {});
  await go(tab, `/customers/${customer.id}`);
  await loaded(tab);
  await tab.getByRole('button', { name: '发消息' }).click();
  const drawer = tab.getByRole('dialog');
  // A letter of service wakes nobody and may always go, whatever the hour of the walk.
  await drawer.getByText('信函', { exact: true }).click();
  await drawer.getByText('现在可以发送').waitFor();
  await choose(tab, drawer.getByRole('combobox', { name: '模板' }), label);
  await drawer.getByLabel('plate').fill('湘A90256');
  await drawer.getByText(`${customer.data.name}，您的 湘A90256 可以取车了。`).waitFor();
  await browser.check(tab, 'compose-template');
  await drawer.getByRole('button', { name: '发送' }).click();
  await drawer.getByRole('button', { name: '再写一条' }).waitFor();
  await drawer.getByText('正在核对同意并发送…').waitFor({ state: 'detached' });
  const { items: [letter] } = await tab.evaluate((of) => fetch(`/api/v1/outbound?customer=${of}`).then((answer) => answer.json()), customer.id);
  assert.equal(letter.data.body, `${customer.data.name}，您的 湘A90256 可以取车了。`, 'what was read is what was sent');
  assert.match(letter.data.template_version, new RegExp(`^${id}@`, 'u'));
  await browser.check(tab, 'compose-sent');
  await drawer.getByRole('button', { name: '再写一条' }).click();
  await drawer.getByText('短信', { exact: true }).click();
  await drawer.getByText('营销推广', { exact: true }).click();
  await drawer.getByText('现在发送会被拦截：未取得同意').waitFor();
  await drawer.getByLabel('正文').fill('春季保养特惠，到店即享。');
  await browser.check(tab, 'compose-stopped');
  await drawer.getByRole('button', { name: '仍然提交' }).click();
  await drawer.getByText('没有发出：未取得同意。').waitFor();
  await browser.check(tab, 'compose-suppressed');
  await drawer.getByRole('button', { name: /关闭|close/iu }).first().click();
}

/** Two tabs on one customer: the second to save is told, and decides. */
export async function collide(context, tab, path) {
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

export async function lookAt(tab, path) {
  await go(tab, path);
  await loaded(tab);
  await browser.check(tab, 'customer-rich', { full: true });
}

export async function walkPalette(tab) {
  await go(tab, '/customers');
  await tab.keyboard.press('Control+k');
  await tab.getByRole('combobox', { name: '搜索' }).fill(`测试${stamp}`);
  await tab.getByRole('option').filter({ hasText: `测试${stamp}` }).waitFor();
  await browser.check(tab, 'palette');
  await tab.keyboard.press('Enter');
  await tab.getByRole('heading', { level: 1, name: `测试${stamp}` }).waitFor();
}

/** A value that is doubtful but possible is asked about, and kept with the reason. */
export async function walkDoubts(tab) {
  browser.expect(400, '/api/v1/records/customer');
  await go(tab, '/customers?new=true');
  const drawer = tab.getByRole('dialog');
  await drawer.getByLabel('姓名').fill(`公司${stamp}`);
  await drawer.getByLabel('手机', { exact: true }).fill(`136${stamp}`);
  await drawer.getByLabel('统一社会信用代码').fill('91420100MA4KXY3N01');
  await drawer.getByRole('button', { name: '创建' }).click();
  const reason = drawer.getByLabel('统一社会信用代码：为什么仍然这样填');
  await reason.waitFor();
  await browser.check(tab, 'customer-doubt');
  await reason.fill('营业执照原件核对无误');
  await drawer.getByRole('button', { name: '看看会发生什么' }).click();
  await drawer.locator('.dry-run').waitFor();
  await browser.check(tab, 'customer-dry-run');
  await drawer.getByRole('button', { name: '创建' }).click();
  await tab.waitForURL(/\/customers\/.+/u);
  await loaded(tab);
  await tab.getByRole('tab', { name: '修改历史' }).click();
  await tab.getByText('营业执照原件核对无误').waitFor();
}
