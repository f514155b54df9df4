import { cleanup, fireEvent, screen, waitFor } from '@testing-library/react';
import { afterEach, beforeAll, expect, it, vi } from 'vitest';
import { answering, draw } from '../../../test/draw.tsx';
import { startI18n } from '../../app/i18n.ts';
import { Replay } from './Replay.tsx';
import { unwritten } from './script.ts';

beforeAll(startI18n);
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

const written = { source: 'fn on_customer_created(event) { [] }', parameters: {}, asks: [] };
const detail = { kind: null, effects: {}, commands: { events: 41, changed: 3, failed: 2, asked: { 'message.send': 7 }, asked_before: {}, messages: { n: 7, stopped: 5, reasons: { no_consent: 5 } }, faults: { 'it stumbled': 2 }, told: [] } };

it('a published version hears a month of the past again, and tells what would have been stopped', async () => {
  const asked: unknown[] = [];
  const server = answering((path, init) => {
    if (path.includes('/preview')) {
      asked.push(JSON.parse(String(init?.body)));
      return { job: 'j1' };
    }
    if (path.startsWith('/jobs/')) return { id: 'j1', kind: 'preview_script', state: 'done', done: 41, total: 41, faults: [], detail };
    if (path.includes('/versions')) return { items: [{ version: 2, at: '2026-03-01T02:00:00.000Z' }, { version: 1, at: '2026-02-01T02:00:00.000Z' }] };
    if (path.startsWith('/clock')) return { now: new Date().toISOString() };
    if (path.startsWith('/kinds/message')) return { kind: 'message', title: 'summary', fields: { reason: { type: 'enum', values: [{ value: 'no_consent', label: { 'zh-CN': '未取得同意', en: 'No consent' } }] } } };
    return { items: [] };
  });
  vi.stubGlobal('fetch', server);
  draw(<Replay script={unwritten('reaction/welcome', 'd1')} org="d1" written={written} version={2} onVersion={() => {}} />);
  await screen.findByText(/^第 2 版/u);
  fireEvent.click(screen.getByRole('button', { name: '回放这段时间' }));
  await screen.findByText('会发出 7 条消息，其中 5 条会被拦下');
  await screen.findByText('未取得同意 5');
  screen.getByText('2 件处理不了');
  await waitFor(() => expect(asked).toHaveLength(1));
  const [trial] = asked as { version: number; from: string; to: string }[];
  expect(trial!.version).toBe(2);
  // The whole of the month before this one, by the clock of the shop.
  expect([trial!.from.slice(10), trial!.to.slice(10)]).toEqual(['T16:00:00.000Z', 'T16:00:00.000Z']);
  expect(Date.parse(trial!.to) - Date.parse(trial!.from)).toBeGreaterThan(27 * 86_400_000);
});

it('a computed field is tried on the records as they stand, or as of a moment; days mean nothing to it', async () => {
  const asked: unknown[] = [];
  vi.stubGlobal('fetch', answering((path, init) => {
    if (path.includes('/preview')) {
      asked.push(JSON.parse(String(init?.body)));
      return { job: 'j1' };
    }
    if (path.startsWith('/jobs/')) return { id: 'j1', kind: 'preview_script', state: 'done', done: 1, total: 1, faults: [], detail: { kind: 'customer', to: '2026-01-31T16:00:00Z', effects: {} } };
    if (path.includes('/versions')) return { items: [{ version: 1, at: '2026-02-01T02:00:00.000Z' }] };
    return path.startsWith('/clock') ? { now: new Date().toISOString() } : { items: [] };
  }));
  draw(<Replay script={unwritten('computed/customer.x_a', 'd1')} org="d1" written={written} version={1} onVersion={() => {}} />);
  await screen.findByText(/^第 1 版/u);
  screen.getByText('按 Asia/Shanghai 的时间');
  fireEvent.click(screen.getByRole('button', { name: '试算影响' }));
  await screen.findByText('按 2026-02-01 00:00 的数据计算，与现行规则对照。');
  expect(asked).toEqual([{ version: 1 }]);
});

it('a version of an organisation above is not asked for from here', async () => {
  const asked: unknown[] = [];
  vi.stubGlobal('fetch', answering((path, init) => {
    if (path.includes('/preview')) {
      asked.push(JSON.parse(String(init?.body)));
      return { status: 409, body: { code: 'x', detail: '规则还不能运行' } };
    }
    return path.startsWith('/clock') ? { now: new Date().toISOString() } : { items: [] };
  }));
  draw(<Replay script={unwritten('reaction/welcome', 'd1')} org="d1" written={written} version={4} onVersion={() => {}} />);
  await screen.findByText('正在编辑的规则');
  fireEvent.click(screen.getByRole('button', { name: '回放这段时间' }));
  await screen.findByText('规则还不能运行');
  expect(asked[0]).toMatchObject({ source: written.source, asks: [] });
  expect(asked[0]).not.toHaveProperty('version');
});
