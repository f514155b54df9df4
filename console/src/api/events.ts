// Messages of the server's event stream, as far as the console reads them.

/** A CloudEvents 1.0 message. */
export interface LiveEvent {
  id: string;
  type: string;
  subject?: string;
  recordkind?: string;
  recordid?: string;
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
