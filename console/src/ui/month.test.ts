import { expect, it } from 'vitest';
import { sheet, shift } from './month.ts';

it('a sheet begins on Monday and holds whole weeks', () => {
  const days = sheet('2026-03');
  expect([days[0], days.at(-1), days.length]).toEqual(['2026-02-23', '2026-04-05', 42]);
  expect(sheet('2027-02')).toHaveLength(28);
});

it('months follow each other over the turn of the year', () => {
  expect([shift('2026-12', 1), shift('2026-01', -1)]).toEqual(['2027-01', '2025-12']);
});
