// Plugins: what is installed, how it does, what it was not able to do.
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { api } from '../../api/client.ts';
import { keys } from '../../api/keys.ts';
import type { Collection, Data, Parked, Plugin, PluginDetail, PluginLog } from '../../api/types.ts';

export const pluginKeys = {
  all: ['plugins'] as const,
  one: (name: string) => ['plugins', name] as const,
  logs: (name: string) => ['plugins', name, 'logs'] as const,
  parked: (name: string) => ['plugins', name, 'parked'] as const,
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

export const parkedQuery = (name: string) =>
  queryOptions({ queryKey: pluginKeys.parked(name), queryFn: ({ signal }) => api.get<Collection<Parked>>(`${path(name)}/parked`, undefined, signal).then((page) => page.items), refetchInterval: 10_000 });

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
export const useUnpark = (name: string) => useWrite(({ seq, how }: { seq: number; how: 'retry' | 'drop' }) => api.post<void>(`${path(name)}/parked/${seq}/${how}`));
