// Templates of messages: those that hold here, and how one of them reads for a customer.
import { queryOptions } from '@tanstack/react-query';
import { api } from './client.ts';
import { keys } from './keys.ts';
import type { Json, Text } from './types.ts';

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

export const templatesKey = keys.records('template');

export const templatesQuery = queryOptions({ queryKey: [...templatesKey, 'holding'], queryFn: ({ signal }) => api.get<Templates>('/templates', {}, signal) });

/** One that is in use, as it reads for a customer with these values. */
export const filledQuery = (id: string, customer: string, values: Record<string, string>) =>
  queryOptions({
    queryKey: [...templatesKey, 'filled', id, customer, values],
    queryFn: () => api.post<Preview>('/templates/preview', { id, customer, values }),
    placeholderData: (before) => before,
    retry: false,
  });
