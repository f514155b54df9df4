// Filters as people set them, one condition a field, and as the server wants them.
import { fieldsInUse } from '../api/kind.ts';
import type { Field, Filter, Json, Kind } from '../api/types.ts';

/** Which fields a list can be narrowed by at any size, in the kind's order. */
export function filterable(kind: Kind): [string, Field][] {
  const entries = fieldsInUse(kind).filter(([, field]) => !['json', 'long_text', 'file'].includes(field.type));
  const indexed = entries.filter(([, field]) => field.indexed || field.derived !== undefined || field.unique !== undefined || field.type === 'enum' || field.type === 'ref' || field.type === 'bool');
  return indexed.length > 0 ? indexed : entries;
}

/** Fields a list can be ordered by. */
export function sortable(kind: Kind): Set<string> {
  const names = Object.entries(kind.fields).filter(([, field]) => field.indexed || field.unique !== undefined).map(([name]) => name);
  return new Set([...names, 'created_at', 'updated_at']);
}

/** Two filters at once. A field named in both must satisfy both. */
export function both(a: Filter | undefined, b: Filter | undefined): Filter | undefined {
  const isEmpty = (filter: Filter | undefined) => !filter || Object.keys(filter).length === 0;
  if (isEmpty(a)) return isEmpty(b) ? undefined : b;
  if (isEmpty(b)) return a;
  const overlaps = Object.keys(a!).some((name) => name in b!);
  return overlaps ? { and: [a!, b!] } : { ...a, ...b };
}

/** Puts ids where a plugin's filter says `{"$subject":true}` or `{"$id":true}`; the server knows the other operands. */
export function bind(filter: Filter | undefined, ids: { subject?: string; id?: string }): Filter | undefined {
  function walk(value: Json): Json {
    if (Array.isArray(value)) return value.map(walk);
    if (value === null || typeof value !== 'object') return value;
    if (value.$subject === true && ids.subject !== undefined) return ids.subject;
    if (value.$id === true && ids.id !== undefined) return ids.id;
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, walk(each)]));
  }
  return filter ? (walk(filter) as Filter) : undefined;
}

/** Whether a filter still speaks of a record that is not there, so that asking would answer the wrong question. */
export function isOpenEnded(filter: Filter | undefined): boolean {
  return /"\$(subject|id)":true/u.test(JSON.stringify(filter ?? {}));
}

export interface Range {
  gte?: Json;
  lte?: Json;
}

/** The condition on a field in parts an editor can show. */
export function readCondition(value: Json | undefined): { values: Json[]; range: Range; text: string } {
  if (value === undefined || value === null) return { values: [], range: {}, text: '' };
  if (typeof value !== 'object') return { values: [value], range: {}, text: String(value) };
  if (Array.isArray(value)) return { values: value, range: {}, text: '' };
  const values = Array.isArray(value.in) ? value.in : value.contains !== undefined ? [value.contains] : [];
  return { values, range: { gte: value.gte, lte: value.lte }, text: String(value.contains ?? value.starts ?? value.eq ?? '') };
}

/** Back again; `undefined` takes the condition away. */
export function writeCondition(field: Field, parts: { values?: Json[]; range?: Range; text?: string }): Json | undefined {
  switch (field.type) {
    // A list is met by one it holds: `eq` for one value, `in` for any of several.
    case 'enum':
    case 'enum_list':
    case 'ref':
    case 'ref_list':
    case 'bool': {
      const values = parts.values ?? [];
      return values.length === 0 ? undefined : values.length === 1 ? values[0] : { in: values };
    }
    case 'int':
    case 'decimal':
    case 'money':
    case 'date':
    case 'datetime': {
      const range = Object.fromEntries(Object.entries(parts.range ?? {}).filter(([, bound]) => bound !== undefined && bound !== null)) as Filter;
      return Object.keys(range).length > 0 ? range : undefined;
    }
    default:
      return parts.text?.trim() ? { contains: parts.text.trim() } : undefined;
  }
}
