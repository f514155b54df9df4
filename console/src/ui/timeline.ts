// From the server's timeline entries to what the page draws: days, changes in the kind's order, reasons beside them.
import type { Change, Kind, Receipt, TimelineEntry } from '../api/types.ts';
import { dayOf } from './time.ts';

export interface Day {
  day: string;
  near: 'today' | 'yesterday' | null;
  entries: TimelineEntry[];
}

/** Entries under the day they happened on, in the organisation's zone; order is kept. */
export function byDay(entries: TimelineEntry[], now: number, zone?: string): Day[] {
  const days: Day[] = [];
  for (const entry of entries) {
    const { day, near } = dayOf(entry.at, now, zone);
    const last = days.at(-1);
    if (last?.day === day) last.entries.push(entry);
    else days.push({ day, near, entries: [entry] });
  }
  return days;
}

export interface ChangeLine extends Change {
  /** Made, altered, emptied, or kept from whoever looks: decides which values are shown. */
  sort: 'set' | 'changed' | 'cleared' | 'masked';
  receipt?: Receipt;
}

const isEmpty = (value: unknown) => value === null || value === undefined || value === '' || (Array.isArray(value) && value.length === 0);

/** Changes in the order of the kind's fields, each with the receipt that decided it; nothing that stayed empty. Of what is masked the change alone. */
export function changeLines(changes: Change[], receipts: Receipt[], kind: Kind | undefined): ChangeLine[] {
  const order = new Map(Object.keys(kind?.fields ?? {}).map((name, index) => [name, index]));
  return changes
    .filter(({ old, new: next, masked }) => masked || !(isEmpty(old) && isEmpty(next)))
    .map((change): ChangeLine => ({
      ...change,
      sort: change.masked ? 'masked' : isEmpty(change.old) ? 'set' : isEmpty(change.new) ? 'cleared' : 'changed',
      receipt: receipts.find((receipt) => receipt.field === change.field),
    }))
    .sort((a, b) => (order.get(a.field) ?? 999) - (order.get(b.field) ?? 999));
}

/** Receipts that explain no visible change: shown by themselves, each once. */
export function looseReceipts(receipts: Receipt[], lines: ChangeLine[]): Receipt[] {
  const shown = new Set(lines.flatMap((line) => (line.receipt ? [line.receipt.id] : [])));
  return receipts.filter((receipt, index) => !shown.has(receipt.id) && receipts.findIndex((each) => each.id === receipt.id) === index);
}

export type ActorSort = 'user' | 'plugin' | 'script' | 'system';

/** `user:ID` → who it was, for icon and fallback name. */
export function actorSort(label: string): ActorSort {
  const sort = label.split(':', 1)[0];
  return sort === 'user' || sort === 'plugin' || sort === 'script' ? sort : 'system';
}

/** The core's own events that only set something else going: what follows from them has an entry of its own. */
export function isPlumbing(entry: TimelineEntry): boolean {
  return entry.kind === 'timer.fired' && entry.changes.length === 0 && entry.receipts.length === 0;
}
