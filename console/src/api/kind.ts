// Kinds as the console works with them: a derived field has the type it comes out as, and nobody types it in.
import type { Field, Item, Kind, WrittenField } from './types.ts';

export function readField(field: WrittenField): Field {
  const { as, ...rest } = field;
  if (rest.type !== 'rollup' && rest.type !== 'computed') return { ...rest, type: rest.type };
  return { ...rest, type: as ?? (rest.type === 'rollup' ? 'int' : 'text'), derived: rest.type, readonly: true };
}

export function readKind(kind: Kind): Kind {
  return { ...kind, fields: Object.fromEntries(Object.entries(kind.fields).map(([name, field]) => [name, readField(field)])) };
}

/** What a record is called: its title, what may be said of one that is masked, else its id. */
export const titleOf = (kind: Pick<Kind, 'title'>, item: Pick<Item, 'id' | 'data' | 'hints'>) => String(item.data[kind.title] ?? item.hints?.[kind.title] ?? item.id);

/** Whether people write this field themselves: a state moves, and what a plugin or a rule writes is theirs. */
export function isEditable(kind: Kind, name: string): boolean {
  const field = kind.fields[name];
  return field !== undefined && kind.written_by !== 'plugin' && !field.readonly && !field.retired && name !== kind.states?.field;
}

/** Fields in use: retired ones keep their values on file and leave forms, lists and filters. */
export function fieldsInUse(kind: Kind): [string, Field][] {
  return Object.entries(kind.fields).filter(([, field]) => !field.retired);
}
