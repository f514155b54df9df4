// The audit log: read by its keepers, newest first.
import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { api } from '../../api/client.ts';
import type { Collection, Json } from '../../api/types.ts';

export interface Entry {
  seq: number;
  at: string;
  actor: string | { label: string; name?: string | null };
  for?: string | { label: string; name?: string | null } | null;
  org?: string | null;
  what: string;
  /** What that says, in the language asked for, where the server knows it. */
  text?: string | null;
  actor_name?: string | null;
  for_name?: string | null;
  kind?: string | null;
  record?: string | null;
  rev?: number | null;
  detail?: Json;
  address?: string | null;
  chain?: string;
}

export interface Asked {
  what?: string;
  actor?: string;
  record?: string;
  org?: string;
  from?: string;
  to?: string;
  cursor?: string;
}

export const auditQuery = (asked: Asked, limit: number) =>
  queryOptions({
    queryKey: ['audit', asked, limit],
    queryFn: ({ signal }) => api.get<Collection<Entry>>('/audit', { ...asked, limit }, signal),
    placeholderData: keepPreviousData,
    retry: false,
  });
