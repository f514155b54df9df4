// What an import sets off, as its job tells it: events by kind, and which plugins hear them.
import type { Job } from '../../api/types.ts';

export interface SetOff {
  event: string;
  n: number;
  /** Plugin and how many of them it hears. */
  heardBy: [string, number][];
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);
const counts = (value: unknown): [string, number][] => (isObject(value) ? Object.entries(value).filter((entry): entry is [string, number] => typeof entry[1] === 'number' && entry[1] > 0) : []);

/** The most frequent first. */
export function setOff(job: Job): SetOff[] {
  const heard = isObject(job.detail?.heard_by) ? job.detail.heard_by : {};
  return counts(job.detail?.automations)
    .map(([event, n]) => ({ event, n, heardBy: counts(heard[event]) }))
    .sort((a, b) => b.n - a.n);
}

/** How far a job is in percent: of its rows, or of taking them back. */
export function percent(job: Job): number {
  if (job.state === 'done' || job.state === 'undone') return 100;
  const { done, total } = isObject(job.undo) ? (job.undo as { done?: number; total?: number }) : job;
  return total && done ? Math.min(99, Math.floor((done / total) * 100)) : 0;
}
