// Merging customers: what it would do, what was merged, what waits for a decision.
import { queryOptions, useQueryClient } from '@tanstack/react-query';
import { api } from '../../api/client.ts';
import { keys } from '../../api/keys.ts';
import { records, rehearse } from '../../api/queries.ts';
import type { Collection, Data } from '../../api/types.ts';
import type { Merge, MergeReply, UnmergeReply } from './types.ts';

export type Side = 'this' | 'other';
export type Choices = Record<string, Side>;

export const mergesQuery = (id: string) =>
  queryOptions({
    queryKey: keys.merges(id),
    queryFn: ({ signal }) => api.get<Collection<Merge>>(`/records/customer/${encodeURIComponent(id)}/merges`, undefined, signal).then((page) => page.items),
    retry: false,
  });

export interface MergeInput {
  id: string;
  other: string;
  choose: Choices;
  why: string;
}

const bodyOf = ({ other, choose, why }: MergeInput): Data => ({ other, ...(Object.keys(choose).length > 0 ? { choose } : {}), ...(why.trim() ? { why: why.trim() } : {}) });

export const merges = {
  rehearse: (input: MergeInput) => rehearse.act('customer', input.id, 'merge', bodyOf(input)),
  apply: (input: MergeInput, preview: string | undefined) => records.act<MergeReply>('customer', input.id, 'merge', bodyOf(input), preview),
  undo: (id: string, merge: string) => records.act<UnmergeReply>('customer', id, 'unmerge', { merge }),
};

/** After a merge or its undo anything may point elsewhere. */
export function useRefreshAll() {
  const client = useQueryClient();
  return () => client.invalidateQueries({ queryKey: ['records'] });
}

/** In a review the sides have names of their own: the new customer, and the one it may be. */
export interface ReviewInput {
  review: string;
  keep: 'customer' | 'other';
  choose: Choices;
  why: string;
}

const reviewBody = ({ keep, choose, why }: ReviewInput): Data => ({ keep, ...(Object.keys(choose).length > 0 ? { choose } : {}), ...(why.trim() ? { why: why.trim() } : {}) });

export const reviews = {
  rehearse: (input: ReviewInput) => rehearse.act('review', input.review, 'merge', reviewBody(input)),
  merge: (input: ReviewInput, preview: string | undefined) => records.act<MergeReply>('review', input.review, 'merge', reviewBody(input), preview),
  /** Looks for more of them, as a job. */
  find: () => records.act<{ job?: string }>('customer', undefined, 'find_duplicates', {}),
  dismiss: (review: string, why: string) => records.act('review', review, 'dismiss', { why }),
};
