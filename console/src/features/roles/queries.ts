// Roles are records of the core's kind `role`.
import { queryOptions } from '@tanstack/react-query';
import { api } from '../../api/client.ts';
import { keys } from '../../api/keys.ts';
import type { Item, Page } from '../../api/types.ts';

export const rolesQuery = queryOptions({
  queryKey: [...keys.records('role'), 'all'],
  queryFn: ({ signal }) => api.get<Page>('/records/role', { limit: 500, order: 'code' }, signal).then((page): Item[] => page.items),
  retry: false,
});

/** How many people have a role. */
export const holdersQuery = (code: string) =>
  queryOptions({
    queryKey: [...keys.records('user'), 'holders', code],
    queryFn: ({ signal }) => api.get<Page>('/records/user', { filter: JSON.stringify({ roles: code, status: { ne: 'left' } }), limit: 1, count: 'exact' }, signal).then((page) => page.count ?? null),
    retry: false,
  });
