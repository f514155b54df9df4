import { describe, expect, it } from 'vitest';
import type { Item } from '../../api/types.ts';
import { isGranted, standing } from './standing.ts';

const said = (id: string, obtained_at: string, data: Item['data']): Item => ({ id, kind: 'consent', rev: 1, org: 'd1', created_at: obtained_at, updated_at: obtained_at, data: { handler: 'd1', purpose: 'marketing', obtained_at, ...data } });

describe('standing', () => {
  const all = [
    said('a', '2026-03-01T02:00:00.000Z', { channel: 'sms', state: 'granted' }),
    said('b', '2026-03-03T02:00:00.000Z', { state: 'withdrawn' }),
    said('c', '2026-03-02T02:00:00.000Z', { channel: 'sms', state: 'granted' }),
    said('d', '2026-03-04T02:00:00.000Z', { channel: 'email', state: 'granted' }),
    said('e', '2026-03-05T02:00:00.000Z', { channel: 'sms', state: 'granted', handler: 'hq' }),
  ];

  it('takes what was said last, and a word about all channels for each', () => {
    expect(standing(all, 'marketing', 'sms', 'd1')?.id).toBe('b');
    expect(standing(all, 'marketing', 'email', 'd1')?.id).toBe('d');
    expect(standing(all, 'profiling', undefined, 'd1')).toBeUndefined();
  });

  it('knows that a yes may be over', () => {
    const now = Date.parse('2026-03-13T02:00:00Z');
    expect(isGranted(all[3], now)).toBe(true);
    expect(isGranted(said('f', '2026-03-01T02:00:00.000Z', { state: 'granted', expires: '2026-03-13T01:00:00.000Z' }), now)).toBe(false);
    expect(isGranted(all[1], now)).toBe(false);
  });
});
