// How often and at what hours customers may be contacted: what an organisation settles itself, and what holds with that from above.
import { queryOptions } from '@tanstack/react-query';
import { api } from '../../api/client.ts';
import { readClock } from '../../ui/hours.ts';

export interface Span {
  from: string;
  to: string;
}

export interface Settled {
  quiet?: Span;
  quiet_calls?: Span;
  per_week?: number;
  per_month?: number;
  calls_per_week?: number;
  complaint_days?: number;
}

export interface Policy {
  org: string;
  own: Settled;
  limits: Omit<Required<Settled>, 'quiet' | 'quiet_calls'> & { quiet: Span[]; quiet_calls: Span[] };
}

export const policyKey = ['policy'] as const;

export const policyQuery = (org: string) =>
  queryOptions({ queryKey: [...policyKey, org], queryFn: ({ signal }) => api.get<Policy>('/contact/policy', { org }, signal), enabled: org !== '', retry: false });

export const settle = (org: string, policy: Settled) => api.put<Policy>('/contact/policy', policy, { org });

export const COUNTS = ['per_week', 'per_month', 'calls_per_week', 'complaint_days'] as const;
export const SPANS = ['quiet', 'quiet_calls'] as const;

/** Times that are none, or half a span: nothing is sent until they are mended. */
export function isWhole(settled: Settled): boolean {
  return SPANS.every((name) => {
    const span = settled[name];
    return span === undefined || (readClock(span.from) === span.from && readClock(span.to) === span.to);
  });
}

/** What is empty is not settled here. */
export function written(settled: Settled): Settled {
  return Object.fromEntries(Object.entries(settled).filter(([, value]) => value !== undefined && value !== null && !(typeof value === 'object' && value.from === '' && value.to === ''))) as Settled;
}

/** `20:00–08:00`, several behind each other. */
export const spell = (spans: Span[]) => spans.map(({ from, to }) => `${from}–${to}`).join(' · ');
