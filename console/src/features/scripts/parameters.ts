// Parameters as a form: what stands there says what each is, and the rule's comments say what to call it.
import type { Json } from '../../api/types.ts';

/** `// PARAMETERS.vip_points: 重点客户加几分` in a rule names a parameter. */
const NAMED = /^\s*\/\/+\s*PARAMETERS\.(\w+)\s*[:：]\s*(.+)$/gmu;

export function labelsOf(source: string): Record<string, string> {
  return Object.fromEntries([...source.matchAll(NAMED)].map(([, name, label]) => [name!, label!.trim()]));
}

export type Control = 'number' | 'switch' | 'text' | 'texts' | 'numbers' | 'table' | 'json';

/** What a value is changed with. An empty list may become one of texts; an empty table one of texts too. */
export function controlOf(value: Json | undefined): Control {
  if (typeof value === 'number') return 'number';
  if (typeof value === 'boolean') return 'switch';
  if (typeof value === 'string') return 'text';
  if (Array.isArray(value)) {
    if (value.length > 0 && value.every((each) => typeof each === 'number')) return 'numbers';
    return value.every((each) => typeof each === 'string') ? 'texts' : 'json';
  }
  if (value && typeof value === 'object') return Object.values(value).every((each) => typeof each === 'number' || typeof each === 'string') ? 'table' : 'json';
  return 'json';
}

/** Texts typed as tags, read as numbers; what is none is left out. */
export const numbersOf = (texts: string[]): number[] => texts.map(Number).filter((n) => Number.isFinite(n));

/** A row of a table as it is typed: its name may be empty or stand twice for a moment. */
export interface Row {
  id: number;
  name: string;
  value: number | string;
}

export const rowsOf = (table: Record<string, number | string>): Row[] => Object.entries(table).map(([name, value], id) => ({ id, name, value }));

/** The rows whose name is empty or stands before already: nothing is written until each has its own. */
export const wrongRows = (rows: Row[]): number[] => rows.filter(({ name }, index) => name.trim() === '' || rows.findIndex((each) => each.name === name) < index).map(({ id }) => id);

/** The table that the rows spell, unless one of them is wrong. */
export const tableOf = (rows: Row[]): Record<string, number | string> | undefined => (wrongRows(rows).length > 0 ? undefined : Object.fromEntries(rows.map(({ name, value }) => [name, value])));

/** What the rule speaks of and the parameters lack is shown too, to be filled in. */
export function namesOf(parameters: Record<string, Json>, labels: Record<string, string>): string[] {
  return [...new Set([...Object.keys(labels), ...Object.keys(parameters)])];
}
