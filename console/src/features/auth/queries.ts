// Signing in: with a password, a code where one is asked for, or through an identity provider.
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { api } from '../../api/client.ts';
import { keys } from '../../api/keys.ts';
import type { Session } from '../../api/types.ts';

export interface Ways {
  password: boolean;
  oidc?: { label: string };
}

export const waysQuery = queryOptions({
  queryKey: keys.ways,
  queryFn: ({ signal }) => api.get<Ways>('/session/ways', undefined, signal),
  staleTime: 300_000,
  retry: false,
});

/** The provider's page begins here; the browser goes there by itself. */
export const OIDC_START = '/api/v1/session/oidc';

/** The token in the answer is not kept: the cookie beside it does, and scripts cannot read it. */
export function useSignIn() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (input: { login: string; password: string; code?: string }) => api.post<Session>('/session', input),
    onSuccess: () => {
      // Whatever the last person read here is not for the next. Who they are now, and what they may, is asked anew.
      client.removeQueries();
    },
  });
}
