// Imports are jobs: started with a file, followed until they end.
import { queryOptions, useQuery } from '@tanstack/react-query';
import { api } from '../../api/client.ts';
import type { Collection, Inspection, Job } from '../../api/types.ts';

export const jobKeys = {
  all: ['jobs'] as const,
  one: (id: string) => ['jobs', id] as const,
};

const POLL_MS = 700;

/** A job, asked for again while it runs. */
export const useJob = (id: string | undefined) =>
  useQuery({
    queryKey: jobKeys.one(id ?? ''),
    queryFn: ({ signal }) => api.get<Job>(`/jobs/${encodeURIComponent(id ?? '')}`, undefined, signal),
    enabled: id !== undefined,
    refetchInterval: (query) => (query.state.data?.state === 'running' ? POLL_MS : false),
    staleTime: 0,
  });

export const jobsQuery = queryOptions({
  queryKey: jobKeys.all,
  queryFn: ({ signal }) => api.get<Collection<Job>>('/jobs', undefined, signal).then((page) => page.items),
  staleTime: 2_000,
});

export interface Upload {
  kind: string;
  file: File;
  mapping?: Record<string, string | null>;
  key?: string;
}

const TYPES: Record<string, string> = {
  csv: 'text/csv',
  txt: 'text/csv',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
};

/** The content type by the file's ending: browsers on Windows call a CSV `application/vnd.ms-excel`. */
export function contentType(name: string): string | undefined {
  return TYPES[name.toLowerCase().split('.').at(-1) ?? ''];
}

function post<T>({ kind, file, mapping, key }: Upload, mode: 'inspect' | 'preview' | 'apply') {
  return api.post<T>(`/records/${encodeURIComponent(kind)}/import`, undefined, {
    query: { mode, mapping: mapping ? JSON.stringify(mapping) : undefined, key, filename: file.name },
    file: { content: file, type: contentType(file.name) ?? 'text/csv' },
  });
}

export const imports = {
  inspect: (upload: Upload) => post<Inspection>(upload, 'inspect'),
  preview: (upload: Upload) => post<{ job: string }>(upload, 'preview'),
  apply: (upload: Upload) => post<{ job: string }>(upload, 'apply'),
  cancel: (job: string) => api.post<void>(`/jobs/${encodeURIComponent(job)}/cancel`),
};
