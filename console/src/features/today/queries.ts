// What waits for somebody's word, beyond what plugins bring.
import { queryOptions } from '@tanstack/react-query';
import { api } from '../../api/client.ts';
import type { Collection, Plugin } from '../../api/types.ts';

/** Exports that wait for a second person. */
export const waitingQuery = queryOptions({
  queryKey: ['exports', 'waiting'],
  queryFn: ({ signal }) => api.get<Collection<{ id: string }>>('/exports', { state: 'waiting', limit: 100 }, signal).then((page) => page.items.length),
  retry: false,
  refetchInterval: 60_000,
});

/** Plugins that are down, and deliveries that were put aside. */
export const troubleQuery = queryOptions({
  queryKey: ['plugins', 'trouble'],
  queryFn: ({ signal }) =>
    api.get<Collection<Plugin>>('/plugins', undefined, signal).then((page) => ({ failed: page.items.filter(({ state }) => state === 'failed').length, parked: page.items.reduce((sum, { parked }) => sum + parked, 0) })),
  retry: false,
  refetchInterval: 60_000,
});
