// Imports: preview, what is set off, apply, undo; the list of jobs.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { browser, go, loaded, stamp } from '../tools.mjs';

export async function walkImport(tab) {
  const csv = join(tmpdir(), `marque-import-${stamp}.csv`);
  const phones = Array.from({ length: 60 }, (_, n) => `138${String(Number(stamp) + n).padStart(8, '0').slice(-8)}`);
  const lines = phones.map((phone, n) => `导入${n},${n % 12 === 0 ? '12' : phone},武汉,星海 S7`);
  await writeFile(csv, `姓名,手机号码,所在城市,意向车型\r\n${[...lines, lines[1]].join('\r\n')}\r\n`);
  await go(tab, '/imports');
  await browser.check(tab, 'import');
  await tab.locator('input[type=file]').first().setInputFiles(csv);
  await tab.getByText(/已识别/u).waitFor();
  await browser.check(tab, 'import-map');
  await tab.getByRole('button', { name: '保存这个对应' }).click();
  await tab.getByLabel('名称', { exact: true }).fill(`对应${stamp}`);
  await tab.getByRole('dialog').getByRole('button', { name: '保存' }).click();
  await tab.getByRole('dialog').waitFor({ state: 'hidden' });
  await tab.getByRole('button', { name: '开始预览' }).click();
  await tab.waitForURL(/preview=/u);
  await tab.getByRole('button', { name: /确认导入/u }).waitFor({ timeout: 30_000 });
  await browser.check(tab, 'import-preview', { full: true });
  const [download] = await Promise.all([tab.waitForEvent('download'), tab.getByRole('button', { name: '下载问题清单' }).click()]);
  assert.match(download.suggestedFilename(), /\.csv$/u);
  // A reload between preview and import loses nothing.
  await tab.reload();
  await tab.getByRole('radio', { name: /先扣住/u }).check();
  await tab.getByRole('button', { name: /确认导入/u }).click();
  await tab.waitForURL(/apply=/u);
  await tab.getByText('导入完成').waitFor({ timeout: 30_000 });
  await browser.check(tab, 'import-done', { full: true });
  const release = tab.getByRole('button', { name: '放行' });
  if (await release.count()) await release.click();
  await tab.getByRole('button', { name: '撤销导入' }).click();
  await tab.getByRole('dialog').getByRole('button', { name: '撤销导入' }).click();
  await tab.getByText('这次导入已撤销').waitFor({ timeout: 30_000 });
  await browser.check(tab, 'import-undone', { full: true });
  await go(tab, '/jobs');
  await loaded(tab);
  await tab.getByText(`marque-import-${stamp}.csv`).first().waitFor();
  await browser.check(tab, 'jobs');
}
