// What became of messages.
import { queryOptions } from '@tanstack/react-query';
import { api } from '../../api/client.ts';
import { keys } from '../../api/keys.ts';
import { records } from '../../api/queries.ts';
import type { Item, Json, Refs } from '../../api/types.ts';

export interface Caught {
  at: string;
  address: string;
  subject: string | null;
  body: string;
  headers: Record<string, string>;
  n_handed: number;
}

export interface Sent extends Pick<Item, 'id' | 'org' | 'created_at' | 'data'> {
  caught: Caught | null;
}

export interface SentPage {
  items: Sent[];
  next: string | null;
  refs?: Refs;
}

export interface SentQuery {
  state?: string;
  reason?: string;
  customer?: string;
  cursor?: string;
  limit?: number;
}

export const sentQuery = (query: SentQuery) =>
  queryOptions({
    queryKey: [...keys.records('message'), 'outbound', query],
    queryFn: ({ signal }) => api.get<SentPage>('/outbound', { ...query }, signal),
    refetchInterval: 30_000,
  });

export const cancelMessage = (id: string) => records.act('message', id, 'cancel', {});

export const word = (value: Json | undefined) => (typeof value === 'string' ? value : undefined);

export interface Letter {
  id: string;
  name: string;
  address: string;
  sender: string;
  subject: string | null;
  body: string;
}

/** Asked anew whenever the list is opened: who has said no meanwhile is not on it. */
export const lettersQuery = queryOptions({
  queryKey: [...keys.records('message'), 'letters'],
  queryFn: ({ signal }) => api.get<{ items: Letter[] }>('/outbound/letters', {}, signal),
  gcTime: 0,
});

export const printed = (ids: string[]) => api.post<{ sent: number; stopped: number }>('/outbound/letters/printed', { ids });
