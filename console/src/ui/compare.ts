// Two records of a kind side by side: then and now, or one customer and another.
import type { Data, Field, Json, Kind } from '../api/types.ts';

export interface Line {
  name: string;
  field: Field;
  a: Json;
  b: Json;
  isSame: boolean;
}

const isEmpty = (value: Json | undefined) => value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0);

/** Lists of choices are sets: their order says nothing. */
function same(a: Json, b: Json): boolean {
  if (isEmpty(a) && isEmpty(b)) return true;
  if (Array.isArray(a) && Array.isArray(b)) return JSON.stringify([...a].map(String).sort()) === JSON.stringify([...b].map(String).sort());
  return JSON.stringify(a) === JSON.stringify(b);
}

/** The fields that either of them has, in the kind's order. */
export function compare(kind: Kind, a: Data, b: Data): Line[] {
  return Object.entries(kind.fields)
    .filter(([name]) => !isEmpty(a[name]) || !isEmpty(b[name]))
    .map(([name, field]) => ({ name, field, a: a[name] ?? null, b: b[name] ?? null, isSame: same(a[name] ?? null, b[name] ?? null) }));
}

/** Which lines need a decision: both have a value, and not the same. */
export const isContested = (line: Line) => !line.isSame && !isEmpty(line.a) && !isEmpty(line.b);
