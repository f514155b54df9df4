import { describe, expect, it } from 'vitest';
import { offsetOf } from '../api/clock.ts';
import { clockFace, formatSpan, holds, SOON_MS } from './clock.ts';

const DUE = '2026-03-14T02:00:00.000Z';
const due = Date.parse(DUE);
const HOUR = 3_600_000;

describe('a clock', () => {
  it('is calm while there is time, soon in the last two hours, overdue after', () => {
    expect(clockFace(DUE, null, true, due - 5 * HOUR)).toEqual({ tone: 'calm', left: 5 * HOUR });
    expect(clockFace(DUE, null, true, due - SOON_MS + 1).tone).toBe('soon');
    expect(clockFace(DUE, null, true, due).tone).toBe('soon');
    expect(clockFace(DUE, null, true, due + 1)).toEqual({ tone: 'overdue', left: -1 });
  });

  it('stops once met, in time or late', () => {
    expect(clockFace(DUE, '2026-03-14T01:00:00.000Z', true, due + HOUR)).toEqual({ tone: 'met', left: HOUR });
    expect(clockFace(DUE, '2026-03-14T03:00:00.000Z', false, due)).toEqual({ tone: 'late', left: -HOUR });
  });

  it('says nothing without a due time, or when it no longer runs', () => {
    expect(clockFace(null, null, true, due).tone).toBe('none');
    expect(clockFace('soon', null, true, due).tone).toBe('none');
    expect(clockFace(DUE, null, false, due + HOUR).tone).toBe('none');
  });

  it('runs while the record holds what the view asks', () => {
    expect(holds({ state: ['received', 'reopened'] }, { state: 'received' })).toBe(true);
    expect(holds({ state: ['received'] }, { state: 'closed' })).toBe(false);
    expect(holds({ vip: true }, {})).toBe(false);
    expect(holds(undefined, {})).toBe(true);
  });

  it('counts from the middle of the request', () => {
    expect(offsetOf('2026-03-14T02:00:00.000Z', due - 5_000 - 100, due - 5_000 + 100)).toBe(5_000);
    expect(offsetOf('nonsense', 0, 1)).toBe(0);
  });
});

describe('a span', () => {
  it.each([
    [51 * HOUR, '2 天 3 小时', '2 d 3 h'],
    [3 * HOUR + 5 * 60_000, '3 小时 05 分', '3 h 05 min'],
    [4 * 60_000 + 9_000, '04:09', '04:09'],
    [-90_000, '01:30', '01:30'],
  ])('of %d ms reads %s and %s', (ms, zh, en) => {
    expect(formatSpan(ms, 'zh-CN')).toBe(zh);
    expect(formatSpan(ms, 'en')).toBe(en);
  });
});
