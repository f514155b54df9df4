import { expect, it } from 'vitest';
import { isWhole, spell, written } from './policy.ts';

it('what is left empty is not settled here', () => {
  expect(written({ quiet: { from: '', to: '' }, per_week: undefined, per_month: 3 })).toEqual({ per_month: 3 });
});

it('half a span is not sent', () => {
  expect(isWhole({ quiet: { from: '20:00', to: '08:00' } })).toBe(true);
  expect(isWhole({ quiet: { from: '20:00', to: '' } })).toBe(false);
  expect(isWhole({ quiet_calls: { from: '25:00', to: '08:00' } })).toBe(false);
});

it('spans are spelled one behind the other', () => {
  expect(spell([{ from: '20:00', to: '08:00' }, { from: '12:00', to: '14:00' }])).toBe('20:00–08:00 · 12:00–14:00');
});
