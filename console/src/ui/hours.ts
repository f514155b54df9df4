// Hours of the week and days that differ, as opening hours, calendars and duty plans are written.
export const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type Weekday = (typeof WEEKDAYS)[number];

/** From and until, `08:30`; `24:00` is the end of the day. */
export type Range = [string, string];
export type Week = Partial<Record<Weekday, Range[]>>;

/** What differs from Monday to Friday: days off, and weekends that are worked. */
export interface Days {
  holidays?: string[];
  working?: string[];
}

/** `{"week":…,"days":{date:ranges}}`; without a week the opening hours hold. */
export interface DutyPlan {
  week?: Week;
  days?: Record<string, Range[]>;
}

/** `8:30`, `830`, `8：30` as people type them; nothing when it is no time of day. */
export function readClock(typed: string): string | undefined {
  const plain = typed.trim().replaceAll('：', ':');
  const match = /^(\d{1,2}):(\d{2})$/u.exec(plain) ?? /^(\d{1,2})(\d{2})$/u.exec(plain) ?? /^(\d{1,2})()$/u.exec(plain);
  if (!match) return undefined;
  const hours = Number(match[1]);
  const minutes = Number(match[2] || '0');
  if (minutes > 59 || hours > 24 || (hours === 24 && minutes > 0)) return undefined;
  return `${String(hours).padStart(2, '0')}:${String(minutes).padStart(2, '0')}`;
}

export type HoursFault = 'clock' | 'backwards' | 'overlap';

/** What is wrong with the hours of a day, if anything. */
export function hoursFault(ranges: Range[]): HoursFault | undefined {
  if (ranges.some((range) => range.some((clock) => readClock(clock) !== clock))) return 'clock';
  if (ranges.some(([from, to]) => from >= to)) return 'backwards';
  const sorted = ranges.toSorted((a, b) => a[0].localeCompare(b[0]));
  return sorted.some(([from], at) => at > 0 && from < sorted[at - 1]![1]) ? 'overlap' : undefined;
}

export const weekFault = (week: Week) => WEEKDAYS.some((day) => hoursFault(week[day] ?? []) !== undefined);

/** Every weekday by name, so that a merge leaves nothing of what was. */
export function wholeWeek(week: Week): Record<Weekday, Range[]> {
  return Object.fromEntries(WEEKDAYS.map((day) => [day, week[day] ?? []])) as Record<Weekday, Range[]>;
}

/** Adds the next range a day is likely to have: after a break, else the usual day. */
export function nextRange(ranges: Range[]): Range {
  const last = ranges.at(-1)?.[1];
  if (last === undefined) return ['08:30', '18:00'];
  const from = Math.min(Number(last.slice(0, 2)) + 1, 23);
  return [`${String(from).padStart(2, '0')}:00`, `${String(Math.min(from + 4, 24)).padStart(2, '0')}:00`];
}

const iso = (year: number, month: number, day: number) => `${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;

/** 0 is Monday. */
export function weekdayOf(date: string): number {
  return (new Date(`${date}T00:00:00Z`).getUTCDay() + 6) % 7;
}

/** The first of a month as a moment, for its name. */
export const firstOf = (year: number, month: number) => new Date(Date.UTC(year, month - 1, 1));

/** The dates of a month in rows of a week from Monday, with gaps before the first and after the last. */
export function monthRows(year: number, month: number): (string | undefined)[][] {
  const count = new Date(Date.UTC(year, month, 0)).getUTCDate();
  const cells: (string | undefined)[] = Array.from({ length: weekdayOf(iso(year, month, 1)) });
  for (let day = 1; day <= count; day++) cells.push(iso(year, month, day));
  while (cells.length % 7 !== 0) cells.push(undefined);
  return Array.from({ length: cells.length / 7 }, (_, row) => cells.slice(row * 7, row * 7 + 7));
}

export type DayMark = 'holiday' | 'working' | 'weekday' | 'weekend';

export function markOf(date: string, days: Days): DayMark {
  if (days.working?.includes(date)) return 'working';
  if (days.holidays?.includes(date)) return 'holiday';
  return weekdayOf(date) > 4 ? 'weekend' : 'weekday';
}

/** One press: what is marked loses its mark; a weekday becomes a holiday, a weekend a working day. */
export function toggleDay(date: string, days: Days): Days {
  const without = (list: string[] | undefined) => (list ?? []).filter((each) => each !== date);
  const holidays = without(days.holidays);
  const working = without(days.working);
  const mark = markOf(date, days);
  if (mark === 'weekday') holidays.push(date);
  if (mark === 'weekend') working.push(date);
  return { holidays: holidays.toSorted(), working: working.toSorted() };
}
