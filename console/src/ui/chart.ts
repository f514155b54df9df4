// What a chart draws, worked out: shares, rates, spans of time, and the rows behind each number.
import type { Filter, Json } from '../api/types.ts';
import { both } from './filter.ts';
import { dayjs, zoneOf } from './time.ts';

export interface Mark {
  key: string;
  label: string;
  value: number;
  tone?: string;
  /** The rows this number counts. */
  filter?: Filter;
}

export type Every = 'day' | 'week' | 'month';

/** How many spans a trend shows: a fortnight, a quarter, a year. */
export const SPANS: Record<Every, number> = { day: 14, week: 13, month: 12 };

export interface Span {
  from: string;
  to: string;
  /** The same as days, for fields that know no hours. */
  days: [string, string];
  label: string;
}

/** Whole days, weeks (from Monday) or months of the organisation's calendar, the last one holding `now`. */
export function spans(every: Every, now: number, zone = zoneOf()): Span[] {
  const today = dayjs(now).tz(zone).startOf('day');
  const start = every === 'month' ? today.startOf('month') : every === 'week' ? today.subtract((today.day() + 6) % 7, 'day') : today;
  return Array.from({ length: SPANS[every] }, (_, index) => {
    const from = start.subtract(SPANS[every] - 1 - index, every);
    // Added on the wall clock, so that a day with 23 hours is still a day.
    const wall = (at: typeof from) => dayjs.tz(at.format('YYYY-MM-DDTHH:mm:ss'), zone).toISOString();
    return { from: wall(from), to: wall(from.add(1, every)), days: [from.format('YYYY-MM-DD'), from.add(1, every).format('YYYY-MM-DD')], label: from.format(every === 'month' ? 'YYYY-MM' : 'MM-DD') };
  });
}

/** The condition that a moment lies in a span: its end belongs to the next one. */
export function within(field: string, { from, to, days }: Pick<Span, 'from' | 'to' | 'days'>, filter?: Filter, isDay = false): Filter {
  return both(filter, { [field]: isDay ? { gte: days[0], lt: days[1] } : { gte: from, lt: to } }) ?? {};
}

/** The rows of one group: an empty value is a group too. */
export function ofGroup(field: string, value: Json, filter?: Filter): Filter {
  return both(filter, { [field]: value }) ?? {};
}

/** A chart shows no more marks than can be told apart, and says so. */
export const MOST_MARKS = 30;

/** Values in the order asked for, others left out; without an order the largest first. */
export function arrangeMarks(marks: Mark[], order?: string[]): Mark[] {
  if (!order) return [...marks].sort((a, b) => b.value - a.value);
  return order.flatMap((key) => marks.find((mark) => mark.key === key) ?? []);
}

/** From the rows that stand in each step to those that came at least as far: a funnel narrows. */
export function reached(marks: Mark[], order: string[], field: string, filter?: Filter): Mark[] {
  const known = order.map((key) => marks.find((mark) => mark.key === key));
  return known.flatMap((mark, at) => {
    if (!mark) return [];
    const rest = known.slice(at).flatMap((each) => each ?? []);
    return [{ ...mark, value: rest.reduce((sum, each) => sum + each.value, 0), filter: both(filter, { [field]: { in: rest.map(({ key }) => key) } }) }];
  });
}

/** The top of an axis: the next 1, 2 or 5 of its size. */
export function ceiling(most: number): number {
  if (most <= 0) return 1;
  const size = 10 ** Math.floor(Math.log10(most));
  return [1, 2, 5, 10].map((step) => step * size).find((top) => top >= most)!;
}

/** The points of a line in a box of `width` and `height`, y from the top. */
export function points(values: number[], top: number, width: number, height: number): [number, number][] {
  const step = values.length > 1 ? width / (values.length - 1) : 0;
  return values.map((value, index) => [values.length > 1 ? index * step : width / 2, height - (value / top) * height]);
}

/** The outline of a ring's part between two shares of the whole. */
export function arc(from: number, to: number, outer: number, inner: number): string {
  // A whole ring begins where it ends, which a path cannot say.
  const end = Math.min(to, from + 0.9999);
  const at = (part: number, radius: number) => `${(Math.sin(part * 2 * Math.PI) * radius).toFixed(2)} ${(-Math.cos(part * 2 * Math.PI) * radius).toFixed(2)}`;
  const large = end - from > 0.5 ? 1 : 0;
  return `M${at(from, outer)}A${outer} ${outer} 0 ${large} 1 ${at(end, outer)}L${at(end, inner)}A${inner} ${inner} 0 ${large} 0 ${at(from, inner)}Z`;
}
