// Plugins: what is installed, how it does, what it was not able to do.
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { api, url } from '../../api/client.ts';
import { keys } from '../../api/keys.ts';
import type { Collection, Data, Json, Plugin } from '../../api/types.ts';
import type { PluginDetail, PluginLog } from './types.ts';

export const pluginKeys = {
  all: ['plugins'] as const,
  one: (name: string) => ['plugins', name] as const,
  logs: (name: string) => ['plugins', name, 'logs'] as const,
};

const path = (name: string) => `/plugins/${encodeURIComponent(name)}` as const;

export const pluginsQuery = queryOptions({
  queryKey: pluginKeys.all,
  queryFn: ({ signal }) => api.get<Collection<Plugin>>('/plugins', undefined, signal).then((page) => page.items),
  refetchInterval: 10_000,
});

export const pluginQuery = (name: string) =>
  queryOptions({ queryKey: pluginKeys.one(name), queryFn: ({ signal }) => api.get<PluginDetail>(path(name), undefined, signal), refetchInterval: 10_000 });

export const logsQuery = (name: string) =>
  queryOptions({ queryKey: pluginKeys.logs(name), queryFn: ({ signal }) => api.get<Collection<PluginLog>>(`${path(name)}/logs`, undefined, signal).then((page) => page.items), refetchInterval: 10_000 });

/** A plugin that comes or goes changes kinds, screens and menus too. */
function useWrite<Input, Output>(write: (input: Input) => Promise<Output>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: write,
    onSettled: () => Promise.all([pluginKeys.all, keys.kinds, keys.screens].map((queryKey) => client.invalidateQueries({ queryKey }))),
  });
}

export const useInstall = () => useWrite((file: File) => api.post<Plugin>('/plugins', undefined, { file: { content: file, type: 'application/octet-stream' } }));
export const useSwitch = (name: string) => useWrite((on: boolean) => api.post<void>(`${path(name)}/${on ? 'enable' : 'disable'}`));
export const useSettings = (name: string, org: string | undefined) => useWrite((settings: Data) => api.put<void>(`${path(name)}/settings`, settings, { org }));

/** What an administrator has said of a plugin, beside what the list shows. */
export interface Standing {
  held_back?: string[];
  publisher?: string | null;
  previous?: string | null;
  leaving_at?: string | null;
  rests_s?: number;
  waiting?: { version: string; publisher: string | null; more: string[]; less: string[] } | null;
}

export interface Outcome { commands?: Json; fault?: Json }
export interface Shadow {
  from: string;
  to: string;
  n_events: number;
  n_different: number;
  items: { seq: number; kind: string; before: Outcome; after: Outcome }[];
}

export const useGrant = (name: string) => useWrite((version: string) => api.post<void>(`${path(name)}/grant`, { version }));
export const useRefuse = (name: string) => useWrite<void, void>(() => api.post<void>(`${path(name)}/refuse`));
export const useRollback = (name: string) => useWrite<void, Plugin>(() => api.post<Plugin>(`${path(name)}/rollback`));
export const useUninstall = (name: string) => useWrite<void, void>(() => api.delete<void>(path(name)));
/** The version that waits, run over past events beside the one at work; nothing of it is done. */
export const usePreview = (name: string) => useMutation({ mutationFn: () => api.post<Shadow>(`${path(name)}/preview`, undefined, { file: { content: new Blob([]), type: 'application/octet-stream' } }) });
export const exportUrl = (name: string) => url(`${path(name)}/export`);
