// What others do, as they do it: one stream for the whole page, open while the page is looked at.
import { useQueryClient, type QueryClient } from '@tanstack/react-query';
import { useEffect, useSyncExternalStore } from 'react';
import { url } from './client.ts';
import { parseEvent, type LiveEvent } from './events.ts';
import { keys } from './keys.ts';

const BURST_MS = 400;
const AGAIN_MS = 5_000;
/** A stream that has said nothing and failed for this long is told of; shorter gaps heal unseen. */
const PATIENCE_MS = 3_000;

type Listener = (events: LiveEvent[]) => void;
const listeners = new Set<Listener>();

let isAway = false;
const awayListeners = new Set<() => void>();

function setAway(next: boolean) {
  if (next === isAway) return;
  isAway = next;
  for (const each of awayListeners) each();
}

/** Whether the server cannot be heard just now: what is on screen may be old. */
export const useAway = () =>
  useSyncExternalStore(
    (listener) => {
      awayListeners.add(listener);
      return () => void awayListeners.delete(listener);
    },
    () => isAway,
  );

/** Calls with every burst of events for as long as something on the page asks. */
export function listen(listener: Listener): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

/** Which reads a burst makes stale. */
export function staleKeys(events: LiveEvent[]): (readonly unknown[])[] {
  const stale = new Map<string, readonly unknown[]>();
  const add = (key: readonly unknown[]) => stale.set(JSON.stringify(key), key);
  for (const { type, recordkind, recordid } of events) {
    if (/^plugin\.(installed|enabled|disabled)$/u.test(type)) [keys.screens, keys.kinds, ['plugins']].forEach(add);
    if (type === 'kind.changed') add(keys.kinds);
    if (recordkind) {
      // Of a kind everything but single records; of those only the one.
      for (const what of ['list', 'count', 'aggregate']) add([...keys.records(recordkind), what]);
      if (recordid) add(keys.record(recordkind, recordid));
    }
  }
  return [...stale.values()];
}

function refresh(client: QueryClient, events: LiveEvent[]) {
  for (const key of staleKeys(events)) void client.invalidateQueries({ queryKey: key });
}

/** Opens the stream; stands once, in the frame. Whatever was missed meanwhile is read again. */
export function useLiveStream() {
  const client = useQueryClient();
  useEffect(() => {
    let source: EventSource | undefined;
    let burst: LiveEvent[] = [];
    let flush: ReturnType<typeof setTimeout> | undefined;
    let again: ReturnType<typeof setTimeout> | undefined;
    let doubt: ReturnType<typeof setTimeout> | undefined;
    let wasOpen = false;
    const close = () => {
      clearTimeout(again);
      clearTimeout(doubt);
      doubt = undefined;
      source?.close();
      source = undefined;
    };
    const open = () => {
      if (source || document.hidden) return;
      source = new EventSource(url('/events/stream'));
      source.addEventListener('open', () => {
        clearTimeout(doubt);
        doubt = undefined;
        setAway(false);
        // The gap between two streams was not heard.
        if (wasOpen) void client.invalidateQueries();
        wasOpen = true;
      });
      source.addEventListener('message', (message: MessageEvent<string>) => {
        const event = parseEvent(message.data);
        if (!event) return;
        burst.push(event);
        flush ??= setTimeout(() => {
          const events = burst;
          burst = [];
          flush = undefined;
          refresh(client, events);
          for (const each of listeners) each(events);
        }, BURST_MS);
      });
      source.addEventListener('error', () => {
        doubt ??= setTimeout(() => setAway(true), PATIENCE_MS);
        if (source?.readyState !== EventSource.CLOSED) return;
        // Refused rather than interrupted: the browser gives up, so try again later ourselves.
        source = undefined;
        again = setTimeout(open, AGAIN_MS);
      });
    };
    // Browsers allow a server six connections: tabs nobody looks at give theirs back.
    const onVisible = () => (document.hidden ? close() : open());
    const onOffline = () => setAway(true);
    const onOnline = () => {
      close();
      open();
    };
    open();
    document.addEventListener('visibilitychange', onVisible);
    window.addEventListener('offline', onOffline);
    window.addEventListener('online', onOnline);
    return () => {
      close();
      clearTimeout(flush);
      document.removeEventListener('visibilitychange', onVisible);
      window.removeEventListener('offline', onOffline);
      window.removeEventListener('online', onOnline);
    };
  }, [client]);
}
