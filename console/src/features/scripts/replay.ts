// A rule held against the past: which one, and from which day to which.
import type { Json } from '../../api/types.ts';
import { dayjs, zoneOf } from '../../ui/time.ts';
import type { Dayjs } from 'dayjs';
import type { Trial } from './queries.ts';
import { isComputed, isReaction } from './script.ts';

/** The rule in the editor, among the numbers of published versions. */
export const WRITTEN = 0;

/** The server looks back this far. */
export const MOST_DAYS = 761;

export type Days = [Dayjs, Dayjs];

/** The month that has just ended by the organisation's calendar: what one usually wants to hold a rule against. */
export function lastMonth(now: number, zone = zoneOf()): Days {
  const first = dayjs(dayjs(now).tz(zone).format('YYYY-MM-01')).subtract(1, 'month');
  return [first, first.endOf('month').startOf('day')];
}

/** Whether a day can be looked back to. */
export function isInReach(day: Dayjs, now: number, zone = zoneOf()): boolean {
  const today = dayjs(dayjs(now).tz(zone).format('YYYY-MM-DD'));
  const at = dayjs(day.format('YYYY-MM-DD'));
  return !at.isAfter(today) && today.diff(at, 'day') < MOST_DAYS;
}

/** Whole days by the clock of the organisation: the last one to its end. */
export function spanOf([first, last]: Days, zone = zoneOf()): { from: string; to: string } {
  const begin = (day: Dayjs) => dayjs.tz(`${day.format('YYYY-MM-DD')}T00:00:00`, zone).toISOString();
  return { from: begin(first), to: begin(last.add(1, 'day')) };
}

export interface Written {
  source: string;
  parameters: Json;
  asks: string[];
}

/** Of which time: days for what was decided or has happened, a moment for records as they were then; none is now. */
export interface When {
  days: Days;
  moment?: string;
}

/** As the server is asked. */
export function trialOf(script: { name: string }, version: number, { days, moment }: When, written: Written, zone = zoneOf()): Trial {
  const span = !isComputed(script) ? spanOf(days, zone) : moment ? { to: moment } : {};
  if (version !== WRITTEN) return { version, ...span };
  return { source: written.source, parameters: written.parameters, ...(isReaction(script) ? { asks: written.asks } : {}), ...span };
}
