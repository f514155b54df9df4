// A decision made once more, held against the one that is on record.
import type { Json } from '../api/types.ts';

export interface Side {
  /** Empty for an answer that has no parts. */
  name: string;
  before: Json | undefined;
  again: Json | undefined;
  isSame: boolean;
}

/** Names in one order whatever the server sent them in: two equal answers read the same. */
function ordered(value: Json | undefined): Json | undefined {
  if (Array.isArray(value)) return value.map((each) => ordered(each) ?? null);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.keys(value).sort().map((name) => [name, ordered(value[name]) ?? null]));
}

const isEqual = (one: Json | undefined, other: Json | undefined) => JSON.stringify(ordered(one)) === JSON.stringify(ordered(other));

const isParted = (value: Json | undefined): value is { [name: string]: Json } => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Both answers part by part, in the order of the first. */
export function sides(before: Json, again: Json | undefined): Side[] {
  if (!isParted(before) || !isParted(again)) return [{ name: '', before, again, isSame: isEqual(before, again) }];
  const names = [...Object.keys(before), ...Object.keys(again).filter((name) => !Object.hasOwn(before, name))];
  return names.map((name) => ({ name, before: before[name], again: again[name], isSame: isEqual(before[name], again[name]) }));
}

const CAUSES = [
  [/^its script failed/u, 'again.failed_then'],
  [/is not installed any more$/u, 'again.rule_gone'],
  [/^the record is not there/u, 'again.record_gone'],
  [/^the customer has been changed/u, 'again.changed_since'],
] as const;

/** The sentence that says why it cannot be made again; nothing for a cause that is not known here. */
export const cannot = (why: string | undefined) => CAUSES.find(([pattern]) => pattern.test(why ?? ''))?.[1];
