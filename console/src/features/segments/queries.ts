// Segments: saved groups of records, counted by the server.
import { keepPreviousData, queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { api } from '../../api/client.ts';
import { keys } from '../../api/keys.ts';
import type { Filter, Page, Segment } from '../../api/types.ts';

const path = (id: string) => `/segments/${encodeURIComponent(id)}` as const;

export const segmentQuery = (id: string) =>
  queryOptions({ queryKey: keys.segment(id), queryFn: ({ signal }) => api.get<Segment>(path(id), undefined, signal), retry: false });

export const membersQuery = (id: string, query: { cursor?: string; limit: number }) =>
  queryOptions({
    queryKey: keys.members(id, query),
    queryFn: ({ signal }) => api.get<Page>(`${path(id)}/records`, query, signal),
    placeholderData: keepPreviousData,
  });

export interface SegmentDraft {
  name: string;
  kind: string;
  filter: Filter;
  is_static: boolean;
}

export function useSegmentWrites() {
  const client = useQueryClient();
  const refresh = () => client.invalidateQueries({ queryKey: keys.segments });
  const add = useMutation({ mutationFn: (draft: SegmentDraft) => api.post<Segment>('/segments', draft), onSuccess: refresh });
  const change = useMutation({ mutationFn: ({ id, rev, ...draft }: { id: string; rev: number; name?: string; filter?: Filter }) => api.patch<Segment>(path(id), draft, rev), onSuccess: refresh });
  const remove = useMutation({
    mutationFn: ({ id, rev }: { id: string; rev: number }) => api.delete<void>(path(id), rev),
    // The one that is gone is not asked for again.
    onSuccess: () => client.invalidateQueries({ queryKey: keys.segments, exact: true }),
  });
  /** Who is in a fixed list is said by hand. */
  const move = useMutation({ mutationFn: ({ id, ...moves }: { id: string; add?: string[]; remove?: string[] }) => api.post<Segment>(`${path(id)}/records`, moves), onSuccess: refresh });
  return { add, change, remove, move };
}
