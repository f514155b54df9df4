import { afterEach, expect, it, vi } from 'vitest';
import { changeAll, inTurns, tryAll } from './bulk.ts';

afterEach(() => vi.unstubAllGlobals());

const item = (id: string) => ({ id, kind: 'customer', rev: 3, org: 'd1', created_at: '', updated_at: '', data: {} });
const json = (status: number, body: unknown) => new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } });

it('a few run at a time and answers keep the order', async () => {
  let running = 0;
  let most = 0;
  const answers = await inTurns([5, 4, 3, 2, 1, 0], async (n) => {
    most = Math.max(most, ++running);
    await new Promise((resolve) => { setTimeout(resolve, n); });
    running--;
    return n * 2;
  });
  expect(answers).toEqual([10, 8, 6, 4, 2, 0]);
  expect(most).toBe(4);
});

it('what the trial refused is not sent, and each change holds its trial to its word', async () => {
  const sent: string[] = [];
  vi.stubGlobal('fetch', async (address: string, { headers }: { headers: Record<string, string> }) => {
    sent.push(`${address} ${headers['if-match']}`);
    if (address.includes('dry_run')) return json(200, address.includes('/b?') ? { preview: 'p', faults: [{ code: 'denied', message: 'no' }] } : { preview: 'pa', faults: [] });
    return json(200, item('a'));
  });
  const tried = await tryAll([item('a'), item('b')], { city: '武汉' }, {}, 'en', () => {});
  expect(tried.map(({ fault }) => fault)).toEqual([undefined, 'no']);
  const done = await changeAll(tried, { city: '武汉' }, {}, 'en', () => {});
  expect(done.map(({ isDone }) => isDone)).toEqual([true, undefined]);
  expect(sent.at(-1)).toBe('/api/v1/records/customer/a?preview=pa "3"');
  expect(sent).toHaveLength(3);
});
