// Signing in.
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { api } from '../../api/client.ts';
import { keys } from '../../api/keys.ts';
import type { Session } from '../../api/types.ts';

/** The token in the answer is not kept: the cookie beside it does, and scripts cannot read it. */
export function useSignIn() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (input: { login: string; password: string }) => api.post<Session>('/session', input),
    onSuccess: (session) => {
      // Whatever the last person read here is not for the next.
      client.removeQueries({ predicate: (query) => query.queryKey[0] !== keys.session[0] });
      client.setQueryData(keys.session, { user: session.user, expires_at: session.expires_at });
    },
  });
}
