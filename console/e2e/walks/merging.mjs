// Duplicates: two customers merged by hand and parted again, and the pairs that wait for a decision.
import { browser, go, loaded, makeCustomer, stamp } from '../tools.mjs';

export async function walkMerge(tab) {
  const a = await makeCustomer(tab, { name: `赵一${stamp}`, city: '武汉' });
  const b = await makeCustomer(tab, { name: `钱二${stamp}`, city: '长沙', address: '中山路 1 号' });
  await go(tab, `/customers/${a.id}`);
  await loaded(tab);
  await tab.getByRole('button', { name: '更多' }).click();
  await tab.getByRole('menuitem', { name: '与其他客户合并' }).click();
  await tab.waitForURL(/\/merge/u);
  await tab.getByRole('combobox', { name: '与谁合并' }).fill(`钱二${stamp}`);
  await tab.locator('.ant-select-item-option', { hasText: `钱二${stamp}` }).first().click();
  await tab.waitForURL(new RegExp(b.id, 'u'));
  await tab.getByRole('radio', { name: '城市：并入' }).check();
  await browser.check(tab, 'merge', { full: true });
  await tab.getByRole('button', { name: '预览合并结果' }).click();
  await tab.locator('.dry-run').waitFor();
  await browser.check(tab, 'merge-preview', { full: true });
  await tab.getByRole('button', { name: '确认合并' }).click();
  await tab.getByText('已合并', { exact: true }).first().waitFor();
  await browser.check(tab, 'merge-done');
  // The address of the one who went leads to the one who stands for both.
  await go(tab, `/customers/${b.id}`);
  await tab.waitForURL(new RegExp(a.id, 'u'));
  await loaded(tab);
  await tab.getByText('中山路 1 号').first().waitFor();
  await tab.getByRole('tab', { name: '合并记录' }).click();
  await tab.getByRole('button', { name: '撤销合并' }).waitFor();
  await browser.check(tab, 'merges', { full: true });
  await tab.getByRole('button', { name: '撤销合并' }).click();
  await tab.getByRole('dialog').getByRole('button', { name: '撤销合并' }).click();
  await tab.getByText('合并已撤销').waitFor();
  await browser.check(tab, 'unmerged');
  await tab.getByRole('link', { name: '打开档案' }).click();
  await tab.getByRole('heading', { level: 1, name: `钱二${stamp}` }).waitFor();
}

export async function walkReviews(tab) {
  // E-mail and full name alike: 55 points, which is for a person to decide.
  const email = `pair${stamp}@example.com`;
  await makeCustomer(tab, { name: `孙三${stamp}`, email });
  await makeCustomer(tab, { name: `孙三${stamp}`, email });
  await go(tab, '/reviews');
  await loaded(tab);
  await tab.locator('.review').first().waitFor();
  await tab.locator('.pair').first().waitFor();
  await browser.check(tab, 'reviews', { full: true });
  const first = tab.locator('.review').first();
  await first.getByRole('button', { name: '合并' }).click();
  await tab.locator('.merge-table').waitFor();
  await browser.check(tab, 'review-merge');
  await tab.keyboard.press('Escape');
  await tab.locator('.ant-drawer').waitFor({ state: 'hidden' });
  const n = await tab.locator('.review').count();
  await first.getByRole('button', { name: '不是同一人' }).click();
  const dialog = tab.getByRole('dialog');
  await dialog.getByRole('button', { name: '不是同一人' }).click();
  await dialog.getByText('请填写原因').waitFor();
  await dialog.getByLabel('原因').fill('父子共用手机');
  await dialog.getByRole('button', { name: '不是同一人' }).click();
  await dialog.waitFor({ state: 'hidden' });
  await tab.waitForFunction((before) => document.querySelectorAll('.review').length < before, n);
}
