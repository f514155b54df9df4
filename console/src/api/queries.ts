// Reads that every part of the console shares: session, kinds, screens, records.
import { infiniteQueryOptions, keepPreviousData, queryOptions, useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback } from 'react';
import type { Document } from '../descriptor/types.ts';
import type { PublicPage } from '../ui/pages.ts';
import { api, ApiError, filterParam, upload } from './client.ts';
import { keys } from './keys.ts';
import { readKind, titleOf } from './kind.ts';
import type { Attachment, Collection, Data, DryRun, Filter, Item, Kind, Page, Receipt, Retold, Revision, SearchHit, Segment, Session, TimelineEntry } from './types.ts';

export const sessionQuery = queryOptions({
  queryKey: keys.session,
  // Nobody signed in is an answer, not a failure.
  queryFn: async ({ signal }): Promise<Session | null> => {
    try {
      return await api.get<Session>('/session', undefined, signal);
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) return null;
      throw error;
    }
  },
  staleTime: 60_000,
});

/** The person signed in. Pages below the shell are only drawn when there is one. */
export function useUser() {
  const { data } = useQuery(sessionQuery);
  return data?.user;
}

export const kindsQuery = queryOptions({
  queryKey: keys.kinds,
  queryFn: ({ signal }) => api.get<Collection<Kind>>('/kinds', undefined, signal).then((page) => page.items.map(readKind)),
  staleTime: 300_000,
});

export const kindQuery = (kind: string) =>
  queryOptions({
    queryKey: keys.kind(kind),
    queryFn: ({ signal }) => api.get<Kind>(`/kinds/${encodeURIComponent(kind)}`, undefined, signal).then(readKind),
    staleTime: 300_000,
    retry: false,
  });

export const useKind = (kind: string) => useQuery(kindQuery(kind));

export const screensQuery = queryOptions({
  queryKey: keys.screens,
  queryFn: ({ signal }) => api.get<Collection<Document>>('/screens', undefined, signal).then((page) => page.items),
  staleTime: 300_000,
});

/** The public pages of a plugin; none of a server that does not tell. */
export const pagesQuery = (plugin: string) =>
  queryOptions({
    queryKey: ['plugins', plugin, 'pages'] as const,
    queryFn: ({ signal }) => api.get<{ pages?: PublicPage[] }>(`/plugins/${encodeURIComponent(plugin)}`, undefined, signal).then(({ pages = [] }) => pages),
    staleTime: 300_000,
    retry: false,
  });

export interface ListQuery {
  filter?: Filter;
  order?: string;
  limit?: number;
  cursor?: string;
  q?: string;
}

const list = (kind: string) => `/records/${encodeURIComponent(kind)}` as const;
const path = (kind: string, id: string) => `${list(kind)}/${encodeURIComponent(id)}` as const;

/** Whether a filter asks something else a minute later. */
const isOfNow = (filter: Filter | undefined) => JSON.stringify(filter ?? {}).includes('"$now"');

export const listQuery = (kind: string, query: ListQuery) =>
  queryOptions({
    queryKey: keys.list(kind, query),
    queryFn: ({ signal }) => api.get<Page>(list(kind), { ...query, filter: filterParam(query.filter) }, signal),
    placeholderData: keepPreviousData,
    staleTime: 5_000,
    // What colleagues do the stream tells; that time has passed it does not.
    refetchInterval: isOfNow(query.filter) ? 60_000 : false,
  });

const LANE = 20;

/** The cards of one column, a page at a time. */
export const boardQuery = (kind: string, query: ListQuery) =>
  infiniteQueryOptions({
    queryKey: [...keys.list(kind, query), 'lane'],
    queryFn: ({ pageParam, signal }) => api.get<Page>(list(kind), { ...query, filter: filterParam(query.filter), limit: LANE, cursor: pageParam || undefined }, signal),
    initialPageParam: '',
    getNextPageParam: (page) => page.next ?? undefined,
    placeholderData: keepPreviousData,
    staleTime: 5_000,
  });

/** How many match. Asked apart from the rows, so that rows never wait for the count. */
export const countQuery = (kind: string, query: Pick<ListQuery, 'filter' | 'q'>) =>
  queryOptions<number | null>({
    queryKey: keys.count(kind, query),
    queryFn: async ({ signal }) => {
      const page = await api.get<Page>(list(kind), { q: query.q, filter: filterParam(query.filter), limit: 1, count: 'exact' }, signal);
      return page.count ?? null;
    },
    placeholderData: keepPreviousData,
    staleTime: 15_000,
  });

/** The measure every count is asked with. */
export const COUNT = { count: true } as const;

/** Groups and measures over a kind, for charts and figures. */
export const aggregateQuery = (kind: string, query: { filter?: Filter; group?: string; measures: Record<string, unknown> }) =>
  queryOptions<Data[]>({
    queryKey: keys.aggregate(kind, query),
    queryFn: ({ signal }) =>
      api.get<{ items: Data[] }>(`${list(kind)}/aggregate`, { filter: filterParam(query.filter), group: query.group, measures: JSON.stringify(query.measures) }, signal).then(({ items }) => items),
    placeholderData: keepPreviousData,
    staleTime: 30_000,
    retry: false,
  });

export const recordQuery = (kind: string, id: string) =>
  queryOptions({
    queryKey: keys.record(kind, id),
    queryFn: ({ signal }) => api.get<Item>(path(kind, id), undefined, signal),
    staleTime: 5_000,
    retry: (count, error) => count < 2 && !(error instanceof ApiError && error.status >= 400 && error.status < 500),
  });

/** A record as it was: after a revision, or at a moment. */
export const asOfQuery = (kind: string, id: string, at: { rev: number } | { at: string }) =>
  queryOptions({
    queryKey: keys.asOf(kind, id, at),
    queryFn: ({ signal }) => api.get<Item>(path(kind, id), at, signal),
    placeholderData: keepPreviousData,
    // What was does not change any more.
    staleTime: 300_000,
    retry: false,
  });

export const attachmentsQuery = (kind: string, id: string) =>
  queryOptions({
    queryKey: keys.attachments(kind, id),
    queryFn: ({ signal }) => api.get<Collection<Attachment>>(`${path(kind, id)}/attachments`, { limit: 200 }, signal).then((page) => page.items),
    retry: false,
  });

export const useTimeline = (kind: string, id: string, department?: string) =>
  useInfiniteQuery({
    queryKey: [...keys.timeline(kind, id), department ?? ''],
    queryFn: ({ pageParam, signal }) =>
      api.get<Collection<TimelineEntry>>(`${path(kind, id)}/timeline`, { limit: 30, cursor: pageParam, department }, signal),
    initialPageParam: '',
    getNextPageParam: (page) => page.next ?? undefined,
  });

export const useHistory = (kind: string, id: string) =>
  useInfiniteQuery({
    queryKey: keys.history(kind, id),
    queryFn: ({ pageParam, signal }) =>
      api.get<Collection<Revision>>(`${path(kind, id)}/history`, { limit: 30, cursor: pageParam }, signal),
    initialPageParam: '',
    getNextPageParam: (page) => page.next ?? undefined,
  });

export const useWhy = (kind: string, id: string, field: string | undefined) =>
  useQuery({
    queryKey: keys.why(kind, id, field ?? ''),
    queryFn: ({ signal }) => api.get<Receipt>(`${path(kind, id)}/why/${encodeURIComponent(field ?? '')}`, undefined, signal),
    enabled: field !== undefined,
    retry: false,
  });

/** The decision behind a value made once more, as of then. */
export const decideAgain = (kind: string, id: string, field: string) => api.get<Retold>(`${path(kind, id)}/why/${encodeURIComponent(field)}`, { again: true });

export const searchQuery = (text: string) =>
  queryOptions<SearchHit[]>({
    queryKey: keys.search(text),
    queryFn: ({ signal }) => api.get<Collection<SearchHit>>('/search', { q: text }, signal).then((page) => page.items),
    enabled: text.trim().length > 0,
    placeholderData: keepPreviousData,
    staleTime: 10_000,
  });

export const pickQuery = (kind: string, text: string) =>
  queryOptions({
    queryKey: keys.pick(kind, text),
    queryFn: ({ signal }) => api.get<Page>(list(kind), { q: text || undefined, limit: 20 }, signal),
    placeholderData: keepPreviousData,
    staleTime: 10_000,
  });

/** Titles of the records that refs lead to, at one question for all. */
export const pickRefsQuery = (kind: string, ids: string[]) =>
  queryOptions({
    queryKey: [...keys.records(kind), 'titles', ids],
    queryFn: async ({ signal }): Promise<Record<string, string>> => {
      const spec = await api.get<Kind>(`/kinds/${encodeURIComponent(kind)}`, undefined, signal);
      const page = await api.get<Page>(list(kind), { filter: JSON.stringify({ id: { in: ids } }), limit: 500 }, signal);
      return Object.fromEntries(page.items.map((item) => [item.id, titleOf(spec, item)]));
    },
    staleTime: 300_000,
    retry: false,
  });

/** The organisations below one's own, for choosing one. */
export const orgsQuery = queryOptions({
  queryKey: keys.orgs,
  queryFn: ({ signal }) => api.get<Page>('/records/org', { limit: 500, order: 'name' }, signal).then((page): Item[] => page.items),
  staleTime: 60_000,
});

/** Saved groups of records. */
export const segmentsQuery = queryOptions({
  queryKey: keys.segments,
  queryFn: ({ signal }) => api.get<Collection<Segment>>('/segments', { limit: 500 }, signal).then((page) => page.items),
  staleTime: 10_000,
});

/** What may go with a write besides its values. */
export interface Extras {
  why?: string;
  /** Reasons for values that are doubtful but possible, by field. */
  overrides?: Record<string, string>;
  /** The dry run this write was shown as: it does exactly that, or is refused. */
  preview?: string;
}

/** The body of a write: its values, and the reasons where there are any. */
export function written(values: Record<string, unknown>, { why, overrides }: Extras): Record<string, unknown> {
  return { ...values, ...(why?.trim() ? { why: why.trim() } : {}), ...(overrides && Object.keys(overrides).length > 0 ? { overrides } : {}) };
}

const act = (kind: string, id: string | undefined, action: string) => `${id === undefined ? list(kind) : path(kind, id)}/actions/${encodeURIComponent(action)}` as const;
const move = (kind: string, id: string, transition: string) => `${path(kind, id)}/moves/${encodeURIComponent(transition)}` as const;
const REHEARSAL = { dry_run: true };

/** Writes of records. */
export const records = {
  create: (kind: string, data: unknown, extras: Extras = {}, org?: string) => api.create<Item>(list(kind), written(org ? { data, org } : { data }, extras), { preview: extras.preview }),
  change: (kind: string, id: string, data: unknown, rev?: number, extras: Extras = {}) => api.patch<Item>(path(kind, id), written({ data }, extras), rev, { preview: extras.preview }),
  remove: (kind: string, id: string, rev?: number) => api.delete<void>(path(kind, id), rev),
  move: (kind: string, id: string, transition: string, data: Data | undefined, extras: Extras = {}) =>
    api.post<Item>(move(kind, id, transition), written(data ? { data } : {}, extras), { query: { preview: extras.preview } }),
  act: <R = unknown>(kind: string, id: string | undefined, action: string, input: unknown, preview?: string) =>
    api.post<{ reply?: R; record?: Item | null } | undefined>(act(kind, id, action), input, { query: { preview } }),
  undo: (kind: string, id: string, rev: number, fields: string[] | undefined, why: string | undefined) =>
    api.post<Item>(`${path(kind, id)}/undo`, written({ rev, ...(fields ? { fields } : {}) }, { why })),
  restore: (kind: string, id: string) => api.post<Item>(`${path(kind, id)}/restore`),
};

export const attachments = {
  add: (kind: string, id: string, file: File, onProgress: (part: number) => void, signal?: AbortSignal) =>
    upload<Attachment>(`${path(kind, id)}/attachments`, file, { name: file.name }, onProgress, signal),
  remove: (id: string) => api.delete<void>(`/attachments/${encodeURIComponent(id)}`),
};

/** The same writes, worked out and taken back. */
export const rehearse = {
  create: (kind: string, data: unknown, extras: Extras = {}, org?: string) => api.post<DryRun>(list(kind), written(org ? { data, org } : { data }, extras), { query: REHEARSAL }),
  change: (kind: string, id: string, data: unknown, rev?: number, extras: Extras = {}) => api.patch<DryRun>(path(kind, id), written({ data }, extras), rev, REHEARSAL),
  move: (kind: string, id: string, transition: string, data: Data | undefined, extras: Extras = {}) => api.post<DryRun>(move(kind, id, transition), written(data ? { data } : {}, extras), { query: REHEARSAL }),
  act: (kind: string, id: string | undefined, action: string, input: unknown) => api.post<DryRun>(act(kind, id, action), input, { query: REHEARSAL }),
};

/** Marks everything read about a kind as stale; its open pages read again at once. */
export function useRefreshRecords() {
  const client = useQueryClient();
  return useCallback(
    (...kinds: string[]) => Promise.all(kinds.map((kind) => client.invalidateQueries({ queryKey: keys.records(kind) }))),
    [client],
  );
}
