import { describe, expect, it } from 'vitest';
import type { Kind, Receipt, TimelineEntry } from '../api/types.ts';
import { actorSort, byDay, changeLines, isPlumbing, looseReceipts } from './timeline.ts';

const kind = { kind: 'x', label: 'X', title: 'number', fields: { state: { type: 'enum', label: 'State' }, level: { type: 'enum', label: 'Level' } } } satisfies Kind;
const receipt = (id: string, field?: string) => ({ id, field, reasons: ['because'] }) as unknown as Receipt;
const entry = (seq: number, at: string, more: Partial<TimelineEntry> = {}) => ({ seq, at, kind: 'x.changed', changes: [], receipts: [], ...more }) as unknown as TimelineEntry;

describe('the timeline', () => {
  it('puts entries under the organisation’s days and keeps their order', () => {
    const days = byDay([entry(3, '2026-03-14T01:00:00Z'), entry(2, '2026-03-13T17:00:00Z'), entry(1, '2026-03-13T15:00:00Z')], Date.parse('2026-03-14T02:00:00Z'), 'Asia/Shanghai');
    expect(days.map(({ day, near, entries }) => [day, near, entries.map(({ seq }) => seq)])).toEqual([['2026-03-14', 'today', [3, 2]], ['2026-03-13', 'yesterday', [1]]]);
  });

  it('shows changes in the kind’s order, told apart as set, changed and cleared, each with its receipt', () => {
    const lines = changeLines([{ field: 'gone', old: 'a', new: null }, { field: 'level', old: null, new: 'high' }, { field: 'state', old: 'a', new: 'b' }, { field: 'note', old: null, new: '' }], [receipt('r1', 'level')], kind);
    expect(lines.map(({ field, sort, receipt }) => [field, sort, receipt?.id])).toEqual([['state', 'changed', undefined], ['level', 'set', 'r1'], ['gone', 'cleared', undefined]]);
  });

  it('tells of a masked value that it changed, and nothing else', () => {
    expect(changeLines([{ field: 'state', masked: true }], [], kind)).toEqual([{ field: 'state', masked: true, sort: 'masked', receipt: undefined }]);
  });

  it('shows a receipt that explains no change by itself, once', () => {
    const receipts = [receipt('r1', 'level'), receipt('r2', 'other'), receipt('r2', 'else')];
    const lines = changeLines([{ field: 'level', old: null, new: 'high' }], receipts, kind);
    expect(looseReceipts(receipts, lines).map(({ id }) => id)).toEqual(['r2']);
  });

  it('hides a fired timer that says nothing, and nothing else', () => {
    expect(isPlumbing(entry(1, '', { kind: 'timer.fired' }))).toBe(true);
    expect(isPlumbing(entry(1, '', { kind: 'timer.fired', receipts: [receipt('r')] }))).toBe(false);
    expect(isPlumbing(entry(1, ''))).toBe(false);
  });

  it('knows who acted', () => {
    expect(['user:u1', 'plugin:x', 'script:y', 'system', 'other:z'].map(actorSort)).toEqual(['user', 'plugin', 'script', 'system', 'system']);
  });
});
