// Which columns a list shows, and how a cell is drawn from a plugin's column or a kind's field.
import { fieldsInUse } from '../api/kind.ts';
import type { Field, Kind } from '../api/types.ts';
import type { Column } from '../descriptor/types.ts';

/** What every record has besides its data. */
export const OWN_FIELDS: Record<string, Field> = {
  created_at: { type: 'datetime', label: { 'zh-CN': '创建时间', en: 'Created' } },
  updated_at: { type: 'datetime', label: { 'zh-CN': '更新时间', en: 'Updated' } },
  org: { type: 'ref', to: 'org', label: { 'zh-CN': '机构', en: 'Organisation' } },
};

/** The field a column shows, drawn the way its format asks. */
export function columnField(column: Column, kind: Kind): Field {
  const own = kind.fields[column.field] ?? OWN_FIELDS[column.field] ?? { type: 'text', label: column.field };
  switch (column.format) {
    case 'date':
    case 'datetime':
    case 'money':
    case 'phone':
    case 'ref':
      return { ...own, type: column.format };
    case 'number':
      return { ...own, type: 'decimal' };
    case 'tag':
      return { ...own, type: own.type === 'enum_list' ? 'enum_list' : 'enum' };
    case 'text':
      return ['enum', 'enum_list', 'long_text'].includes(own.type) ? own : { ...own, type: 'text' };
    default:
      return own;
  }
}

const WIDTHS: Partial<Record<Field['type'], number>> = {
  text: 140, long_text: 260, int: 90, decimal: 100, money: 120, bool: 80, date: 120, datetime: 160, enum: 120, enum_list: 180,
  ref: 130, ref_list: 180, phone: 150, email: 200, plate: 110, vin: 190, id_no: 190, uscc: 190, url: 180,
};

export function columnWidth(column: Column, field: Field): number {
  return column.width ?? (column.format === 'clock' ? 170 : (WIDTHS[field.type] ?? 140));
}

const SHOWN = 8;

/** What a list shows before anyone has chosen: the title, then the fields people look for. */
export function defaultColumns(kind: Kind): string[] {
  const rest = fieldsInUse(kind)
    .filter(([name, field]) => name !== kind.title && !['long_text', 'json', 'id_no', 'url', 'email', 'file'].includes(field.type))
    .sort(([, a], [, b]) => weight(b) - weight(a))
    .slice(0, SHOWN - 2)
    .map(([name]) => name);
  const order = Object.keys(kind.fields);
  return [kind.title, ...rest.sort((a, b) => order.indexOf(a) - order.indexOf(b)), 'created_at'];
}

function weight(field: Field): number {
  return (field.indexed || field.unique ? 4 : 0) + (field.required ? 2 : 0) + (field.searchable ? 2 : 0) + (field.type === 'enum' || field.type === 'ref' ? 1 : 0);
}

const keyOf = (kind: string) => `marque.columns.${kind}`;

/** The columns chosen on this machine, as far as the kind still has them. */
export function storedColumns(kind: Kind): string[] | undefined {
  try {
    const names = JSON.parse(localStorage.getItem(keyOf(kind.kind)) ?? 'null') as unknown;
    const known = Array.isArray(names) ? names.filter((name): name is string => typeof name === 'string' && (name in kind.fields || name in OWN_FIELDS)) : [];
    return known.length > 0 ? known : undefined;
  } catch {
    return undefined;
  }
}

export function storeColumns(kind: string, names: string[] | undefined) {
  try {
    if (names) localStorage.setItem(keyOf(kind), JSON.stringify(names));
    else localStorage.removeItem(keyOf(kind));
  } catch {
    // Private windows may refuse; the choice then lasts for this page.
  }
}
