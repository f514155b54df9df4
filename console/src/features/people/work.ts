// What a person can do and when, as it is edited: rows instead of maps, and back.
import type { Data, Json } from '../../api/types.ts';
import { hoursFault, wholeWeek, type DutyPlan, type Range, type Week } from '../../ui/hours.ts';

export interface Skill {
  name: string;
  level: number;
}

export interface Certificate {
  name: string;
  issued?: string;
  expires?: string;
}

export interface Exception {
  date: string;
  ranges: Range[];
}

export interface Work {
  capacity?: number;
  team?: string;
  skills: Skill[];
  certificates: Certificate[];
  /** None: the opening hours hold. */
  week?: Week;
  days: Exception[];
}

export function readWork(data: Data): Work {
  const plan = (data.duty ?? {}) as DutyPlan;
  return {
    capacity: typeof data.capacity === 'number' ? data.capacity : undefined,
    team: typeof data.team === 'string' ? data.team : undefined,
    skills: Object.entries((data.skills ?? {}) as Record<string, number>).map(([name, level]) => ({ name, level })),
    certificates: (data.certificates ?? []) as unknown as Certificate[],
    week: plan.week,
    days: Object.entries(plan.days ?? {}).map(([date, ranges]) => ({ date, ranges })).sort((a, b) => a.date.localeCompare(b.date)),
  };
}

/** The record's fields: what is empty is taken away. */
export function writeWork(work: Work): Data {
  const skills = Object.fromEntries(work.skills.filter(({ name }) => name.trim()).map(({ name, level }) => [name.trim(), level]));
  const certificates = work.certificates.filter(({ name }) => name.trim()).map((each) => Object.fromEntries(Object.entries({ ...each, name: each.name.trim() }).filter(([, value]) => value)));
  const days = Object.fromEntries(work.days.filter(({ date }) => date).map(({ date, ranges }) => [date, ranges]));
  const hasDays = Object.keys(days).length > 0;
  return {
    capacity: work.capacity ?? null,
    team: work.team ?? null,
    skills: Object.keys(skills).length > 0 ? skills : null,
    certificates: certificates.length > 0 ? (certificates as unknown as Json) : null,
    duty: work.week || hasDays ? ({ ...(work.week ? { week: wholeWeek(work.week) } : {}), ...(hasDays ? { days } : {}) } as unknown as Json) : null,
  };
}

/** Two exceptions for one day, or hours that cannot be: nothing is sent until they are mended. */
export function workFault(work: Work): boolean {
  const dates = work.days.map(({ date }) => date);
  const ranges = [...Object.values(work.week ?? {}), ...work.days.map((each) => each.ranges)];
  return new Set(dates).size < dates.length || ranges.some((each) => hoursFault(each) !== undefined);
}

/** The certificates that no longer hold on a day. */
export const isExpired = (certificate: Certificate, today: string) => certificate.expires !== undefined && certificate.expires < today;
