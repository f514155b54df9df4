// The days a month's sheet shows, in whole weeks from Monday.
import { dayjs } from './time.ts';

/** `2026-03` → 35 or 42 days, those of its neighbours included. */
export function sheet(month: string): string[] {
  const first = dayjs(`${month}-01`);
  const start = first.subtract((first.day() + 6) % 7, 'day');
  const weeks = Math.ceil(((first.day() + 6) % 7 + first.daysInMonth()) / 7);
  return Array.from({ length: weeks * 7 }, (_, index) => start.add(index, 'day').format('YYYY-MM-DD'));
}

/** The month before or after. */
export const shift = (month: string, by: number) => dayjs(`${month}-01`).add(by, 'month').format('YYYY-MM');
