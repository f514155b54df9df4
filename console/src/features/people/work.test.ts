import { expect, it } from 'vitest';
import { isExpired, readWork, workFault, writeWork } from './work.ts';

const data = {
  capacity: 40,
  team: 't1',
  skills: { SUV: 4 },
  certificates: [{ name: 'DCRC', issued: '2025-03-01', expires: '2027-03-01' }],
  duty: { week: { mon: [['08:30', '17:30']] }, days: { '2026-10-01': [] } },
};

it('what is read is written back, the week with every day by name', () => {
  const written = writeWork(readWork(data as never));
  expect({ ...written, duty: undefined }).toEqual({ ...data, duty: undefined });
  const duty = written.duty as { week: Record<string, unknown>; days: object };
  expect(duty.week.mon).toEqual([['08:30', '17:30']]);
  expect(Object.keys(duty.week)).toHaveLength(7);
  expect(duty.days).toEqual({ '2026-10-01': [] });
});

it('what was emptied is taken away', () => {
  expect(writeWork({ skills: [{ name: ' ', level: 3 }], certificates: [{ name: '' }], days: [] })).toEqual({ capacity: null, team: null, skills: null, certificates: null, duty: null });
});

it('two exceptions for one day and impossible hours are not sent', () => {
  const work = readWork(data as never);
  expect(workFault(work)).toBe(false);
  expect(workFault({ ...work, days: [...work.days, { date: '2026-10-01', ranges: [] }] })).toBe(true);
  expect(workFault({ ...work, week: { mon: [['18:00', '08:00']] } })).toBe(true);
});

it('a certificate holds to its last day', () => {
  expect(isExpired({ name: 'DCRC', expires: '2026-03-13' }, '2026-03-13')).toBe(false);
  expect(isExpired({ name: 'DCRC', expires: '2026-03-12' }, '2026-03-13')).toBe(true);
  expect(isExpired({ name: 'DCRC' }, '2026-03-13')).toBe(false);
});
