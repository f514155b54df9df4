// Webhooks: which there are, what they were told, and what is done with them.
import { queryOptions } from '@tanstack/react-query';
import { api } from '../../api/client.ts';
import type { Json } from '../../api/types.ts';

export interface Webhook {
  id: string;
  org: string;
  owner_name: string | null;
  name: string;
  url: string;
  events: string[];
  filter: Record<string, Json>;
  state: 'active' | 'paused' | 'disabled';
  why: 'failing' | 'gone' | 'owner' | null;
  failing_since: string | null;
  rev: number;
  n_waiting: number;
  n_failed: number;
  secret?: string;
}

export interface Delivery {
  id: string;
  kind: string;
  subject: string | null;
  state: 'waiting' | 'delivered' | 'failed';
  made_at: string;
  due_at: string;
  tried_at: string | null;
  attempts: number;
  status: number | null;
  fault: string | null;
  took_ms: number | null;
}

interface Listed<T> {
  items: T[];
  next: string | null;
}

export const webhooksKey = ['webhooks'] as const;

export const webhooksQuery = queryOptions({ queryKey: webhooksKey, queryFn: ({ signal }) => api.get<Listed<Webhook>>('/webhooks', {}, signal), refetchInterval: 15_000 });

export const deliveriesQuery = (id: string, state: string | undefined, cursor: string | undefined) =>
  queryOptions({
    queryKey: [...webhooksKey, id, state, cursor],
    queryFn: ({ signal }) => api.get<Listed<Delivery>>(`/webhooks/${id}/deliveries`, { state, cursor }, signal),
    refetchInterval: 5_000,
  });

export type Written = Pick<Webhook, 'name' | 'url' | 'events' | 'filter'>;

export const make = (written: Written) => api.post<Webhook>('/webhooks', written);
export const change = (hook: Webhook, written: Partial<Written> & { state?: 'active' | 'paused' }) => api.patch<Webhook>(`/webhooks/${hook.id}`, written, hook.rev);
export const remove = (id: string) => api.delete<void>(`/webhooks/${id}`);
export const rotate = (id: string) => api.post<Webhook>(`/webhooks/${id}/rotate`);
export const tryOut = (id: string) => api.post<Delivery>(`/webhooks/${id}/test`);
export const retryAll = (id: string) => api.post<{ n: number }>(`/webhooks/${id}/retry`);
export const retry = (id: string, delivery: string) => api.post<{ n: number }>(`/webhooks/${id}/deliveries/${delivery}/retry`);

/** Kinds of events, with commas or lines between them. */
export const kindsIn = (text: string) => [...new Set(text.split(/[\s,，、]+/).filter((kind) => kind !== ''))];
