// Imports are jobs: started with a file, followed until they end.
import { queryOptions } from '@tanstack/react-query';
import { api } from '../../api/client.ts';
import { isMoving, jobKeys } from '../../api/jobs.ts';
import { records } from '../../api/queries.ts';
import type { Collection, Job } from '../../api/types.ts';
import type { Inspection } from './types.ts';

export const exportKeys = { all: ['exports'] as const };

export const jobsQuery = queryOptions({
  queryKey: jobKeys.all,
  queryFn: ({ signal }) => api.get<Collection<Job>>('/jobs', undefined, signal).then((page) => page.items),
  staleTime: 2_000,
  refetchInterval: (query) => (query.state.data?.some(isMoving) ? 2_000 : false),
});

export interface Upload {
  kind: string;
  file: File;
  mapping?: Record<string, string | null>;
  key?: string;
  automations?: Automations;
}

/** What becomes of the events an import sets off: at once, when somebody lets them go, or at a measured pace. */
export type Automations = 'run' | 'hold' | 'batch';

const TYPES: Record<string, string> = {
  csv: 'text/csv',
  txt: 'text/csv',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  xls: 'application/vnd.ms-excel',
  ndjson: 'application/x-ndjson',
  jsonl: 'application/x-ndjson',
  vcf: 'text/vcard',
};

/** The endings of files that can be read, as an upload wants them. */
export const ACCEPT = Object.keys(TYPES).map((ending) => `.${ending}`).join(',');

/** The content type by the file's ending: browsers on Windows call a CSV `application/vnd.ms-excel`. */
export function contentType(name: string): string | undefined {
  return TYPES[name.toLowerCase().split('.').at(-1) ?? ''];
}

function post<T>({ kind, file, mapping, key, automations }: Upload, mode: 'inspect' | 'preview' | 'apply') {
  return api.post<T>(`/records/${encodeURIComponent(kind)}/import`, undefined, {
    query: { mode, mapping: mapping ? JSON.stringify(mapping) : undefined, key, automations, filename: file.name },
    file: { content: file, type: contentType(file.name) ?? 'text/csv' },
  });
}

export const imports = {
  inspect: (upload: Upload) => post<Inspection>(upload, 'inspect'),
  preview: (upload: Upload) => post<{ job: string }>(upload, 'preview'),
  apply: (upload: Upload) => post<{ job: string }>(upload, 'apply'),
  cancel: (job: string) => api.post<void>(`/jobs/${encodeURIComponent(job)}/cancel`),
  undo: (job: string) => api.post<Job>(`/jobs/${encodeURIComponent(job)}/undo`),
  release: (job: string) => api.post<Job>(`/jobs/${encodeURIComponent(job)}/release`),
  discard: (job: string) => api.post<Job>(`/jobs/${encodeURIComponent(job)}/discard`),
  saveMapping: (kind: string, name: string, mapping: Record<string, string | null>, key: string | undefined) => records.create('import_mapping', { name, kind, mapping, ...(key ? { key } : {}) }),
};
