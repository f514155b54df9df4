// A browser that keeps count of everything that should not happen: console errors, page errors, policy violations, foreign requests.
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

const ARGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--lang=zh-CN'];
const AXE_TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
/** Until nothing moves any more, what goes on for ever left aside: half-faded text fails every contrast. */
const settled = () => new Promise((done) => {
  let still = 0;
  const look = () => {
    const moving = document.getAnimations().some((each) => each.playState === 'running' && each.effect?.getComputedTiming().endTime !== Infinity);
    // What React draws next begins a frame or two later.
    still = moving ? 0 : still + 1;
    if (still > 8) done();
    else requestAnimationFrame(look);
  };
  look();
});

export async function open({ baseUrl, shots }) {
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ARGS });
  const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
  const faults = [];
  const expected = [];
  const origin = new URL(baseUrl).origin;

  async function page(options = {}) {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'zh-CN', timezoneId: 'Asia/Shanghai', ...options });
    const tab = await context.newPage();
    await tab.addInitScript(() => {
      document.addEventListener('securitypolicyviolation', (event) => console.error(`CSP ${event.violatedDirective} ${event.blockedURI}`));
    });
    tab.on('console', (message) => {
      if (message.type() !== 'error') return;
      const { url } = message.location();
      const isExpected = expected.some(({ status, path }) => (message.text().includes(`status of ${status}`) || message.text().includes(`net::${status}`)) && url.includes(path));
      if (!isExpected) faults.push(`console: ${message.text()} ${url}`);
    });
    tab.on('pageerror', (error) => faults.push(`page error: ${error.message}`));
    tab.on('request', (request) => {
      const url = request.url();
      if (!url.startsWith('data:') && !url.startsWith('blob:') && new URL(url).origin !== origin) faults.push(`foreign request: ${url}`);
    });
    return { context, tab };
  }

  async function check(tab, name, { full = false } = {}) {
    await tab.evaluate(settled);
    // A notice that goes just now is half-faded whenever one looks.
    await tab.locator('.ant-message [class*="-leave"]').first().waitFor({ state: 'detached' });
    await tab.evaluate(settled);
    if (shots) await tab.screenshot({ path: join(shots, `${name}.png`), fullPage: full });
    // Evaluated by the debugger: a script tag is refused by the content security policy.
    const cdp = await tab.context().newCDPSession(tab);
    await cdp.send('Runtime.evaluate', { expression: axe });
    const run = `axe.run(document, { runOnly: ${JSON.stringify(AXE_TAGS)}, resultTypes: ['violations'] }).then((result) => JSON.stringify(result.violations.map(({ id, nodes }) => ({ id, nodes: nodes.map((node) => node.html.slice(0, 140) + ' ' + (node.any[0]?.message ?? node.failureSummary ?? '').slice(0, 160)) }))))`;
    const { result } = await cdp.send('Runtime.evaluate', { expression: run, awaitPromise: true, returnByValue: true });
    await cdp.detach();
    for (const { id, nodes } of JSON.parse(result.value ?? '[]')) {
      faults.push(`axe ${id} on ${name} (${nodes.length}): ${nodes[0]}`);
    }
    console.log(`  ${name}`);
  }

  return {
    page,
    check,
    faults,
    /** A refusal the walk provokes; the browser reports each as an error. Answers how to expect it no longer. */
    expect: (status, path) => {
      const refusal = { status, path };
      expected.push(refusal);
      return () => void expected.splice(expected.indexOf(refusal), 1);
    },
    close: () => browser.close(),
  };
}
