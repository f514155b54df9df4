import { cleanup, fireEvent, render, screen } from '@testing-library/react';
import { useState } from 'react';
import { afterEach, beforeAll, expect, it } from 'vitest';
import { startI18n } from '../app/i18n.ts';
import type { Week } from './hours.ts';
import { DaysEditor } from './DaysEditor.tsx';
import { HoursEditor } from './HoursEditor.tsx';

beforeAll(startI18n);
afterEach(cleanup);

function Held({ start, onSaid }: { start: Week; onSaid?: (week: Week) => void }) {
  const [week, setWeek] = useState(start);
  return <HoursEditor value={week} onChange={(next) => { setWeek(next); onSaid?.(next); }} />;
}

it('a time is typed as people write it and stands as it is sent', () => {
  let said: Week = {};
  render(<Held start={{ mon: [['08:30', '18:00']] }} onSaid={(week) => { said = week; }} />);
  const from = screen.getByLabelText('周一第 1 段开始');
  fireEvent.change(from, { target: { value: '900' } });
  fireEvent.blur(from);
  expect(said.mon).toEqual([['09:00', '18:00']]);
  fireEvent.click(screen.getByRole('button', { name: '每天与周一相同' }));
  expect(said.sun).toEqual([['09:00', '18:00']]);
  fireEvent.click(screen.getByRole('button', { name: '删除周日第 1 段' }));
  expect(said.sun).toEqual([]);
});

it('hours that overlap are told at once', () => {
  render(<Held start={{ mon: [['08:30', '18:00'], ['17:00', '20:00']] }} />);
  expect(screen.getByRole('alert').textContent).toBe('时段有重叠');
});

it('a day is marked by pressing it and says what it is', () => {
  let days = {};
  render(<DaysEditor value={{ holidays: ['2026-10-01'] }} start="2026-10" onChange={(next) => { days = next; }} />);
  expect(screen.getByRole('button', { name: '1（2026-10-01，法定节假日）' }).getAttribute('aria-pressed')).toBe('true');
  fireEvent.click(screen.getByRole('button', { name: '10（2026-10-10，周末）' }));
  expect(days).toEqual({ holidays: ['2026-10-01'], working: ['2026-10-10'] });
});
