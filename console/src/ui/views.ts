// Saved views of lists: a name for conditions, order and columns; records of the core's own kind `saved_view`.
import { queryOptions } from '@tanstack/react-query';
import { api, ApiError, filterParam } from '../api/client.ts';
import { keys } from '../api/keys.ts';
import type { Data, Filter, Item, Kind, Page } from '../api/types.ts';
import { OWN_FIELDS } from './columns.ts';

export const VIEW_KIND = 'saved_view';

export interface View {
  id: string;
  rev: number;
  name: string;
  filter: Filter;
  order?: string;
  columns?: string[];
  search?: string;
  isShared: boolean;
  owner?: string;
  position: number;
}

/** What a list shows at a moment, as far as a view keeps it. */
export interface Shown {
  filter?: Filter;
  order?: string;
  q?: string;
  columns?: string[];
}

const isObject = (value: unknown): value is Filter => typeof value === 'object' && value !== null && !Array.isArray(value);
const text = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined);

export function readView(item: Item): View {
  const { name, filter, order, columns, search, is_shared, owner, position } = item.data;
  return {
    id: item.id,
    rev: item.rev,
    name: String(name ?? ''),
    filter: isObject(filter) ? filter : {},
    order: text(order),
    columns: Array.isArray(columns) ? columns.filter((each) => typeof each === 'string') : undefined,
    search: text(search),
    isShared: is_shared === true,
    owner: text(owner),
    position: typeof position === 'number' ? position : 0,
  };
}

/** The data of a view's record. */
export function writeView(kind: string, name: string, isShared: boolean, shown: Shown): Data {
  return { name, kind, is_shared: isShared, filter: shown.filter ?? {}, ...(shown.order ? { order: shown.order } : {}), ...(shown.columns ? { columns: shown.columns } : {}), ...(shown.q ? { search: shown.q } : {}) };
}

/** A patch that makes a view what is shown: what is not said any more is emptied. */
export function patchView(shown: Shown): Data {
  return { filter: shown.filter ?? {}, order: shown.order ?? null, columns: shown.columns ?? null, search: shown.q ?? null };
}

/** Objects are written in the order of their keys by nobody in particular, so they are compared in one. */
function stable(value: unknown): string {
  return JSON.stringify(value, (_key, each: unknown) => (isObject(each) ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1))) : each));
}

/** Whether what is shown is no longer what the view says. */
export function isChanged(view: View, shown: Shown, usual: string[]): boolean {
  return stable([view.filter, view.order, view.search, view.columns ?? usual]) !== stable([shown.filter ?? {}, shown.order, shown.q, shown.columns ?? usual]);
}

/** A view's columns, as far as the kind still has them. */
export function viewColumns(view: View | undefined, kind: Kind): string[] | undefined {
  const known = view?.columns?.filter((name) => name in kind.fields || name in OWN_FIELDS);
  return known && known.length > 0 ? known : undefined;
}

export const viewsQuery = (kind: string) =>
  queryOptions({
    queryKey: keys.list(VIEW_KIND, kind),
    queryFn: async ({ signal }): Promise<View[] | null> => {
      try {
        const page = await api.get<Page>(`/records/${VIEW_KIND}`, { filter: filterParam({ kind }), limit: 200 }, signal);
        return page.items.map(readView).sort((a, b) => a.position - b.position || a.name.localeCompare(b.name, 'zh-CN'));
      } catch (error) {
        // Whoever may not keep views still has lists.
        if (error instanceof ApiError && (error.status === 403 || error.status === 404)) return null;
        throw error;
      }
    },
    staleTime: 60_000,
  });

const defaultKey = (user: string, kind: string) => `marque.view.${user}.${kind}`;

/** The view a person's list opens with on this machine. */
export function defaultView(user: string, kind: string): string | undefined {
  try {
    return localStorage.getItem(defaultKey(user, kind)) ?? undefined;
  } catch {
    return undefined;
  }
}

export function setDefaultView(user: string, kind: string, id: string | undefined) {
  try {
    if (id) localStorage.setItem(defaultKey(user, kind), id);
    else localStorage.removeItem(defaultKey(user, kind));
  } catch {
    // Private windows may refuse; the list then opens with everything.
  }
}
