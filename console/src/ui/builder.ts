// Filters as building blocks: rules over fields and refs, membership in segments, groups of any of them; from JSON and back.
import { fieldsInUse } from '../api/kind.ts';
import type { Field, Filter, Json, Kind } from '../api/types.ts';
import { OWN_FIELDS } from './columns.ts';

/** `within` and `before` count days from now; `filled` is the opposite of `empty`. */
export type Op = 'eq' | 'ne' | 'in' | 'nin' | 'gt' | 'gte' | 'lt' | 'lte' | 'between' | 'contains' | 'starts' | 'empty' | 'filled' | 'within' | 'before';

export interface Rule {
  sort: 'rule';
  path: string;
  op: Op;
  value?: Json;
}

export interface InSegment {
  sort: 'segment';
  id: string;
  isIn: boolean;
}

export interface Group {
  sort: 'group';
  join: 'and' | 'or';
  isNot: boolean;
  parts: Part[];
}

export type Part = Rule | InSegment | Group;

export const emptyGroup = (join: Group['join'] = 'and'): Group => ({ sort: 'group', join, isNot: false, parts: [] });

const DAYS = /^-(\d+)d$/u;
const WRITTEN: Op[] = ['eq', 'ne', 'in', 'nin', 'gt', 'gte', 'lt', 'lte', 'between', 'contains', 'starts'];

const isObject = (value: Json | undefined): value is { [key: string]: Json } => typeof value === 'object' && value !== null && !Array.isArray(value);
const daysOf = (value: Json | undefined) => (isObject(value) && typeof value.$now === 'string' ? DAYS.exec(value.$now)?.[1] : undefined);
/** `{"$me":true}` and its like stand for a value. */
const isOperand = (value: Json | undefined) => isObject(value) && Object.keys(value).some((key) => key.startsWith('$'));

function readCondition(path: string, condition: Json): Rule[] {
  if (condition === null) return [{ sort: 'rule', path, op: 'empty' }];
  if (Array.isArray(condition)) return [{ sort: 'rule', path, op: 'in', value: condition }];
  if (!isObject(condition) || isOperand(condition)) return [{ sort: 'rule', path, op: 'eq', value: condition }];
  const { gte, lte, ...rest } = condition;
  const isSpan = gte !== undefined && lte !== undefined;
  const entries = isSpan ? [...Object.entries(rest), ['between', [gte, lte]] as [string, Json]] : Object.entries(condition);
  return entries.map(([name, value]): Rule => {
    const days = daysOf(value);
    if (days !== undefined && name === 'gte') return { sort: 'rule', path, op: 'within', value: Number(days) };
    if (days !== undefined && name === 'lt') return { sort: 'rule', path, op: 'before', value: Number(days) };
    if (name === 'empty') return { sort: 'rule', path, op: value === true ? 'empty' : 'filled' };
    return { sort: 'rule', path, op: name as Op, value };
  });
}

function readParts(filter: Filter): Part[] {
  return Object.entries(filter).flatMap(([name, value]): Part[] => {
    if (name === '$segment') return [{ sort: 'segment', id: String(value), isIn: true }];
    if (name === 'and' && Array.isArray(value)) return value.flatMap((each) => readParts(each as Filter));
    if (name === 'or' && Array.isArray(value)) return [{ ...emptyGroup('or'), parts: value.map((each) => single(readParts(each as Filter))) }];
    if (name === 'not' && isObject(value)) return [negated(single(readParts(value)))];
    return readCondition(name, value);
  });
}

/** Several parts as one. */
function single(parts: Part[]): Part {
  return parts.length === 1 ? parts[0]! : { ...emptyGroup(), parts };
}

function negated(part: Part): Part {
  if (part.sort === 'segment') return { ...part, isIn: !part.isIn };
  if (part.sort === 'group') return { ...part, isNot: !part.isNot };
  return { ...emptyGroup(), isNot: true, parts: [part] };
}

export function readFilter(filter: Filter | undefined): Group {
  const parts = readParts(filter ?? {});
  const [only] = parts;
  return parts.length === 1 && only?.sort === 'group' ? only : { ...emptyGroup(), parts };
}

const isBlank = (value: Json | undefined) => value === undefined || value === null || value === '' || (Array.isArray(value) && (value.length === 0 || value.some((each) => each === null)));

/** Whether a part says something; what is half filled in is left out of the filter. */
export function isComplete(part: Part): boolean {
  if (part.sort === 'group') return part.parts.some(isComplete);
  if (part.sort === 'segment') return part.id !== '';
  return part.path !== '' && (part.op === 'empty' || part.op === 'filled' || !isBlank(part.value));
}

function writeRule({ path, op, value }: Rule): Filter {
  switch (op) {
    case 'eq':
      return { [path]: value! };
    case 'empty':
    case 'filled':
      return { [path]: { empty: op === 'empty' } };
    case 'within':
      return { [path]: { gte: { $now: `-${String(value)}d` } } };
    case 'before':
      return { [path]: { lt: { $now: `-${String(value)}d` } } };
    default:
      return { [path]: { [op]: value! } };
  }
}

function writePart(part: Part): Filter {
  if (part.sort === 'rule') return writeRule(part);
  if (part.sort === 'segment') return part.isIn ? { $segment: part.id } : { not: { $segment: part.id } };
  return writeFilter(part);
}

/** The filter a group stands for; `{}` when it says nothing. */
export function writeFilter(group: Group): Filter {
  const filters = group.parts.filter(isComplete).map(writePart);
  if (filters.length === 0) return {};
  const names = filters.flatMap(Object.keys);
  const isPlain = new Set(names).size === names.length;
  const joined: Filter = filters.length === 1 ? filters[0]! : group.join === 'or' ? { or: filters } : isPlain ? Object.assign({}, ...filters) : { and: filters };
  return group.isNot ? { not: joined } : joined;
}

/** How many rules there are, for a chip that stands for all of them. */
export function countRules(part: Part): number {
  return part.sort === 'group' ? part.parts.reduce((sum, each) => sum + countRules(each), 0) : isComplete(part) ? 1 : 0;
}

/** How a field can be compared, the usual way first. */
export function opsOf(field: Field): Op[] {
  switch (field.type) {
    case 'enum':
    case 'enum_list':
      return ['in', 'nin', 'empty', 'filled'];
    case 'bool':
      return ['eq'];
    case 'ref':
    case 'ref_list':
      return ['eq', 'ne', 'empty', 'filled'];
    case 'int':
    case 'decimal':
    case 'money':
      return ['gte', 'lte', 'between', 'eq', 'ne', 'gt', 'lt', 'empty', 'filled'];
    case 'date':
    case 'datetime':
      return ['within', 'before', 'between', 'gte', 'lte', 'empty', 'filled'];
    default:
      return ['contains', 'starts', 'eq', 'ne', 'empty', 'filled'];
  }
}

/** The operators offered for a field, with one more where a filter came with it. */
export function offeredOps(field: Field, now: Op): Op[] {
  const usual = opsOf(field);
  return usual.includes(now) || !WRITTEN.includes(now) ? usual : [...usual, now];
}

/** The field at the end of a path: `owner.org` goes from the customer over its owner to the organisation. */
export function fieldAt(kinds: Kind[], kind: string, path: string): Field | undefined {
  const [name, ...rest] = path.split('.');
  const field = kinds.find((each) => each.kind === kind)?.fields[name!] ?? OWN_FIELDS[name!];
  if (!field || rest.length === 0) return field;
  return field.to ? fieldAt(kinds, field.to, rest.join('.')) : undefined;
}

export interface PathOption {
  value: string;
  field: Field;
  children?: PathOption[];
}

/** Over how many refs a path may be picked; longer ones can still be written by the API. */
const DEPTH = 2;

/** The fields a rule may speak of, with those of the records they refer to below them. */
export function pathOptions(kinds: Kind[], kind: string, depth = DEPTH): PathOption[] {
  const found = kinds.find((each) => each.kind === kind);
  if (!found) return [];
  const fields = [...fieldsInUse(found).filter(([, field]) => !['json', 'file'].includes(field.type)), ...Object.entries(OWN_FIELDS)];
  return fields.map(([value, field]) => ({
    value,
    field,
    children: field.type === 'ref' && field.to && depth > 0 ? pathOptions(kinds, field.to, depth - 1).filter((option) => option.value !== 'updated_at') : undefined,
  }));
}

/** Which conditions a chip can show, and which only the builder can. */
export function splitFilter(kind: Kind, filter: Filter): { simple: Filter; advanced: Filter } {
  const isScalar = (value: Json | undefined) => value === undefined || (typeof value !== 'object' && value !== null);
  const isSimple = ([name, value]: [string, Json]) => {
    const field = kind.fields[name];
    if (!field || value === null) return false;
    if (!isObject(value)) return !Array.isArray(value);
    const names = Object.keys(value);
    if (['enum', 'enum_list', 'ref', 'ref_list', 'bool'].includes(field.type)) return names.length === 1 && Array.isArray(value.in);
    if (['int', 'decimal', 'money', 'date', 'datetime'].includes(field.type)) return names.every((each) => ['gte', 'lte'].includes(each)) && isScalar(value.gte) && isScalar(value.lte);
    return names.length === 1 && isScalar(value.contains) && value.contains !== undefined;
  };
  const entries = Object.entries(filter);
  return { simple: Object.fromEntries(entries.filter(isSimple)), advanced: Object.fromEntries(entries.filter((entry) => !isSimple(entry))) };
}
