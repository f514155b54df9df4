// Lists: conditions by building blocks, views that are kept, exports, changes of several rows; segments.
import assert from 'node:assert/strict';
import { browser, choose, go, loaded, makeCustomer, pickField, stamp } from '../tools.mjs';

export async function walkViews(tab) {
  await go(tab, '/customers');
  await loaded(tab);
  await tab.getByRole('button', { name: '高级' }).click();
  const drawer = tab.getByRole('dialog');
  await pickField(tab, '负责人', '姓名');
  await drawer.getByRole('textbox', { name: '姓名' }).fill('陈');
  await drawer.getByRole('button', { name: '添加条件组' }).first().click();
  await pickField(tab, '创建时间');
  await drawer.getByRole('spinbutton', { name: '天' }).fill('3650');
  await drawer.getByText(/符合条件：\d/u).waitFor();
  await browser.check(tab, 'list-builder');
  await drawer.getByRole('button', { name: '应用' }).click();
  await drawer.waitFor({ state: 'hidden' });
  await tab.getByText('高级条件 2 项').waitFor();
  await tab.waitForURL(/owner\.name/u);
  await tab.getByRole('button', { name: '保存为视图' }).click();
  await browser.check(tab, 'list-view-new');
  await tab.getByLabel('视图名称').fill(`视图${stamp}`);
  await tab.getByRole('dialog').getByRole('button', { name: '保存' }).click();
  const views = tab.getByRole('navigation', { name: '视图' });
  await views.getByRole('button', { name: `视图${stamp}`, exact: false }).first().waitFor();
  await views.getByRole('button', { name: '全部' }).click();
  await tab.waitForURL((url) => !url.search.includes('owner.name'));
  await views.getByRole('button', { name: `视图${stamp}` }).first().click();
  await tab.waitForURL(/owner\.name/u);
  await loaded(tab);
  await browser.check(tab, 'list-view');
  await tab.reload();
  await loaded(tab);
  assert.equal(await views.locator('[aria-current=page]').textContent(), `视图${stamp}`, 'the open view is in the address');
  await views.getByRole('button', { name: `视图“视图${stamp}”的操作` }).click();
  await tab.getByRole('menuitem', { name: '删除' }).click();
  await tab.getByRole('dialog').getByRole('button', { name: '删除' }).click();
  await views.getByRole('button', { name: `视图${stamp}` }).first().waitFor({ state: 'detached' });
}

export async function walkExport(tab) {
  await go(tab, '/customers');
  await loaded(tab);
  await tab.getByRole('button', { name: '导出' }).click();
  const dialog = tab.getByRole('dialog');
  await dialog.getByText('CSV', { exact: true }).click();
  await dialog.getByRole('button', { name: '导出' }).click();
  await dialog.getByText('请填写用途').waitFor();
  await browser.check(tab, 'list-export');
  await dialog.getByLabel('用途').fill(`走查 ${stamp}`);
  const [download] = await Promise.all([tab.waitForEvent('download'), dialog.getByRole('button', { name: '导出' }).click()]);
  assert.match(download.suggestedFilename(), /\.csv$/u);
  await dialog.waitFor({ state: 'hidden' });
  await go(tab, '/jobs?tab=exports');
  await tab.getByText(`走查 ${stamp}`).first().waitFor();
  await browser.check(tab, 'exports');
}

export async function walkBulk(tab) {
  for (let n = 0; n < 2; n++) await makeCustomer(tab, { city: `旧城${stamp}` });
  await go(tab, `/customers?filter=${encodeURIComponent(JSON.stringify({ city: `旧城${stamp}` }))}`);
  await loaded(tab);
  await tab.getByRole('checkbox', { name: '全选本页' }).check();
  await tab.getByRole('button', { name: '批量修改' }).click();
  const drawer = tab.getByRole('dialog');
  await choose(tab, drawer.getByRole('combobox', { name: '要改的字段' }), '城市');
  await drawer.getByRole('textbox', { name: '城市' }).fill(`新城${stamp}`);
  await drawer.getByRole('button', { name: '先试一遍' }).click();
  await drawer.getByText('2 条可以修改').waitFor();
  await browser.check(tab, 'list-bulk');
  await drawer.getByRole('button', { name: '修改 2 条' }).click();
  await drawer.waitFor({ state: 'hidden' });
  await tab.getByText('没有符合条件的数据').waitFor();
}

export async function walkSegments(tab) {
  const city = `分群城${stamp}`;
  await makeCustomer(tab, { city });
  await go(tab, '/segments');
  await loaded(tab);
  await browser.check(tab, 'segments');
  await go(tab, '/segments/new');
  await tab.getByLabel('分群名称').fill(`分群${stamp}`);
  await pickField(tab, '城市');
  await choose(tab, tab.getByRole('combobox', { name: '比较方式' }), '等于');
  await tab.getByRole('textbox', { name: '城市' }).fill(city);
  await tab.getByText('符合条件：1 条').waitFor();
  await browser.check(tab, 'segment-new');
  await tab.getByRole('button', { name: '创建分群' }).click();
  await tab.getByRole('heading', { level: 1, name: `分群${stamp}` }).waitFor();
  await tab.getByRole('heading', { name: /成员/u }).waitFor();
  await tab.locator('.table tbody tr').first().waitFor();
  await browser.check(tab, 'segment', { full: true });
  await tab.getByRole('link', { name: '在列表中查看' }).click();
  await tab.waitForURL(/customers.*segment/u);
  await loaded(tab);
  assert.equal(await tab.locator('.table tbody tr').count(), 1, 'the list is narrowed to the segment');
  await browser.check(tab, 'segment-list');
  await tab.goBack();
  await tab.locator('.page-actions').getByRole('button', { name: '删除' }).click();
  await tab.getByRole('dialog').getByRole('button', { name: '删除' }).click();
  await tab.waitForURL(/\/segments$/u);
}

/** A cell is changed where it stands: refused at the cell, taken back by Escape, saved, and undone. */
export async function walkCells(tab) {
  const { data } = await makeCustomer(tab, { city: `格城${stamp}` });
  await go(tab, `/customers?filter=${encodeURIComponent(JSON.stringify({ name: data.name }))}&view=all`);
  await loaded(tab);
  const row = tab.locator('.table tbody tr', { hasText: data.name });
  const edit = async (label) => {
    await row.locator('td', { has: tab.getByRole('button', { name: `编辑${label}` }) }).hover();
    await row.getByRole('button', { name: `编辑${label}` }).click();
  };
  const forget = browser.expect(400, '/api/v1/records/customer/');
  await edit('手机');
  await row.getByRole('textbox', { name: '手机' }).fill('12');
  await row.getByRole('button', { name: '保存' }).click();
  await row.getByRole('alert').waitFor();
  await browser.check(tab, 'cell-refused');
  await tab.keyboard.press('Escape');
  await row.locator('.inline-editor').waitFor({ state: 'detached' });
  forget();
  await edit('城市');
  await row.getByRole('textbox', { name: '城市' }).fill(`新格${stamp}`);
  await tab.keyboard.press('Enter');
  await row.getByText(`新格${stamp}`).waitFor();
  await browser.check(tab, 'cell-saved');
  await tab.getByRole('button', { name: '撤销' }).click();
  await row.getByText(`格城${stamp}`, { exact: true }).waitFor();
}
