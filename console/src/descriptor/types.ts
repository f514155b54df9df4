// The `ui: 1` documents of plugins (docs/PLUGINS.md, Screens), as the server hands them out.
import type { Filter, Json, Text } from '../api/types.ts';

export type Format = 'text' | 'date' | 'datetime' | 'ago' | 'money' | 'number' | 'tag' | 'phone' | 'ref' | 'clock';

export interface Column {
  field: string;
  label?: Text;
  format?: Format;
  width?: number;
  met?: string;
  while?: Record<string, Json>;
}

export interface ClockSpec {
  label: Text;
  due: string;
  met?: string;
  while?: Record<string, Json>;
}

export interface ActionRef {
  form?: string;
  action?: string;
  label?: Text;
}

export interface ListSpec {
  view: 'list';
  title?: Text;
  kind: string;
  tabs?: { label: Text; filter?: Filter }[];
  filter?: Filter;
  columns?: Column[];
  order?: string;
  open?: string;
  actions?: ActionRef[] | true;
  empty?: Text;
}

export type Block =
  | { steps: true }
  | { clocks: ClockSpec[] }
  | { card: Text | { title?: Text; fields?: string[] }; fields?: string[] }
  | { timeline: true }
  | { list: string; filter?: Filter }
  | { view: string; filter?: Filter };

export interface RecordSpec {
  view: 'record';
  title?: Text;
  kind: string;
  layout?: Block[];
  actions?: boolean | ActionRef[];
}

export interface FormSpec {
  view: 'form';
  title?: Text;
  kind: string;
  action?: string;
  layout?: (string | string[])[];
}

export type ViewSpec = ListSpec | RecordSpec | FormSpec;

export interface Slot {
  slot: string;
  view: string;
}

export interface Document {
  ui: number;
  plugin: string;
  title?: Text;
  nav?: { view: string; icon?: string; section?: string; label?: Text }[];
  slots?: Slot[];
  views: Record<string, ViewSpec | ({ view: string; title?: Text } & Record<string, Json>)>;
}
