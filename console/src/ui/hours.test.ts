import { expect, it } from 'vitest';
import { hoursFault, markOf, monthRows, nextRange, readClock, toggleDay, wholeWeek } from './hours.ts';

it('times of day are read as people type them', () => {
  expect(['8:30', '830', '0830', '8：30', '8', '24:00', '23:59'].map(readClock)).toEqual(['08:30', '08:30', '08:30', '08:30', '08:00', '24:00', '23:59']);
  expect(['', '24:01', '25', '8:60', 'acht', '-1'].map(readClock)).toEqual(Array.from({ length: 6 }));
});

it('hours that end before they begin or overlap are told apart', () => {
  expect(hoursFault([['08:30', '12:00'], ['13:00', '18:00']])).toBeUndefined();
  expect(hoursFault([['18:00', '08:00']])).toBe('backwards');
  expect(hoursFault([['13:00', '18:00'], ['08:30', '14:00']])).toBe('overlap');
  expect(hoursFault([['8:30', '12:00']])).toBe('clock');
  expect(hoursFault([['20:00', '24:00']])).toBeUndefined();
});

it('the range that is offered next comes after the last and within the day', () => {
  expect(nextRange([])).toEqual(['08:30', '18:00']);
  expect(hoursFault([['08:30', '12:00'], nextRange([['08:30', '12:00']])])).toBeUndefined();
  expect(nextRange([['08:30', '23:30']])[1]).toBe('24:00');
});

it('a week that is sent names every day', () => {
  expect(Object.keys(wholeWeek({ fri: [['08:00', '09:00']] }))).toHaveLength(7);
});

it('a month stands in weeks from Monday', () => {
  const rows = monthRows(2026, 3);
  expect(rows[0]).toEqual([undefined, undefined, undefined, undefined, undefined, undefined, '2026-03-01']);
  expect(rows.at(-1)?.filter(Boolean)).toEqual(['2026-03-30', '2026-03-31']);
});

it('pressing a day marks a weekday as holiday, a weekend as worked, and takes either back', () => {
  const holiday = toggleDay('2026-10-01', {});
  expect(holiday).toEqual({ holidays: ['2026-10-01'], working: [] });
  expect(markOf('2026-10-01', holiday)).toBe('holiday');
  expect(toggleDay('2026-10-01', holiday)).toEqual({ holidays: [], working: [] });
  const worked = toggleDay('2026-10-10', {});
  expect(markOf('2026-10-10', worked)).toBe('working');
  expect(markOf('2026-10-11', worked)).toBe('weekend');
});
