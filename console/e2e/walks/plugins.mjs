// What plugins bring: screens, actions, packages; and the scripts of decisions.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { baseUrl, browser, go, loaded, stamp } from '../tools.mjs';

/** Every entry of the side menu that a plugin brought, and the first record of its list. */
export async function walkScreens(tab) {
  await go(tab, '/customers');
  await loaded(tab);
  await tab.locator('.menu a[href^="/views/"]').first().waitFor();
  const paths = await tab.locator('.menu a').evaluateAll((links) => links.map((link) => link.getAttribute('href')).filter((href) => href?.startsWith('/views/')));
  for (const path of paths) {
    const name = path.slice('/views/'.length).replaceAll('/', '-');
    await go(tab, path);
    await loaded(tab);
    await browser.check(tab, `view-${name}`);
    // Every chart is there as the data itself too.
    const switches = await tab.locator('.charted-switch').all();
    for (const each of switches) await each.click();
    if (switches.length > 0) {
      await tab.waitForFunction((n) => document.querySelectorAll('.charted .table tbody tr').length >= n, switches.length);
      await browser.check(tab, `view-${name}-tables`, { full: true });
    }
    const add = tab.locator('.page-actions button').first();
    if (await add.count()) {
      await add.click();
      await tab.getByRole('dialog').waitFor();
      await browser.check(tab, `view-${name}-form`);
      await tab.keyboard.press('Escape');
    }
    const row = tab.locator('.table tbody tr .title-link').first();
    if (await row.count()) {
      await row.click();
      await tab.waitForURL(/\/records\//u);
      await loaded(tab);
      await browser.check(tab, `view-${name}-record`, { full: true });
      const why = tab.locator('.why').first();
      if (await why.count()) {
        await why.click();
        await tab.locator('.receipt').waitFor();
        await browser.check(tab, `view-${name}-why`);
        // A rule that ships comes to the same by what was known then; one that cannot be made again says why.
        await tab.locator('.receipt').getByRole('button', { name: '重新判定' }).click();
        await tab.locator('.again .ant-alert').first().waitFor();
        assert.equal(await tab.locator('.again .ant-alert-error, .again .ant-alert-warning').count(), 0, `${name}: what is on record holds`);
        await browser.check(tab, `view-${name}-again`);
        await tab.keyboard.press('Escape');
      }
    }
  }
}

/** A form and an action of a plugin, on a customer’s page and on the record made there; refused first, then filled in. */
export async function walkActions(tab, path) {
  await go(tab, path);
  await loaded(tab);
  const raise = tab.locator('.page-actions button', { hasText: '登记投诉' });
  if (!(await raise.count())) return;
  browser.expect(400, '/actions/');
  await raise.click();
  const drawer = tab.getByRole('dialog');
  await drawer.getByRole('button', { name: '登记投诉' }).click();
  await drawer.locator('.ant-form-item-explain-error').first().waitFor();
  await browser.check(tab, 'action-refused');
  await drawer.getByLabel('客户原话').fill('刹车踩下去没反应，要求检测。');
  await drawer.getByRole('button', { name: '登记投诉' }).click();
  await drawer.waitFor({ state: 'hidden' });
  const made = tab.locator('.banner a').first();
  await made.waitFor();
  await browser.check(tab, 'customer-banner', { full: true });
  await made.click();
  await tab.waitForURL(/\/records\//u);
  await loaded(tab);
  await tab.locator('.clock-card').first().waitFor();
  const words = () => tab.locator('.clock-card-words').first().textContent();
  const before = await words();
  const accept = tab.locator('.page-actions button', { hasText: '受理' });
  await accept.click();
  await tab.getByRole('dialog').getByRole('button', { name: '受理' }).click();
  await tab.getByRole('dialog').waitFor({ state: 'hidden' });
  await tab.locator('.page-header .tone', { hasText: '已受理' }).waitFor();
  await browser.check(tab, 'action-done', { full: true });
  assert.notEqual(await words(), before, 'the clock of a step that was met stops');
}

export async function walkPlugins(tab) {
  browser.expect(400, '/api/v1/plugins');
  await go(tab, '/plugins');
  await tab.locator('.plugin-card').first().waitFor();
  await browser.check(tab, 'plugins');
  const bad = join(tmpdir(), `marque-bad-${stamp}.mpk`);
  await writeFile(bad, 'this is no package');
  await tab.locator('input[type=file]').first().setInputFiles(bad);
  await tab.getByText('插件包没有安装').waitFor();
  await browser.check(tab, 'plugins-refused');
  const names = await tab.locator('.plugin-card h2 a').evaluateAll((links) => links.map((link) => link.getAttribute('href')));
  for (const path of names.slice(0, 2)) {
    const name = path.split('/').at(-1);
    for (const panel of ['rights', 'settings', 'logs', 'parked']) {
      await go(tab, `${path}?tab=${panel}`);
      await loaded(tab);
      await browser.check(tab, `plugin-${name}-${panel}`);
    }
  }
}

/** Whether the poster alone would be on paper. */
async function onPaper(tab) {
  await tab.emulateMedia({ media: 'print' });
  const shown = await tab.evaluate(() => ['.posters-sheet .poster', '.side', '.top', '.posters-buttons'].map((part) => document.querySelector(part)?.checkVisibility() ?? false));
  await tab.emulateMedia({ media: null });
  return shown;
}

/** A public page as the shop puts it up, opened by somebody without an account; and a link that an action hands out. */
export async function walkPages(tab) {
  await go(tab, '/plugins/complaints?tab=pages');
  await loaded(tab);
  const link = tab.locator('.public-address').first();
  await link.waitFor();
  await tab.getByLabel('来源标记，例如哪张海报（选填）').fill('展厅海报');
  await browser.check(tab, 'plugin-pages');
  const { pathname, searchParams, search } = new URL(await link.getAttribute('href'));
  assert.ok(searchParams.get('org') && searchParams.get('ref') === '展厅海报', 'whose page it is, and which poster');
  await tab.getByRole('button', { name: '在线投诉的二维码' }).click();
  await tab.locator('.poster-code svg').waitFor();
  await browser.check(tab, 'plugin-poster');
  assert.deepEqual(await onPaper(tab), [true, false, false, false], 'the poster, and nothing else');
  await tab.keyboard.press('Escape');
  const { context, tab: stranger } = await browser.page();
  await stranger.goto(baseUrl + pathname + search);
  await stranger.locator('form').first().waitFor();
  await context.close();
  const reminder = await tab.evaluate(() => fetch(`/api/v1/records/care.reminder?limit=1&filter=${encodeURIComponent('{"state":"due"}')}`).then((answer) => answer.json()).then(({ items }) => items[0]?.id));
  assert.ok(reminder, 'the sample data has a reminder that is due');
  await go(tab, `/records/care.reminder/${reminder}`);
  await loaded(tab);
  await tab.locator('.page-actions').getByRole('button', { name: /更多/u }).click();
  await tab.getByRole('menuitem', { name: '预约链接' }).click();
  await tab.getByRole('dialog').getByRole('button', { name: '预约链接' }).click();
  const handed = tab.locator('.poster-address');
  await handed.waitFor();
  await tab.locator('.poster-code svg').waitFor();
  await browser.check(tab, 'action-link');
  const { pathname: own } = new URL(await handed.textContent());
  assert.match(own, /^\/p\/care\/remind\/.+/u);
  await tab.getByRole('dialog').getByRole('button', { name: '关闭' }).last().click();
}

export async function walkScripts(tab) {
  await go(tab, '/scripts');
  await loaded(tab);
  await browser.check(tab, 'scripts');
  const row = tab.locator('.script-row').first();
  if (!(await row.count())) return;
  await row.click();
  await tab.locator('.cm-content').first().waitFor();
  await loaded(tab);
  await browser.check(tab, 'script', { full: true });
  const editor = tab.locator('.cm-content').first();
  await editor.click();
  await tab.keyboard.press('Control+End');
  await tab.keyboard.insertText('\nfn broken( {\n');
  await tab.getByText('有未保存的修改').waitFor();
  await tab.getByRole('button', { name: '检查' }).click();
  await tab.locator('.problems li').first().waitFor();
  await tab.locator('.cm-lintRange-error, .cm-lint-marker-error').first().waitFor();
  await browser.check(tab, 'script-problem');
  await tab.getByRole('button', { name: '从内置规则重新开始' }).click();
  await tab.getByRole('button', { name: '检查' }).click();
  await tab.getByText(/检查通过/u).waitFor();
  await tab.getByRole('button', { name: '发布' }).click();
  await tab.getByRole('dialog').getByRole('button', { name: '发布' }).click();
  await tab.getByText('已发布', { exact: true }).first().waitFor();
  for (const panel of ['参数', '输入与结果', '版本']) {
    await tab.getByRole('tab', { name: panel }).click();
    await tab.waitForTimeout(300);
  }
  await tab.locator('.versions li').first().waitFor();
  await browser.check(tab, 'script-versions', { full: true });
  // The version just published, held against last month; then on the days of today alone.
  await tab.locator('.versions summary').first().click();
  await tab.getByRole('button', { name: '用这一版回放' }).first().click();
  await tab.locator('.replay-version', { hasText: /第 \d+ 版/u }).waitFor();
  const [asked] = await Promise.all([tab.waitForRequest((request) => request.url().includes('/preview') && request.method() === 'POST'), tab.getByRole('button', { name: '回放这段时间' }).click()]);
  const trial = asked.postDataJSON();
  assert.ok(trial.version > 0 && trial.from.endsWith('T16:00:00.000Z') && trial.to.endsWith('T16:00:00.000Z'), `whole days of the shop: ${JSON.stringify(trial)}`);
  await tab.locator('.tryout .effect, .tryout .state').first().waitFor();
  await browser.check(tab, 'script-replay', { full: true });
  await tab.getByRole('button', { name: '回退' }).click();
  await tab.getByRole('dialog').getByRole('button', { name: '回退' }).click();
  await tab.getByText('已回退').waitFor();
}
