// The shapes of docs/API.md and docs/PLUGINS.md, as the console reads them.

/** A label in one language for all, or one text a language. */
export type Text = string | Record<string, string>;

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type Data = Record<string, Json>;
export type Filter = { [key: string]: Json };

export interface FieldError {
  pointer: string;
  code: string;
  message: string;
}

export interface Problem {
  title?: string;
  status?: number;
  code?: string;
  detail?: string;
  errors?: FieldError[];
}

export interface User {
  id: string;
  name: string;
  login: string;
  org: { id: string; name: string; time_zone?: string };
  roles: string[];
  locale?: string;
}

export interface KindRights {
  verbs: string[];
  scope?: string;
  masked?: string[];
  hidden?: string[];
}

export interface Session {
  user: User;
  expires_at?: string;
  /** By kind; one that is missing is closed. */
  rights?: Record<string, KindRights>;
  /** What the person's roles let them do beyond kinds: `records.export`. */
  powers?: string[];
  /** What must be done first: nothing else is answered before. */
  wants?: 'password' | 'code' | null;
}

export type Refs = Record<string, { kind: string; title: string }>;

export interface Item {
  id: string;
  kind: string;
  rev: number;
  org: string;
  created_at: string;
  updated_at: string;
  data: Data;
  refs?: Refs;
  /** Computed fields whose value is behind their inputs for a moment. */
  stale?: string[];
  /** Fields kept from whoever looks: absent from `data`. */
  masked?: string[];
  /** What may be said of them, `138****1234`. */
  hints?: Record<string, string>;
}

export interface Page {
  items: Item[];
  next?: string | null;
  count?: number;
  refs?: Refs;
}

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

export interface Change {
  field: string;
  old?: Json;
  new?: Json;
  /** Kept from whoever looks: that it changed is told, its values are not. */
  masked?: boolean;
}

export interface Actor {
  label: string;
  name?: string | null;
  /** For whom a plugin did it. */
  for?: { label: string; name?: string | null } | null;
}

export interface Receipt {
  id: string;
  at: string;
  org: string;
  point: string;
  plugin: string;
  plugin_version: string;
  script: string;
  script_owner: string;
  script_version: number;
  script_digest: string;
  input: Json;
  output: Json;
  reasons: string[];
  fallback?: string | null;
  field?: string;
}

export interface TimelineEntry {
  seq: number;
  at: string;
  kind: string;
  org: string;
  actor: Actor;
  record: { kind: string; id: string; rev: number; title: string } | null;
  title: Text;
  data: Data;
  changes: Change[];
  receipts: Receipt[];
  /** The file that came or went. */
  attachment?: { id: string; name: string } | null;
}

export interface Revision {
  rev: number;
  at: string;
  seq: number;
  actor: Actor;
  changes: Change[];
  why?: string | null;
  /** Reasons for values that were doubtful, by field. */
  overrides?: Record<string, string> | null;
  /** The revision whose changes this one took back. */
  undoes?: number | null;
}

/** What a write would come to, as the server worked it out and took it back. */
export interface DryRun {
  preview: string;
  at_seq: number;
  digest: string;
  commands: { name: string; body: Data }[];
  events: { kind: string; subject?: string | null; record?: { kind: string; id: string } | null; data?: Json }[];
  messages?: Json[];
  /** How many of them would be stopped, by what would stop them. */
  stopped?: Record<string, number>;
  faults: { code: string; message: string; status?: number; errors?: FieldError[] }[];
  /** What the action would have answered. */
  reply?: Json;
}

export interface Segment {
  id: string;
  name: string;
  kind: string;
  filter: Filter;
  org?: string;
  owner?: string | null;
  is_static: boolean;
  n?: number | null;
  counted_at?: string | null;
  rev: number;
}

export interface Merge {
  merge: string;
  other: string;
  at: string;
  actor: Actor | string;
  why?: string | null;
  undo_until: string;
  undone_at?: string | null;
  is_automatic?: boolean;
  /** Values that did not survive. */
  lost?: Data | null;
}

export interface MergeReply {
  merge: string;
  kept: Data;
  lost: Data;
  /** How many records come along, by kind. */
  comes_along?: Record<string, number>;
}

export interface UnmergeReply {
  restored: string;
  conflicts: { field: string; now: Json; before: Json }[];
  made: { kind: string; id?: string | null; seq: number }[];
}

export interface Attachment {
  id: string;
  name: string;
  type: string;
  size: number;
  digest: string;
  at: string;
  actor: Actor | string;
}

export interface RowFault {
  row: number;
  field: string | null;
  code: string;
  message: string;
}

export interface ImportCounts {
  invalid: number;
  repeated: number;
  known: number;
  review: number;
  new: number;
}

export type JobState = 'running' | 'done' | 'failed' | 'cancelled' | 'undone';

/** A value of a usable row that was left out, or stays as it is stored. */
export interface RowNotice {
  row: number;
  field?: string | null;
  code: string;
  message: string;
  kept?: Json;
}

/** Something that taking an import back left alone. */
export interface UndoConflict {
  kind: string;
  id: string;
  field?: string | null;
  code?: string;
  message?: string;
  now?: Json;
  before?: Json;
}

export interface Job {
  id: string;
  kind: string;
  state: JobState;
  done: number;
  total: number;
  counts?: ImportCounts;
  faults: RowFault[];
  detail?: Record<string, Json> | null;
  /** Present once somebody has begun to take it back. */
  undo?: Json;
  conflicts?: UndoConflict[];
  /** Events that wait for somebody to let them go. */
  held?: { state: 'held' | 'going' | 'discarded'; n_waiting: number };
  created_at?: string;
  updated_at?: string;
}

export interface SavedMapping {
  id: string;
  name: string;
  mapping: Record<string, string | null>;
  key?: string | null;
}

export interface Inspection {
  format: string;
  encoding: string | null;
  headers: string[];
  mapping: Record<string, string | null>;
  /** Saved mappings whose headers are all there. */
  mappings?: SavedMapping[];
  rows: Json[][];
  total: number;
}

export interface Plugin {
  name: string;
  version: string;
  state: 'enabled' | 'disabled' | 'failed';
  label: Text;
  description?: Text;
  fault?: { code?: string; message?: string; details?: string } | string | null;
  lag: number;
  parked: number;
  calls?: Json;
  asks?: Json[];
  reads?: Json[] | string;
  hears?: Json[];
}

export interface PluginDetail extends Plugin {
  settings_schema?: Schema | null;
  settings?: Data | null;
  points?: Json[];
  owns?: Json;
  kinds?: Json[];
  screens?: Json;
}

export interface PluginLog {
  at: string;
  level: number | string;
  message: string;
  fields?: Json;
}

export interface Parked {
  seq: number;
  subject: string | null;
  event: Json;
  fault: { code: string; message: string; blame: 'guest' | 'host'; details?: string };
  attempts: number;
  parked_at: string;
}

export interface ScriptItem {
  name: string;
  plugin?: string | null;
  label: Text;
  org: string;
  owner: string;
  version: number;
  state: 'builtin' | 'draft' | 'published';
  has_draft: boolean;
  failures: number;
  fault?: { code?: string; message?: string } | string | null;
}

export interface ScriptExample {
  name: string;
  input: Json;
  /** Fields the answer must have; others may come too. */
  output?: Json;
}

export interface ScriptDetail extends ScriptItem {
  help?: Text;
  /** Nothing while nobody has written one. */
  source?: string | null;
  draft?: string | { source: string; parameters?: Json; examples?: ScriptExample[] } | null;
  /** A computed field has no rule that ships with it, unless a plugin brought one. */
  builtin_source?: string | null;
  parameters?: Json;
  input?: Schema | null;
  output?: Schema | null;
  examples?: ScriptExample[] | null;
  /** The point's own example input. */
  example?: Json;
}

export interface CheckResult {
  ok: boolean;
  problems: { code: string; message: string; line?: number | null; column?: number | null }[];
  examples: { name: string; ok: boolean; got?: Json; message?: string | null }[];
}

export interface ScriptVersion {
  version: number;
  at?: string;
  published_at?: string;
  actor?: Actor | string;
  source?: string;
  state?: string;
  digest?: string;
}

export interface SearchHit {
  kind: string;
  id: string;
  title: string;
  subtitle?: string | null;
  org?: string;
  /** The field that was hit. */
  field?: string | null;
  rank?: number;
  /** A colleague's record, found by the whole of a number: whose it is, and that it cannot be opened. */
  owner?: string | null;
  may_open?: boolean;
}

export interface Collection<T> {
  items: T[];
  next?: string | null;
}
