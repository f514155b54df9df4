// From a kind's fields or an action's JSON Schema to one description of inputs that a form can draw.
import { fieldsInUse } from '../api/kind.ts';
import type { Data, Field, Json, Kind, Schema, Text } from '../api/types.ts';

export type InputKind =
  | 'text' | 'long_text' | 'password' | 'int' | 'decimal' | 'money' | 'bool' | 'date' | 'datetime' | 'enum' | 'enum_list'
  | 'ref' | 'ref_list' | 'phone' | 'email' | 'text_list' | 'json' | 'group' | 'rows' | 'matrix' | 'file';

export interface Choice {
  value: string | number;
  label: Text;
  tone?: string;
}

export interface FormField {
  path: string[];
  input: InputKind;
  label: Text;
  help?: Text;
  required: boolean;
  choices?: Choice[];
  to?: string;
  min?: number;
  max?: number;
  maxLength?: number;
  pattern?: string;
  initial?: Json;
  readOnly?: boolean;
  fields?: FormField[];
}

const FIELD_INPUTS: Record<Field['type'], InputKind> = {
  text: 'text', long_text: 'long_text', int: 'int', decimal: 'decimal', money: 'money', bool: 'bool', date: 'date',
  datetime: 'datetime', enum: 'enum', enum_list: 'enum_list', ref: 'ref', ref_list: 'ref_list', phone: 'phone', email: 'email',
  plate: 'text', vin: 'text', id_no: 'text', uscc: 'text', url: 'text', json: 'json', file: 'file',
};

const isNumeric = (field: Field) => ['int', 'decimal', 'money'].includes(field.type);

/** The input for one field of a kind. */
export function fieldInput(name: string, field: Field): FormField {
  return {
    path: [name],
    input: FIELD_INPUTS[field.type] ?? 'json',
    label: field.label,
    help: field.help,
    required: field.required === true,
    choices: field.values?.filter(({ retired }) => !retired).map(({ value, label, tone }) => ({ value, label, tone })),
    to: field.to,
    min: isNumeric(field) ? field.min : undefined,
    max: isNumeric(field) ? field.max : undefined,
    maxLength: isNumeric(field) ? undefined : field.max,
    initial: field.default,
    readOnly: field.readonly,
  };
}

/** What a person may fill in when making a record: no readonly fields, no state (the machine sets it), no files (they hang on a record). */
export function kindInputs(kind: Kind): FormField[] {
  return fieldsInUse(kind)
    .filter(([name, field]) => !field.readonly && field.type !== 'file' && name !== kind.states?.field)
    .map(([name, field]) => fieldInput(name, field));
}

function typeOf(schema: Schema): string | undefined {
  return Array.isArray(schema.type) ? schema.type.find((type) => type !== 'null') : schema.type;
}

/** Labels are the schema's own, else those of the kind's field of the same name: an action writes its values once. */
function choicesOf(schema: Schema, field: Field | undefined): Choice[] | undefined {
  const labels = schema['x-labels'] ?? {};
  const values = schema.enum?.filter((value) => typeof value === 'string' || typeof value === 'number');
  return values?.map((value) => {
    const known = field?.values?.find((each) => each.value === value);
    return { value, label: labels[String(value)] ?? known?.label ?? String(value), tone: known?.tone };
  });
}

/** `ref` with `x-kind`, or `ref:customer` in one. */
function refKind(schema: Schema): string | undefined {
  return schema.format?.startsWith('ref:') ? schema.format.slice(4) : schema['x-kind'];
}

const isRef = (schema: Schema) => schema.format === 'ref' || schema.format?.startsWith('ref:') === true;

/** Longer than this is not typed into one line. */
const LONG = 500;

function stringInput(schema: Schema): InputKind {
  if (isRef(schema)) return 'ref';
  switch (schema.format) {
    case 'long_text':
      return 'long_text';
    case 'date':
      return 'date';
    case 'date-time':
    case 'datetime':
      return 'datetime';
    case 'password':
      return 'password';
    case 'phone':
      return 'phone';
    case 'email':
      return 'email';
    default:
      if (schema.enum) return 'enum';
      return (schema.maxLength ?? 0) > LONG ? 'long_text' : 'text';
  }
}

function schemaInput(schema: Schema): InputKind {
  switch (typeOf(schema)) {
    case 'string':
      return stringInput(schema);
    case 'integer':
      return schema.format === 'money' ? 'money' : schema.enum ? 'enum' : 'int';
    case 'number':
      return schema.enum ? 'enum' : 'decimal';
    case 'boolean':
      return 'bool';
    case 'array': {
      const items = schema.items ?? {};
      if (items.enum) return 'enum_list';
      if (typeOf(items) === 'string') return isRef(items) ? 'ref_list' : 'text_list';
      return items.properties ? 'rows' : 'json';
    }
    case 'object':
      if (schema.format === 'matrix' && schema.properties) return 'matrix';
      return schema.properties ? 'group' : 'json';
    default:
      return schema.enum ? 'enum' : 'json';
  }
}

/** What stands inside: of a group its properties, of a list those of a row, of a matrix its lines. */
function innerFields(schema: Schema, input: InputKind, path: string[]): FormField[] | undefined {
  if (input === 'group') return schemaInputs(schema, undefined, path);
  if (input === 'rows') return schemaInputs(schema.items, undefined, []);
  return input === 'matrix' ? schemaInputs(schema, undefined, []) : undefined;
}

function property(path: string[], name: string, schema: Schema, required: boolean, kind: Kind | undefined): FormField {
  const input = schemaInput(schema);
  const chosen = input === 'enum_list' || input === 'ref_list' ? (schema.items ?? {}) : schema;
  const field = path.length === 0 ? kind?.fields[name] : undefined;
  return {
    path: [...path, name],
    input,
    label: schema.title ?? field?.label ?? name,
    help: schema['x-help'] ?? schema.description,
    required,
    choices: choicesOf(chosen, field),
    to: refKind(chosen) ?? field?.to,
    min: schema.minimum,
    max: schema.maximum,
    maxLength: schema.maxLength,
    pattern: schema.pattern,
    initial: schema.default,
    readOnly: schema.readOnly,
    fields: innerFields(schema, input, [...path, name]),
  };
}

/** The inputs for an object schema, in the order it is written. `kind` lends labels to properties named like its fields. */
export function schemaInputs(schema: Schema | null | undefined, kind?: Kind, path: string[] = []): FormField[] {
  const written = Object.entries(schema?.properties ?? {}).sort(([, a], [, b]) => (a['x-order'] ?? 0) - (b['x-order'] ?? 0));
  return written.map(([name, part]) =>
    property(path, name, part, schema?.required?.includes(name) ?? false, kind),
  );
}

/** Rows of inputs: the layout's rows first, then whatever it forgot, one a row. */
export function arrange(fields: FormField[], layout: (string | string[])[] | undefined): FormField[][] {
  const byName = new Map(fields.map((field) => [field.path.at(-1)!, field]));
  const rows: FormField[][] = [];
  for (const line of layout ?? []) {
    const row = (Array.isArray(line) ? line : [line]).flatMap((name) => {
      const field = byName.get(name);
      byName.delete(name);
      return field ? [field] : [];
    });
    if (row.length > 0) rows.push(row);
  }
  return [...rows, ...[...byName.values()].map((field) => [field])];
}

/** Starting values: given ones over the defaults of the fields. */
export function initialValues(fields: FormField[], given: Data = {}): Data {
  const values: Data = {};
  for (const field of fields) {
    const name = field.path.at(-1)!;
    const value = given[name];
    if (field.input === 'group') {
      const inner = typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
      values[name] = initialValues(field.fields ?? [], inner);
    } else if (value !== undefined && value !== null) {
      values[name] = value;
    } else if (field.initial !== undefined) {
      values[name] = field.initial;
    }
  }
  return values;
}

/** What is sent: empty inputs are left out, empty groups too. Text is trimmed, but for passwords. */
export function cleanValues(fields: FormField[], values: Record<string, unknown>): Data {
  const clean: Data = {};
  for (const field of fields) {
    const name = field.path.at(-1)!;
    let value = values[name] as Json | undefined;
    if (field.input === 'group') {
      const inner = cleanValues(field.fields ?? [], (value ?? {}) as Record<string, unknown>);
      if (Object.keys(inner).length > 0) clean[name] = inner;
      continue;
    }
    if (field.input === 'rows' && Array.isArray(value)) value = value.map((row) => cleanValues(field.fields ?? [], (row ?? {}) as Record<string, unknown>)).filter((row) => Object.keys(row).length > 0);
    if (field.input === 'matrix') value = Object.fromEntries(Object.entries((value ?? {}) as Data).filter(([, each]) => each != null));
    if (typeof value === 'string' && field.input !== 'password') value = value.trim();
    const isEmpty = value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0) || (field.input === 'matrix' && Object.keys(value as Data).length === 0);
    if (!isEmpty) clean[name] = value as Json;
  }
  return clean;
}

/** Fills inputs that refer to a record of `kind` with that record, as when a form is opened from its page. */
export function prefill(fields: FormField[], kind: string | undefined, id: string | undefined): Data {
  const field = kind && id ? fields.find(({ input, to }) => input === 'ref' && to === kind) : undefined;
  return field && id ? { [field.path.at(-1)!]: id } : {};
}
