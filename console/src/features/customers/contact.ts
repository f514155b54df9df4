// Whether a customer may be contacted, and what they agreed to.
import { queryOptions, useQueryClient } from '@tanstack/react-query';
import { api } from '../../api/client.ts';
import { keys } from '../../api/keys.ts';
import { records } from '../../api/queries.ts';
import type { Data, Json, Text } from '../../api/types.ts';

export const CHANNELS = ['sms', 'call', 'email', 'wechat', 'letter', 'app'] as const;
export type Channel = (typeof CHANNELS)[number];

export interface Verdict {
  purpose: string;
  channel?: Channel;
  is_allowed: boolean;
  reason?: string;
  detail?: string;
  /** Which of the sentences of its reason it is, and what stands in it. */
  why?: string;
  values?: Record<string, string | number>;
  retry_at?: string;
}

export interface BannerLine {
  code: string;
  tone: string;
  text: Text;
}

export interface Contact {
  items: Verdict[];
  banner: BannerLine[];
  /** The customer's own page. */
  link?: string;
}

export const contactQuery = (id: string) =>
  queryOptions({
    queryKey: [...keys.record('customer', id), 'contact'],
    queryFn: ({ signal }) => api.get<Contact>(`/records/customer/${encodeURIComponent(id)}/contact`, undefined, signal),
    // Quiet hours begin and end without anybody doing anything.
    refetchInterval: 60_000,
    retry: false,
  });

/** Whether one may write now, for this purpose by this way. */
export const mayQuery = (id: string, purpose: string, channel: string) =>
  queryOptions({
    queryKey: [...keys.record('customer', id), 'may', purpose, channel],
    queryFn: ({ signal }) => api.get<Omit<Verdict, 'purpose' | 'channel'>>(`/records/customer/${encodeURIComponent(id)}/may`, { purpose, channel }, signal),
    refetchInterval: 60_000,
    retry: false,
  });

/** Everything that a word of the customer may change. */
export function useSay(customer: string) {
  const client = useQueryClient();
  return async (input: Data) => {
    await records.act('customer', customer, 'consent', input);
    await Promise.all([client.invalidateQueries({ queryKey: keys.record('customer', customer) }), client.invalidateQueries({ queryKey: keys.records('consent') })]);
  };
}

export const word = (value: Json | undefined) => (typeof value === 'string' ? value : undefined);
