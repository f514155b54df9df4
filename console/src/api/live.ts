// What others do, as they do it: one stream for the whole page, open while the page is looked at.
import { useQueryClient } from '@tanstack/react-query';
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

/** Counts and sums cost the server more than rows do: when much happens they are asked for no oftener than this. */
const COUNT_MS = 5_000;
/** After a longer gap everything is read again rather than hearing event by event what happened. */
const GAP_MS = 300_000;

/** What no event tells again once it was missed. */
const UNTOLD = [keys.screens, keys.kinds, ['plugins']] as const;

/** Whether a key is of numbers over records rather than of records. */
const isFigure = (key: readonly unknown[]) => key[0] === 'records' && (key[2] === 'count' || key[2] === 'aggregate');

/** Hands on what it is given, at once the first time and then at most every `ms`, each key once. */
export function atMostEvery(ms: number, pass: (key: readonly unknown[]) => void) {
  const waiting = new Map<string, readonly unknown[]>();
  let rest: ReturnType<typeof setTimeout> | undefined;
  const flush = () => {
    rest = waiting.size > 0 ? setTimeout(flush, ms) : undefined;
    const now = [...waiting.values()];
    waiting.clear();
    now.forEach(pass);
  };
  return {
    add: (...given: (readonly unknown[])[]) => {
      for (const key of given) waiting.set(JSON.stringify(key), key);
      if (given.length > 0 && rest === undefined) flush();
    },
    stop: () => clearTimeout(rest),
  };
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

/** Where a stream begins: after the last event heard, unless nothing was heard yet or the gap is too long. */
export function streamAfter(lastId: string, gapMs: number): string | undefined {
  return lastId !== '' && gapMs < GAP_MS ? lastId : undefined;
}

/** Opens the stream while `isOn`; stands once, in the frame. What was missed meanwhile is heard again, or read again. */
export function useLiveStream(isOn: boolean) {
  const client = useQueryClient();
  useEffect(() => {
    if (!isOn) return undefined;
    const stale = (key: readonly unknown[]) => void client.invalidateQueries({ queryKey: key });
    const figures = atMostEvery(COUNT_MS, stale);
    let lastId = '';
    let goneAt: number | undefined;
    /** Whether this stream, opened again by the browser, says what was missed. */
    let goesOn = false;
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
      goneAt ??= Date.now();
    };
    const open = () => {
      if (source || document.hidden) return;
      const after = streamAfter(lastId, Date.now() - (goneAt ?? 0));
      goesOn = after !== undefined;
      source = new EventSource(url('/events/stream', { after }));
      source.addEventListener('open', () => {
        clearTimeout(doubt);
        doubt = undefined;
        setAway(false);
        // The gap is heard now, but for what stands in no event of the log; without an event to go on from it is read again.
        if (wasOpen && goesOn) UNTOLD.forEach(stale);
        else if (wasOpen) void client.invalidateQueries();
        wasOpen = true;
        goneAt = undefined;
      });
      source.addEventListener('message', (message: MessageEvent<string>) => {
        if (message.lastEventId) {
          lastId = message.lastEventId;
          goesOn = true;
        }
        const event = parseEvent(message.data);
        if (!event) return;
        burst.push(event);
        flush ??= setTimeout(() => {
          const events = burst;
          burst = [];
          flush = undefined;
          const read = staleKeys(events);
          read.filter((key) => !isFigure(key)).forEach(stale);
          figures.add(...read.filter(isFigure));
          for (const each of listeners) each(events);
        }, BURST_MS);
      });
      source.addEventListener('error', () => {
        doubt ??= setTimeout(() => setAway(true), PATIENCE_MS);
        goneAt ??= Date.now();
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
      figures.stop();
      document.removeEventListener('visibilitychange', onVisible);
      window.removeEventListener('offline', onOffline);
      window.removeEventListener('online', onOnline);
    };
  }, [client, isOn]);
}
