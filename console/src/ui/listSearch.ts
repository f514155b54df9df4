// What a list's address holds, read without the list's own code: the router knows every page's.
import type { Filter } from '../api/types.ts';

export interface ListSearch {
  q?: string;
  filter?: Filter;
  order?: string;
  cursor?: string;
  limit?: number;
  /** Shown as a board or a calendar rather than a table. */
  as?: 'board' | 'calendar';
  /** The saved view that is open; `all` where a person chose everything over their default. */
  view?: string;
}

/** Reads a list's state from an address; anything odd is dropped. */
export function readListSearch(search: Record<string, unknown>): ListSearch {
  const text = (value: unknown) => (typeof value === 'string' && value !== '' ? value : typeof value === 'number' ? String(value) : undefined);
  const { filter, limit } = search;
  return {
    q: text(search.q),
    filter: typeof filter === 'object' && filter !== null && !Array.isArray(filter) ? (filter as Filter) : undefined,
    order: text(search.order),
    cursor: text(search.cursor),
    limit: typeof limit === 'number' && limit > 0 && limit <= 500 ? limit : undefined,
    view: text(search.view),
    as: search.as === 'board' || search.as === 'calendar' ? search.as : undefined,
  };
}
