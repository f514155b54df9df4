// People beyond their records: first password, sessions, duty, what they would see.
import { queryOptions, useQuery } from '@tanstack/react-query';
import { api, ApiError } from '../../api/client.ts';
import { records } from '../../api/queries.ts';
import type { Collection, Item, Kind, Page, Text } from '../../api/types.ts';
import type { OpenSession } from '../../ui/SessionRow.tsx';

const of = (id: string) => `/users/${encodeURIComponent(id)}` as const;

export interface Shift {
  from: string;
  to: string;
}

export interface Duty {
  items: Shift[];
  is_on_duty: boolean;
  time_zone: string;
}

export const dutyQuery = (id: string, rev: number) =>
  queryOptions({ queryKey: ['people', id, 'duty', rev], queryFn: ({ signal }) => api.get<Duty>(`${of(id)}/duty`, undefined, signal), retry: false, staleTime: 60_000 });

export const sessionsKey = (id: string) => ['people', id, 'sessions'] as const;

export const sessionsQuery = (id: string) =>
  queryOptions({ queryKey: sessionsKey(id), queryFn: ({ signal }) => api.get<Collection<OpenSession>>('/sessions', { user: id }, signal).then((page) => page.items), retry: false });

export interface Sees {
  kind: string;
  verbs: string[];
  scope: string | null;
  rows: number;
  masked: string[];
  hidden: string[];
  items: Item[];
}

export const seesQuery = (id: string, kind: string) =>
  queryOptions({ queryKey: ['people', id, 'sees', kind], queryFn: ({ signal }) => api.get<Sees>(`${of(id)}/sees`, { kind }, signal), retry: false });

export const accounts = {
  setPassword: (id: string, password: string) => records.act('user', id, 'set_password', { password }),
  endAll: (id: string) => api.delete<void>('/sessions', undefined, { user: id }),
  end: (id: string) => api.delete<void>(`/sessions/${encodeURIComponent(id)}`),
  resetTotp: (id: string) => api.post<void>(`${of(id)}/totp/reset`),
};

export interface RoleChoice {
  value: string;
  label: Text;
}

/** The roles there are: records of their own where the server has them, else the kind's list. */
export function useRoleChoices(kind: Kind | undefined): RoleChoice[] {
  const { data } = useQuery({
    queryKey: ['records', 'role', 'choices'],
    queryFn: async ({ signal }) => {
      try {
        const page = await api.get<Page>('/records/role', { limit: 500 }, signal);
        return page.items.filter((item) => item.data.status !== 'retired').map((item) => ({ value: String(item.data.code), label: (item.data.name ?? String(item.data.code)) as Text }));
      } catch (error) {
        if (error instanceof ApiError && error.status >= 400 && error.status < 500) return null;
        throw error;
      }
    },
    staleTime: 60_000,
    retry: false,
  });
  return data ?? kind?.fields.roles?.values?.map(({ value, label }) => ({ value, label })) ?? [];
}
