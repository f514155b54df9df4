// One field changed on many records: tried on each, then done on each that can take it, a few at a time.
import { ApiError } from '../api/client.ts';
import { rehearse, records, type Extras } from '../api/queries.ts';
import type { Data, Item } from '../api/types.ts';
import { errorText, faultText } from './text.ts';

export interface Outcome {
  item: Item;
  preview?: string;
  /** Why it cannot be, in the reader's language. */
  fault?: string;
  isDone?: boolean;
}

const AT_ONCE = 4;

/** Works through a list a few at a time, keeping its order. */
export async function inTurns<T, R>(list: T[], work: (one: T) => Promise<R>, onEach?: (n: number) => void): Promise<R[]> {
  const results: R[] = Array.from({ length: list.length });
  let next = 0;
  let n = 0;
  const lane = async () => {
    while (next < list.length) {
      const at = next++;
      results[at] = await work(list[at]!);
      onEach?.(++n);
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, list.length) }, lane));
  return results;
}

function faultOf(error: unknown, locale: string): string {
  return error instanceof ApiError && error.errors[0] ? faultText(error.errors[0], locale) : errorText(error, locale);
}

export function tryAll(items: Item[], data: Data, extras: Extras, locale: string, onEach: (n: number) => void): Promise<Outcome[]> {
  return inTurns(items, async (item): Promise<Outcome> => {
    try {
      const run = await rehearse.change(item.kind, item.id, data, item.rev, extras);
      const [fault] = run.faults;
      return fault ? { item, fault: faultText(fault.errors?.[0] ?? fault, locale) } : { item, preview: run.preview };
    } catch (error) {
      return { item, fault: faultOf(error, locale) };
    }
  }, onEach);
}

export function changeAll(outcomes: Outcome[], data: Data, extras: Extras, locale: string, onEach: (n: number) => void): Promise<Outcome[]> {
  return inTurns(outcomes, async (outcome): Promise<Outcome> => {
    if (outcome.fault !== undefined) return outcome;
    const { item } = outcome;
    try {
      await records.change(item.kind, item.id, data, item.rev, { ...extras, preview: outcome.preview });
      return { ...outcome, isDone: true };
    } catch (error) {
      return { ...outcome, fault: faultOf(error, locale) };
    }
  }, onEach);
}
