// Live updates: the server's event stream, narrowed to one subject.
import { useEffect, useRef } from 'react';
import { url } from './client.ts';

/** A CloudEvents 1.0 message, as far as the console reads it. */
export interface LiveEvent {
  id: string;
  type: string;
  subject?: string;
  data?: unknown;
}

/** Reads one message; anything that is not an event of ours is passed over. */
export function parseEvent(text: string): LiveEvent | null {
  try {
    const value = JSON.parse(text) as Partial<LiveEvent> | null;
    return value && typeof value.type === 'string' ? { ...value, id: String(value.id ?? ''), type: value.type } : null;
  } catch {
    return null;
  }
}

const BURST_MS = 250;
const AGAIN_MS = 5_000;

/** Calls `onEvents` with what happened to `subject`, a burst of events together. The browser reconnects by itself with Last-Event-ID. */
export function useLive(subject: string | undefined, onEvents: (events: LiveEvent[]) => void) {
  const handler = useRef(onEvents);
  useEffect(() => {
    handler.current = onEvents;
  });
  useEffect(() => {
    if (!subject) return;
    let source: EventSource;
    let burst: LiveEvent[] = [];
    let flush: ReturnType<typeof setTimeout> | undefined;
    let again: ReturnType<typeof setTimeout> | undefined;
    const open = () => {
      source = new EventSource(url('/events/stream', { subject }));
      source.addEventListener('message', (message: MessageEvent<string>) => {
        const event = parseEvent(message.data);
        if (!event) return;
        burst.push(event);
        flush ??= setTimeout(() => {
          const events = burst;
          burst = [];
          flush = undefined;
          handler.current(events);
        }, BURST_MS);
      });
      source.addEventListener('error', () => {
        // Refused rather than interrupted: the browser gives up, so try again later ourselves.
        if (source.readyState === EventSource.CLOSED) again = setTimeout(open, AGAIN_MS);
      });
    };
    open();
    return () => {
      source.close();
      clearTimeout(flush);
      clearTimeout(again);
    };
  }, [subject]);
}
