// A field while it is being described: what the form holds, what is wrong with it, and the field it stands for.
import { emptyGroup, readFilter, writeFilter, type Group } from '../../ui/builder.ts';
import type { DerivedType, Field, FieldType, Kind, RollupFn, Text, WrittenField } from '../../api/types.ts';

export interface ValueDraft {
  value: string;
  zh: string;
  en: string;
  tone?: string;
  retired?: boolean;
  /** Stored already: its name stays. */
  isKept?: boolean;
}

export interface Draft {
  /** Without `x_`. */
  name: string;
  zh: string;
  en: string;
  helpZh: string;
  helpEn: string;
  type: FieldType | DerivedType;
  required: boolean;
  indexed: boolean;
  searchable: boolean;
  personal: boolean;
  isUnique: boolean;
  values: ValueDraft[];
  to?: string;
  min?: number;
  max?: number;
  as: FieldType;
  rollupKind?: string;
  rollupVia?: string;
  rollupFn: RollupFn;
  rollupField?: string;
  rollupFilter: Group;
}

export const PREFIX = 'x_';

/** Types a dealer's field may have, the usual ones first. */
export const TYPES: (FieldType | DerivedType)[] = [
  'text', 'long_text', 'enum', 'enum_list', 'bool', 'int', 'decimal', 'money', 'date', 'datetime', 'phone', 'email', 'plate', 'vin', 'id_no', 'uscc', 'url', 'ref', 'ref_list', 'file', 'json', 'rollup', 'computed',
];

/** What a derived value may come out as. */
export const RESULTS: FieldType[] = ['int', 'decimal', 'money', 'bool', 'date', 'datetime', 'text', 'enum'];

export const emptyDraft = (): Draft => ({
  name: '', zh: '', en: '', helpZh: '', helpEn: '', type: 'text', required: false, indexed: false, searchable: false, personal: false, isUnique: false, values: [],
  as: 'int', rollupFn: 'count', rollupFilter: emptyGroup(),
});

export const isChoice = (draft: Pick<Draft, 'type' | 'as'>) => draft.type === 'enum' || draft.type === 'enum_list' || (draft.type === 'computed' && draft.as === 'enum');
const isNumeric = (type: Draft['type']) => type === 'int' || type === 'decimal' || type === 'money';
export const hasLimits = (type: Draft['type']) => isNumeric(type) || type === 'text' || type === 'long_text';

const textOf = (zh: string, en: string): Text => ({ 'zh-CN': zh.trim(), en: en.trim() || zh.trim() });

/** What counting, summing and the rest come out as, for a field of the child kind. */
export function resultOf(fn: RollupFn, field: Field | undefined): FieldType {
  if (fn === 'count') return 'int';
  return field?.type ?? 'int';
}

const FNS: Record<RollupFn, (field: Field) => boolean> = {
  count: () => false,
  sum: ({ type }) => isNumeric(type),
  min: ({ type }) => isNumeric(type) || type === 'date' || type === 'datetime',
  max: ({ type }) => isNumeric(type) || type === 'date' || type === 'datetime',
  latest: ({ type }) => RESULTS.includes(type),
};

/** The fields of a child kind that a roll-up may look at. */
export function rollupFields(kind: Kind | undefined, fn: RollupFn): [string, Field][] {
  return Object.entries(kind?.fields ?? {}).filter(([, field]) => !field.derived && !field.retired && FNS[fn](field));
}

/** Kinds whose records refer to this one, with the fields they do it by. */
export function childKinds(kinds: Kind[], kind: string): { kind: Kind; vias: string[] }[] {
  return kinds.flatMap((each) => {
    const vias = Object.entries(each.fields).filter(([, field]) => field.type === 'ref' && field.to === kind).map(([name]) => name);
    return vias.length > 0 ? [{ kind: each, vias }] : [];
  });
}

export type Fault = 'name' | 'name_taken' | 'label' | 'values' | 'value_name' | 'value_twice' | 'to' | 'rollup' | 'rollup_field';

/** What is still missing or wrong, before the server is asked. */
export function faultsOf(draft: Draft, taken: string[]): Fault[] {
  const faults: Fault[] = [];
  if (!/^[a-z][a-z0-9_]*$/u.test(draft.name)) faults.push('name');
  else if (taken.includes(PREFIX + draft.name)) faults.push('name_taken');
  if (!draft.zh.trim()) faults.push('label');
  if (isChoice(draft)) faults.push(...valueFaults(draft.values));
  if ((draft.type === 'ref' || draft.type === 'ref_list') && !draft.to) faults.push('to');
  if (draft.type === 'rollup' && (!draft.rollupKind || !draft.rollupVia)) faults.push('rollup');
  else if (draft.type === 'rollup' && draft.rollupFn !== 'count' && !draft.rollupField) faults.push('rollup_field');
  return faults;
}

export function valueFaults(values: ValueDraft[]): Fault[] {
  const names = values.map(({ value }) => value);
  if (values.length === 0) return ['values'];
  if (values.some(({ value, zh, isKept }) => !isKept && (!/^[a-z0-9_]+$/u.test(value) || !zh.trim()))) return ['value_name'];
  return new Set(names).size < names.length ? ['value_twice'] : [];
}

export function writeValues(values: ValueDraft[]) {
  return values.map(({ value, zh, en, tone, retired }) => ({ value, label: textOf(zh, en), ...(tone ? { tone } : {}), ...(retired ? { retired: true } : {}) }));
}

export function readValues(field: Field): ValueDraft[] {
  return (field.values ?? []).map(({ value, label, tone, retired }) => ({ value, ...languages(label), tone, retired, isKept: true }));
}

/** The two languages of a text; one text for all stands for both. */
export function languages(text: Text | undefined): { zh: string; en: string } {
  if (text === undefined) return { zh: '', en: '' };
  return typeof text === 'string' ? { zh: text, en: text } : { zh: text['zh-CN'] ?? Object.values(text)[0] ?? '', en: text.en ?? '' };
}

/** The field as the server wants it, with its name. */
export function fieldOf(draft: Draft, kind: string, child: Kind | undefined): WrittenField & { name: string } {
  const name = PREFIX + draft.name;
  const field: WrittenField & { name: string } = { name, type: draft.type, label: textOf(draft.zh, draft.en) };
  if (draft.helpZh.trim() || draft.helpEn.trim()) field.help = textOf(draft.helpZh || draft.helpEn, draft.helpEn);
  if (draft.indexed) field.indexed = true;
  if (isChoice(draft)) field.values = writeValues(draft.values);
  if (draft.type === 'rollup') {
    const { rollupKind, rollupVia, rollupFn, rollupField } = draft;
    const filter = writeFilter(draft.rollupFilter);
    field.as = resultOf(rollupFn, rollupField ? child?.fields[rollupField] : undefined);
    field.rollup = { kind: rollupKind!, via: rollupVia!, fn: rollupFn, ...(rollupFn === 'count' ? {} : { field: rollupField! }), ...(Object.keys(filter).length > 0 ? { filter } : {}) };
    return field;
  }
  if (draft.type === 'computed') {
    field.as = draft.as;
    field.script = `computed/${kind}.${name}`;
    return field;
  }
  if (draft.required) field.required = true;
  if (draft.searchable) field.searchable = true;
  if (draft.personal) field.personal = true;
  if (draft.isUnique) field.unique = 'org';
  if (draft.to && (draft.type === 'ref' || draft.type === 'ref_list')) field.to = draft.to;
  if (hasLimits(draft.type)) {
    // Money is typed in yuan and kept in fen.
    const scale = draft.type === 'money' ? 100 : 1;
    if (draft.min !== undefined && isNumeric(draft.type)) field.min = draft.min * scale;
    if (draft.max !== undefined) field.max = draft.max * scale;
  }
  return field;
}

/** The conditions of a roll-up, for the builder. */
export const rollupGroup = (field: Field) => readFilter(field.rollup?.filter);

export type Flag = 'required' | 'unique' | 'indexed' | 'searchable' | 'personal' | 'readonly';

export function flagsOf(field: Field): Flag[] {
  const flags: [Flag, boolean][] = [
    ['required', field.required === true], ['unique', field.unique !== undefined], ['indexed', field.indexed === true],
    ['searchable', field.searchable === true], ['personal', field.personal === true], ['readonly', field.readonly === true && !field.derived],
  ];
  return flags.flatMap(([flag, is]) => (is ? [flag] : []));
}
