// Query keys that more than one part of the console reads or invalidates.
export const keys = {
  session: ['session'] as const,
  kinds: ['kinds'] as const,
  kind: (kind: string) => ['kinds', kind] as const,
  screens: ['screens'] as const,
  clock: ['clock'] as const,
  records: (kind: string) => ['records', kind] as const,
  list: (kind: string, query: unknown) => ['records', kind, 'list', query] as const,
  count: (kind: string, query: unknown) => ['records', kind, 'count', query] as const,
  record: (kind: string, id: string) => ['records', kind, 'one', id] as const,
  timeline: (kind: string, id: string) => ['records', kind, 'one', id, 'timeline'] as const,
  history: (kind: string, id: string) => ['records', kind, 'one', id, 'history'] as const,
  why: (kind: string, id: string, field: string) => ['records', kind, 'one', id, 'why', field] as const,
  pick: (kind: string, text: string) => ['records', kind, 'pick', text] as const,
  search: (text: string) => ['search', text] as const,
};
