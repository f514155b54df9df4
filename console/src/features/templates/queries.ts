// A template as it is written: how the draft reads for a customer, one sent to oneself, and keeping it.
import { queryOptions } from '@tanstack/react-query';
import { api } from '../../api/client.ts';
import { type Preview, templatesKey } from '../../api/templates.ts';
import type { Item, Json } from '../../api/types.ts';

/** What is being written; nothing of it is kept yet. */
export type Draft = Record<string, Json>;

export const previewQuery = (draft: Draft, customer: string | undefined, values: Record<string, string>) =>
  queryOptions({
    queryKey: [...templatesKey, 'preview', draft, customer, values],
    queryFn: () => api.post<Preview>('/templates/preview', { draft, customer, values }),
    placeholderData: (before) => before,
    retry: false,
  });

export const test = (draft: Draft, channel: string, language: string, customer: string | undefined, values: Record<string, string>) =>
  api.post<{ address: string }>('/templates/test', { draft, channel, language, customer, values });

export const save = (id: string | undefined, draft: Draft, rev?: number) =>
  id ? api.patch<Item>(`/records/template/${id}`, { data: draft }, rev) : api.post<Item>('/records/template', { data: draft });

export const move = (id: string, transition: 'activate' | 'retire') => api.post<Item>(`/records/template/${id}/moves/${transition}`, {});

/** The names in a text of names, with commas or spaces between them. */
export const namesIn = (text: string) => [...new Set(text.split(/[\s,，、]+/).filter((name) => name !== ''))];
