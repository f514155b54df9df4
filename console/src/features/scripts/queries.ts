// Scripts of decision points: drafts, checks, publication, versions; each for one organisation.
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { api } from '../../api/client.ts';
import type { Collection, Json, Text } from '../../api/types.ts';
import type { CheckResult, ScriptDetail, ScriptExample, ScriptItem, ScriptVersion } from './types.ts';

export const scriptKeys = {
  all: ['scripts'] as const,
  list: (org: string | undefined) => ['scripts', 'list', org] as const,
  one: (name: string, org: string | undefined) => ['scripts', 'one', name, org] as const,
  versions: (name: string, org: string | undefined) => ['scripts', 'versions', name, org] as const,
};

/** `decision/complaint.level`: a name has a role and a point, and the slash between them stays as it is. */
export const path = (name: string) => `/scripts/${name.split('/').map(encodeURIComponent).join('/')}` as `/scripts/${string}/${string}`;

export const scriptsQuery = (org: string | undefined) =>
  queryOptions({ queryKey: scriptKeys.list(org), queryFn: ({ signal }) => api.get<Collection<ScriptItem>>('/scripts', { org }, signal).then((page) => page.items) });

export const scriptQuery = (name: string, org: string | undefined) =>
  queryOptions({
    queryKey: scriptKeys.one(name, org),
    queryFn: ({ signal }) => api.get<ScriptDetail>(path(name), { org }, signal),
    // What is being typed must not change under the hands; writes read it again themselves.
    staleTime: 60_000,
    refetchOnWindowFocus: false,
  });

export const versionsQuery = (name: string, org: string | undefined) =>
  queryOptions({ queryKey: scriptKeys.versions(name, org), queryFn: ({ signal }) => api.get<Collection<Version>>(`${path(name)}/versions`, { org }, signal).then((page) => page.items) });

/** What a script can see and call. */
export interface Definitions {
  functions: { call: string; answers: string; help: Text; example: string }[];
  kinds: Record<string, { name: string; label: Text }[]>;
  ears: string[];
  asks: string[];
  text: string;
}

export const definitionsQuery = (org: string | undefined) =>
  queryOptions({ queryKey: ['scripts', 'definitions', org] as const, queryFn: ({ signal }) => api.get<Definitions>('/scripts/definitions', { org }, signal), staleTime: 300_000 });

export interface Recipe {
  name: string;
  label: Text;
  help: Text;
  script: string;
}

export const recipesQuery = queryOptions({ queryKey: ['recipes'] as const, queryFn: ({ signal }) => api.get<Collection<Recipe>>('/recipes', {}, signal).then((page) => page.items), staleTime: Infinity });

export const beginWith = (recipe: string, org: string | undefined) => api.post<{ script: string }>(`/recipes/${encodeURIComponent(recipe)}/begin`, {}, { query: { org } });

/** A version, with who wrote and who published it. */
export type Version = ScriptVersion & { published_by?: string; written_by?: string | null; asks?: string[] };

export interface Draft {
  source: string;
  parameters?: Json;
  examples?: ScriptExample[];
  asks?: string[];
}

/** What is tried: a draft, or a published version; on the last days, or on a stretch of the past. */
export interface Trial {
  source?: string;
  parameters?: Json;
  asks?: string[];
  version?: number;
  days?: number;
  from?: string;
  to?: string;
}

/** Begin to try a rule; the job's detail tells what it would change. */
export const tryRule = (name: string, org: string | undefined, trial: Trial) => api.post<{ job: string }>(`${path(name)}/preview`, trial, { query: { org } });

export function useScriptWrites(name: string, org: string | undefined) {
  const client = useQueryClient();
  const refresh = () => client.invalidateQueries({ queryKey: scriptKeys.all });
  const save = useMutation({ mutationFn: (draft: Draft) => api.put<void>(`${path(name)}/draft`, draft, { org }), onSuccess: refresh });
  const check = useMutation({ mutationFn: (unsaved: Draft) => api.post<CheckResult>(`${path(name)}/check`, unsaved, { query: { org } }) });
  const publish = useMutation({ mutationFn: (how: { share?: number; seen: { source: string; parameters: Json; asks: string[] } }) => api.post<void>(`${path(name)}/publish`, how, { query: { org } }), onSuccess: refresh });
  const promote = useMutation({ mutationFn: () => api.post<void>(`${path(name)}/promote`, {}, { query: { org } }), onSuccess: refresh });
  const rollback = useMutation({ mutationFn: () => api.post<void>(`${path(name)}/rollback`, {}, { query: { org } }), onSuccess: refresh });
  return { save, check, publish, promote, rollback };
}
