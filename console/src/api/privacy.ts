// People's rights over their data: erasing, copies, requests, retention.
import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { api, saveFile } from './client.ts';
import type { DryRun, Item, Job } from './types.ts';

/** What an erasure would take, leave, and be held up by. */
export interface EraseReport {
  goes: Record<string, number>;
  files: number;
  merges: number;
  stays: string[];
  archive?: { n_items: number; until: string } | null;
  blocks: { kind: string; id: string; title: unknown }[];
}

export type EraseRun = DryRun & { reply?: EraseReport | null };

export interface RetentionRules {
  is_on: boolean;
  months: number;
  id_image_days: number;
}

export interface Retention {
  rules: RetentionRules;
  n: number;
  has_more: boolean;
  items: { id: string; org: string; name: string; created_at: string; last_contact: string }[];
}

export interface Erasure {
  customer: string;
  org: string;
  at: string;
  actor: string;
  swept_at?: string | null;
}

const customer = (id: string, action: string) => `/records/customer/${encodeURIComponent(id)}/actions/${action}` as const;
/** A dry run wants a reason too; this one is never kept. */
const TRIED = 'dry run';

export const privacy = {
  tryErase: (id: string, request?: string) => api.post<EraseRun>(customer(id, 'erase'), { why: TRIED, request }, { query: { dry_run: true } }),
  erase: (id: string, why: string, request?: string) => api.post<{ reply: EraseReport; record: Item }>(customer(id, 'erase'), { why, request }),
  copy: (id: string, request?: string) => api.post<{ reply: { job: string } }>(customer(id, 'export'), { request }),
  job: (id: string, signal?: AbortSignal) => api.get<Job>(`/jobs/${encodeURIComponent(id)}`, undefined, signal),
  fetchCopy: async (id: string) => saveFile(`personal-data-${id}.zip`, await api.download(`/jobs/${encodeURIComponent(id)}/file`)),
  setRetention: (rules: RetentionRules) => api.put<RetentionRules>('/privacy/retention', rules),
};

export const retentionKeys = { all: ['privacy'] as const };

export const retentionQuery = (months: number | undefined) =>
  queryOptions({
    queryKey: [...retentionKeys.all, 'retention', months],
    queryFn: ({ signal }) => api.get<Retention>('/privacy/retention', { months }, signal),
    // The rules stay on screen while another span is being counted.
    placeholderData: keepPreviousData,
    retry: false,
  });

export const erasuresQuery = queryOptions({
  queryKey: [...retentionKeys.all, 'erasures'],
  queryFn: ({ signal }) => api.get<{ items: Erasure[] }>('/privacy/erasures', undefined, signal).then((page) => page.items),
  retry: false,
});
