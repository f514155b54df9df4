// One's own account: password, one-time codes, what is open, tokens for programs.
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { api } from '../../api/client.ts';
import { keys } from '../../api/keys.ts';
import type { Collection } from '../../api/types.ts';

export interface Open {
  id: string;
  kind: 'session' | 'token' | 'oidc';
  name?: string;
  created_at: string;
  seen_at: string;
  expires_at: string;
  address: string | null;
  agent: string | null;
  scopes?: string[];
  addresses?: string[];
  is_current?: boolean;
}

export interface TokenDraft {
  name: string;
  expires_at?: string;
  scopes?: string[];
  addresses?: string[];
}

export const openQuery = queryOptions({
  queryKey: keys.sessions,
  queryFn: ({ signal }) => api.get<Collection<Open>>('/sessions', undefined, signal).then((page) => page.items),
});

export const codesQuery = queryOptions({
  queryKey: keys.codes,
  queryFn: ({ signal }) => api.get<{ is_on: boolean; n_recovery: number }>('/account/totp', undefined, signal),
});

export function useAccountWrites() {
  const client = useQueryClient();
  const refresh = () => Promise.all([client.invalidateQueries({ queryKey: keys.sessions }), client.invalidateQueries({ queryKey: keys.codes }), client.invalidateQueries({ queryKey: keys.session })]);
  const setPassword = useMutation({ mutationFn: (input: { old: string; new: string }) => api.post<void>('/account/password', input), onSuccess: refresh });
  const beginCodes = useMutation({ mutationFn: (password: string) => api.post<{ secret: string; uri: string }>('/account/totp', { password }) });
  // Shown once: what is cached elsewhere is refreshed when the page has shown it.
  const confirmCodes = useMutation({ mutationFn: (code: string) => api.post<{ recovery: string[] }>('/account/totp/confirm', { code }), onSuccess: refresh });
  const endCodes = useMutation({ mutationFn: (password: string) => api.delete<void>('/account/totp', undefined, undefined, { password }), onSuccess: refresh });
  const end = useMutation({ mutationFn: (id: string) => api.delete<void>(`/sessions/${encodeURIComponent(id)}`), onSuccess: refresh });
  const endOthers = useMutation({ mutationFn: () => api.delete<void>('/sessions'), onSuccess: refresh });
  const makeToken = useMutation({ mutationFn: (draft: TokenDraft) => api.post<{ id: string; token: string }>('/tokens', draft), onSuccess: refresh });
  return { setPassword, beginCodes, confirmCodes, endCodes, end, endOthers, makeToken };
}
