// The organisation tree and changes to it.
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { api } from '../../api/client.ts';
import { keys } from '../../api/keys.ts';
import { records, type Extras } from '../../api/queries.ts';
import type { Data, Item } from '../../api/types.ts';
import type { OrgTree } from './tree.ts';

const treeKey = ['orgs', 'tree'] as const;

export const treeQuery = queryOptions({
  queryKey: treeKey,
  queryFn: ({ signal }) => api.get<OrgTree>('/orgs/tree', undefined, signal),
  staleTime: 30_000,
  retry: false,
});

/** Whatever changes an organisation changes the tree and every choice of organisations. */
function useWrite<Input, Output>(write: (input: Input) => Promise<Output>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: write,
    onSettled: () => Promise.all([keys.orgs, keys.records('org')].map((queryKey) => client.invalidateQueries({ queryKey }))),
  });
}

export const useCreateOrg = () => useWrite(({ data, extras }: { data: Data; extras: Extras }) => records.create('org', data, extras));
export const useChangeOrg = () => useWrite(({ item, data, extras }: { item: Item; data: Data; extras?: Extras }) => records.change('org', item.id, data, item.rev, extras));
