import { describe, expect, it } from 'vitest';
import { type Effect, isEven, outlookOf, shown } from './tryout.ts';

const effect = (changed: number): Effect => ({ n: 9, changed, failed: 0, moves: [], other_moves: 0, old: { n_empty: 0 }, new: { n_empty: changed }, movers: [], faults: [] });

describe('what a draft would change', () => {
  it('is told with the field that changes most first', () => {
    const outlook = outlookOf({ detail: { kind: 'customer', effects: { x_grade: effect(2), x_value: effect(7) } as never } });
    expect(outlook.kind).toBe('customer');
    expect(outlook.effects.map(([field]) => field)).toEqual(['x_value', 'x_grade']);
  });

  it('of records of a moment past says which, of decisions it says nothing', () => {
    expect(outlookOf({ detail: { kind: 'customer', to: '2026-01-31T16:00:00Z', effects: {} } }).asOf).toBe('2026-01-31T16:00:00Z');
    expect(outlookOf({ detail: { to: '2026-01-31T16:00:00Z', effects: {} } })).not.toHaveProperty('asOf');
  });

  it('is empty while nothing is known', () => {
    expect(outlookOf({ detail: null })).toEqual({ kind: undefined, effects: [] });
  });

  it('needs no picture where both sides are the same', () => {
    expect(isEven(effect(0))).toBe(true);
    expect(isEven(effect(3))).toBe(false);
  });

  it('reads values without a label', () => {
    expect(shown(null)).toBe('');
    expect(shown(12.3456)).toBe('12.35');
    expect(shown(123_456, 'en')).toContain('1,234.56');
    expect(shown(true)).toBe('true');
  });
});
