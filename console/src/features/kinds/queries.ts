// Kinds as they hold in an organisation, and what it makes of them.
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { api } from '../../api/client.ts';
import { keys } from '../../api/keys.ts';
import { readKind } from '../../api/kind.ts';
import type { Kind, Text, WrittenField } from '../../api/types.ts';

const path = <P extends 'fields' | 'labels' | `fields/${string}`>(kind: string, part: P) => `/kinds/${encodeURIComponent(kind)}/${part}` as const;

export const kindInQuery = (kind: string, org: string | undefined) =>
  queryOptions({
    queryKey: [...keys.kind(kind), 'in', org],
    queryFn: ({ signal }) => api.get<Kind>(`/kinds/${encodeURIComponent(kind)}`, { org }, signal).then(readKind),
    retry: false,
  });

export interface Labels {
  label?: Text;
  plural?: Text;
  fields?: Record<string, { label?: Text; help?: Text; values?: Record<string, { label: Text }> }>;
}

export type FieldChange = Partial<Pick<WrittenField, 'label' | 'help' | 'values' | 'indexed' | 'searchable' | 'required' | 'retired'>>;

export function useKindWrites(kind: string, org: string | undefined) {
  const client = useQueryClient();
  const refresh = () => client.invalidateQueries({ queryKey: keys.kinds });
  const add = useMutation({ mutationFn: (field: WrittenField & { name: string }) => api.post<WrittenField>(path(kind, 'fields'), { ...field, ...(org ? { org } : {}) }), onSuccess: refresh });
  const change = useMutation({ mutationFn: ({ name, ...change }: FieldChange & { name: string }) => api.patch<WrittenField>(path(kind, `fields/${encodeURIComponent(name)}`), change, undefined, { org }), onSuccess: refresh });
  const retire = useMutation({ mutationFn: (name: string) => api.delete<void>(path(kind, `fields/${encodeURIComponent(name)}`), undefined, { org }), onSuccess: refresh });
  const relabel = useMutation({ mutationFn: (labels: Labels) => api.patch<void>(path(kind, 'labels'), labels, undefined, { org }), onSuccess: refresh });
  return { add, change, retire, relabel };
}
