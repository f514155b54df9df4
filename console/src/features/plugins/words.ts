// A plugin's rights and faults in plain words.
import type { Json, Plugin } from '../../api/types.ts';

/** `{"event":"timer.fired","filter":{…}}` or `"timer.fired"` → the event, with its filter. */
export function right(value: Json): { name: string; filter?: string } {
  if (typeof value === 'string') return { name: value };
  if (value !== null && typeof value === 'object' && !Array.isArray(value)) {
    const name = value.event ?? value.command ?? value.point ?? value.kind ?? value.name;
    const filter = value.filter;
    return { name: typeof name === 'string' ? name : JSON.stringify(value), filter: filter && Object.keys(filter).length > 0 ? JSON.stringify(filter) : undefined };
  }
  return { name: String(value) };
}

/** A right may be a list, one word such as `*`, or a table of lists by name. */
export function rights(value: Json | undefined): { name: string; filter?: string }[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return value.map(right);
  if (typeof value === 'object') return Object.values(value).flatMap((each) => (Array.isArray(each) ? each.map(right) : []));
  return [right(value)];
}

export function faultOf(plugin: Plugin): { code?: string; message?: string } | undefined {
  const { fault } = plugin;
  if (!fault) return undefined;
  return typeof fault === 'string' ? { message: fault } : fault;
}

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error'];

export function logLevel(level: number | string): string {
  return typeof level === 'string' ? level.toLowerCase() : (LEVELS[level] ?? 'info');
}
