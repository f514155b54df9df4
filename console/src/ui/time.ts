// Dates and moments in the time zone of the user's organisation, not of the browser.
import dayjs, { type Dayjs } from 'dayjs';
import timezone from 'dayjs/plugin/timezone';
import utc from 'dayjs/plugin/utc';

dayjs.extend(utc);
dayjs.extend(timezone);

export { dayjs };

const DEFAULT_ZONE = 'Asia/Shanghai';
let zone = DEFAULT_ZONE;

/** Set once the session is known; an unknown zone falls back rather than breaking every page. */
export function setZone(name: string | undefined) {
  try {
    zone = new Intl.DateTimeFormat('en', { timeZone: name ?? DEFAULT_ZONE }).resolvedOptions().timeZone;
  } catch {
    zone = DEFAULT_ZONE;
  }
}

/** The zone of the user's organisation. */
export const zoneOf = () => zone;

export type TimeStyle = 'date' | 'datetime' | 'seconds';

const STYLES: Record<TimeStyle, Intl.DateTimeFormatOptions> = {
  date: { year: 'numeric', month: '2-digit', day: '2-digit' },
  datetime: { year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
  seconds: { year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' },
};

/** `2026-03-13 10:00`, the same order in both languages: sortable by eye and never 03/13 against 13/03. */
export function formatTime(iso: string, style: TimeStyle = 'datetime', inZone = zone): string {
  // A plain date has no zone: moving it through one could change the day.
  if (/^\d{4}-\d{2}-\d{2}$/u.test(iso)) return iso;
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return iso;
  const parts = new Intl.DateTimeFormat('en', { ...STYLES[style], timeZone: inZone }).formatToParts(at);
  const get = (type: Intl.DateTimeFormatPartTypes) => parts.find((part) => part.type === type)?.value ?? '';
  const date = `${get('year')}-${get('month')}-${get('day')}`;
  if (style === 'date') return date;
  return `${date} ${get('hour')}:${get('minute')}${style === 'seconds' ? `:${get('second')}` : ''}`;
}

const AGO: [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 31_536_000], ['month', 2_592_000], ['day', 86_400], ['hour', 3_600], ['minute', 60], ['second', 1],
];

/** `3 小时前`, `in 2 days`. */
export function formatAgo(iso: string, now: number, locale: string): string {
  const seconds = Math.round((Date.parse(iso) - now) / 1000);
  if (Number.isNaN(seconds)) return iso;
  const format = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' });
  const [unit, size] = AGO.find(([, size]) => Math.abs(seconds) >= size) ?? ['second', 1];
  return format.format(Math.trunc(seconds / size), unit);
}

/** The day of a moment as a heading: today, yesterday, else the date. */
export function dayOf(iso: string, now: number, inZone = zone): { day: string; near: 'today' | 'yesterday' | null } {
  const day = formatTime(iso, 'date', inZone);
  if (day === formatTime(new Date(now).toISOString(), 'date', inZone)) return { day, near: 'today' };
  if (day === formatTime(new Date(now - 86_400_000).toISOString(), 'date', inZone)) return { day, near: 'yesterday' };
  return { day, near: null };
}

/** A moment as a picker wants it: the wall clock of the organisation. */
export function toPicker(iso: unknown, inZone = zone): Dayjs | null {
  if (typeof iso !== 'string' || !iso) return null;
  const at = /^\d{4}-\d{2}-\d{2}$/u.test(iso) ? dayjs(iso) : dayjs(formatTime(iso, 'seconds', inZone));
  return at.isValid() ? at : null;
}

/** Back again: what the picker's wall clock means in the organisation's zone. */
export function fromPicker(wall: Dayjs | null, inZone = zone): string | undefined {
  return wall ? dayjs.tz(wall.format('YYYY-MM-DDTHH:mm:ss'), inZone).toISOString() : undefined;
}
