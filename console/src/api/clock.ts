// The server's time: countdowns are counted from it, so that a wrong clock in the showroom changes nothing.
import { useQuery } from '@tanstack/react-query';
import { useSyncExternalStore } from 'react';
import { api } from './client.ts';
import { keys } from './keys.ts';

/** Server minus local time in milliseconds, taking the middle of the request as the moment of the answer. */
export function offsetOf(serverNow: string, sentAt: number, answeredAt: number): number {
  const server = Date.parse(serverNow);
  return Number.isNaN(server) ? 0 : server - (sentAt + answeredAt) / 2;
}

const listeners = new Set<() => void>();
let second = Math.floor(Date.now() / 1000);
let timer: ReturnType<typeof setInterval> | undefined;

function subscribe(listener: () => void) {
  listeners.add(listener);
  timer ??= setInterval(() => {
    second = Math.floor(Date.now() / 1000);
    for (const each of listeners) each();
  }, 1000);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  };
}

/** The server's time in milliseconds, moving once every `stepMs` for as long as anything on screen asks. */
export function useServerNow(stepMs = 1000): number {
  const { data: offset = 0 } = useQuery({
    queryKey: keys.clock,
    queryFn: async ({ signal }) => {
      const sentAt = Date.now();
      const { now } = await api.get<{ now: string }>('/clock', undefined, signal);
      return offsetOf(now, sentAt, Date.now());
    },
    staleTime: 60_000,
    refetchInterval: 60_000,
  });
  // The snapshot changes only with the step, so whatever counts in minutes is not drawn every second.
  const local = useSyncExternalStore(subscribe, () => Math.floor((second * 1000) / stepMs));
  return local * stepMs + offset;
}
