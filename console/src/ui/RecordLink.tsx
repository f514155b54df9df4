// Links to records, and titles of records known only by id.
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { kindQuery, recordQuery } from '../api/queries.ts';
import type { Filter, Refs } from '../api/types.ts';

/** Kinds whose records have a page of their own. */
const PAGES: Record<string, (id: string) => string> = {
  customer: (id) => `/customers/${id}`,
  user: (id) => `/people/${id}`,
  org: (id) => `/orgs/${id}`,
  data_request: (id) => `/requests/${id}`,
  role: (id) => `/roles/${id}`,
};

/** Where a record's page is. */
export function recordPath(kind: string, id: string): string {
  const page = PAGES[kind];
  return page ? page(encodeURIComponent(id)) : `/records/${encodeURIComponent(kind)}/${encodeURIComponent(id)}`;
}

/** Kinds whose lists have a page of their own. */
const LISTS: Record<string, string> = { customer: '/customers', user: '/people', team: '/teams', org: '/orgs', data_request: '/requests', role: '/roles' };

export const listPath = (kind: string) => LISTS[kind] ?? `/records/${encodeURIComponent(kind)}`;

/** A link to the rows that meet a filter: what every number opens. */
export function rowsLink(kind: string, filter: Filter | undefined, order?: string) {
  const search = { ...(filter && Object.keys(filter).length > 0 ? { filter } : {}), ...(order ? { order } : {}), view: 'all' };
  return { to: listPath(kind) as never, search: search as never };
}

export function RecordLink({ kind, id, children }: { kind: string; id: string; children: ReactNode }) {
  return (
    <Link to={recordPath(kind, id)} className="record-link" onClick={(event) => event.stopPropagation()}>
      {children}
    </Link>
  );
}

function FetchedTitle({ kind, id }: { kind: string; id: string }) {
  const { data: spec } = useQuery(kindQuery(kind));
  const { data: item } = useQuery({ ...recordQuery(kind, id), staleTime: 300_000, retry: false });
  const title = spec && item ? item.data[spec.title] : undefined;
  return <>{typeof title === 'string' && title ? title : id.slice(0, 8)}</>;
}

/** A record's title: from the answer's `refs` where it is there, else asked for. */
export function RefTitle({ kind, id, refs }: { kind: string | undefined; id: string; refs?: Refs }) {
  const known = refs?.[id];
  if (known?.title) return <>{known.title}</>;
  const asked = known?.kind ?? kind;
  return asked ? <FetchedTitle kind={asked} id={id} /> : <>{id.slice(0, 8)}</>;
}
