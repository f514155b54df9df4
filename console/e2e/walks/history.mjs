// Looking back at a record, taking changes back, bringing it back from removal; files.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { browser, go, loaded, makeCustomer, stamp, write } from '../tools.mjs';

export async function walkHistory(tab) {
  const { id } = await makeCustomer(tab, { city: '武汉', address: '一号' });
  await write(tab, 'PATCH', `/records/customer/${id}`, { data: { city: '长沙', address: '二号' }, why: '客户来电更正' });
  await write(tab, 'PATCH', `/records/customer/${id}`, { data: { city: '杭州' } });
  await go(tab, `/customers/${id}`);
  await loaded(tab);
  await tab.getByRole('tab', { name: '修改历史' }).click();
  await tab.getByText('客户来电更正').waitFor();
  await browser.check(tab, 'history', { full: true });
  await tab.getByRole('button', { name: '查看此版' }).last().click();
  await tab.getByText('与现在相比，有 2 个字段不同。').waitFor();
  await browser.check(tab, 'history-as-of');
  await tab.getByRole('button', { name: '下一版' }).click();
  await tab.getByText('与现在相比，有 1 个字段不同。').waitFor();
  await tab.keyboard.press('Escape');
  await tab.locator('.ant-drawer').waitFor({ state: 'hidden' });
  // The city was changed again since: it is told, and only the address goes back.
  browser.expect(409, '/undo');
  await tab.locator('.entry', { hasText: '第 2 版' }).getByRole('button', { name: '撤销此次修改' }).click();
  const dialog = tab.getByRole('dialog');
  await dialog.getByRole('button', { name: '撤销此次修改' }).click();
  await dialog.getByText('有字段之后又被改过').waitFor();
  await browser.check(tab, 'history-conflict');
  await dialog.getByRole('button', { name: '撤销此次修改' }).click();
  await dialog.waitFor({ state: 'hidden' });
  await tab.getByText('第 4 版').waitFor();
  await tab.locator('.field', { hasText: '地址' }).getByText('一号').waitFor();
}

export async function walkFiles(tab, path) {
  const file = join(tmpdir(), `marque-file-${stamp}.txt`);
  await writeFile(file, '行驶证复印件');
  await go(tab, path);
  await loaded(tab);
  await tab.getByRole('tab', { name: '附件' }).click();
  await tab.locator('input[type=file]').first().setInputFiles(file);
  const link = tab.getByRole('link', { name: `marque-file-${stamp}.txt` });
  await link.waitFor();
  await browser.check(tab, 'files');
  const [download] = await Promise.all([tab.waitForEvent('download'), link.click()]);
  assert.equal(download.suggestedFilename(), `marque-file-${stamp}.txt`);
  await tab.getByRole('button', { name: `删除附件marque-file-${stamp}.txt` }).click();
  await tab.getByRole('dialog').getByRole('button', { name: '删除' }).click();
  await link.waitFor({ state: 'detached' });
}

export async function walkRemoved(tab) {
  browser.expect(404, '/api/v1/records/customer/');
  const { id, data } = await makeCustomer(tab, {});
  await go(tab, `/customers/${id}`);
  await loaded(tab);
  await tab.getByRole('button', { name: '更多' }).click();
  await tab.getByRole('menuitem', { name: /(^|\s)删除$/u }).click();
  await tab.getByRole('dialog').getByRole('button', { name: '删除' }).click();
  await tab.waitForURL(/\/customers(\?|$)/u);
  await go(tab, `/customers/${id}`);
  await tab.getByText('这条记录已被删除').waitFor();
  await browser.check(tab, 'record-removed');
  await tab.getByRole('button', { name: '恢复记录' }).click();
  await tab.getByRole('heading', { level: 1, name: data.name }).waitFor();
}
