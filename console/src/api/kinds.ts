// Kinds as kind files write them, and the schemas that forms are drawn from: more than the document says of either.
import type { Filter, Json, Text } from './told.ts';

export type FieldType =
  | 'text' | 'long_text' | 'int' | 'decimal' | 'money' | 'bool' | 'date' | 'datetime' | 'enum' | 'enum_list'
  | 'ref' | 'ref_list' | 'phone' | 'email' | 'plate' | 'vin' | 'id_no' | 'uscc' | 'url' | 'json' | 'file';

/** What a value that nobody types in is worked out by. */
export type DerivedType = 'rollup' | 'computed';

export interface EnumValue {
  value: string;
  label: Text;
  tone?: string;
  /** Still shown where it is stored, no longer offered. */
  retired?: boolean;
}

export type RollupFn = 'count' | 'sum' | 'min' | 'max' | 'latest';

export interface Rollup {
  kind: string;
  via: string;
  filter?: Filter;
  fn: RollupFn;
  field?: string;
}

export interface Field {
  type: FieldType;
  label: Text;
  help?: Text;
  required?: boolean;
  unique?: 'org' | 'brand';
  indexed?: boolean;
  searchable?: boolean;
  personal?: boolean;
  readonly?: boolean;
  default?: Json;
  values?: EnumValue[];
  to?: string;
  min?: number;
  max?: number;
  /** Set by the console when it reads a kind: how the value comes about. `type` is then what it comes out as. */
  derived?: DerivedType;
  rollup?: Rollup;
  script?: string;
  /** Whether an organisation may add values of its own. */
  extensible?: boolean;
  /** Added by a dealer rather than by the core or a plugin. */
  custom?: boolean;
  /** The organisation a custom field belongs to. */
  org?: string;
  retired?: boolean;
}

/** A field as kind files and the server write it: derived ones say what they come out as. */
export type WrittenField = Omit<Field, 'type'> & { type: FieldType | DerivedType; as?: FieldType };

export interface Transition {
  label: Text;
  from: string[];
  to: string;
  event: string;
  needs?: string[];
  guard_text?: Text;
  roles?: string[];
}

export interface States {
  field: string;
  initial: string;
  open?: string[];
  steps?: string[];
  transitions: Record<string, Transition>;
}

export interface ActionSpec {
  name: string;
  label: Text;
  target: boolean;
  input?: Schema;
  when?: { states?: string[] };
  roles?: string[];
  style?: 'primary' | 'danger';
}

export interface Kind {
  kind: string;
  label: Text;
  plural?: Text;
  title: string;
  subject?: string;
  owner?: string;
  written_by?: 'anyone' | 'plugin';
  create_action?: string;
  fields: Record<string, Field>;
  states?: States;
  plugin?: string | null;
  actions?: ActionSpec[];
}

/** The subset of JSON Schema 2020-12 that forms are drawn from. */
export interface Schema {
  type?: string | string[];
  title?: Text;
  description?: Text;
  format?: string;
  enum?: Json[];
  const?: Json;
  default?: Json;
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  pattern?: string;
  readOnly?: boolean;
  'x-kind'?: string;
  'x-order'?: number;
  'x-labels'?: Record<string, Text>;
  'x-help'?: Text;
}
