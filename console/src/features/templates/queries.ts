// Templates of messages: those that hold here, how one reads for a customer, and one sent to oneself.
import { queryOptions } from '@tanstack/react-query';
import { api } from '../../api/client.ts';
import { keys } from '../../api/keys.ts';
import type { Item, Json, Text } from '../../api/types.ts';

export interface Template {
  id: string;
  name: string;
  label: string;
  purpose: 'serve' | 'marketing';
  state: 'draft' | 'active' | 'retired';
  org: string;
  org_name: string | null;
  rev: number;
  channels: string[];
  values: string[];
  is_inherited: boolean;
  is_overridden: boolean;
  data: Record<string, Json>;
}

export interface Quotable {
  name: string;
  label: Text;
}

export interface Templates {
  items: Template[];
  fields: Quotable[];
}

export interface Filled {
  text: string;
  empty: string[];
}

export interface Preview {
  items: { language: 'zh' | 'en'; subject: Filled; body: Filled }[];
  language: 'zh' | 'en';
  faults: { pointer: string; code: string; message: string }[];
}

/** What is being written; nothing of it is kept yet. */
export type Draft = Record<string, Json>;

export const templatesKey = keys.records('template');

export const templatesQuery = queryOptions({ queryKey: [...templatesKey, 'holding'], queryFn: ({ signal }) => api.get<Templates>('/templates', {}, signal) });

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
