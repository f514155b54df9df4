// Which of a customer's fields stand together. Fields this page does not know are added at the end, so a dealer's own appear too.
import type { Item, Kind } from '../../api/types.ts';

/** The form for a new customer, what is asked first at a counter first. */
export const CREATE_LAYOUT: string[][] = [['name', 'type'], ['phone', 'email'], ['city', 'address'], ['owner', 'source'], ['gender', 'birth_date'], ['tags'], ['preferred_channel', 'preferred_time']];

/** The columns of the list before anyone has chosen. */
export const COLUMNS = ['name', 'type', 'phone', 'city', 'interest', 'source', 'owner', 'tags', 'created_at'];

const CONTACT = ['phone', 'email', 'address', 'city', 'preferred_channel', 'preferred_time'];
const RELATION = ['owner', 'source', 'tags', 'note'];

/** The cards of the customer page by field. A field out of use is shown while it holds something. */
export function groups(kind: Kind, item: Item): { key: 'contact' | 'identity' | 'relation' | 'own'; names: string[] }[] {
  const isOwn = (name: string) => kind.fields[name]!.custom === true || kind.fields[name]!.derived !== undefined;
  const all = Object.keys(kind.fields).filter((name) => name !== kind.title && kind.fields[name]!.type !== 'json' && (!kind.fields[name]!.retired || item.data[name] != null));
  return [
    { key: 'contact' as const, names: CONTACT.filter((name) => all.includes(name)) },
    { key: 'relation' as const, names: RELATION.filter((name) => all.includes(name)) },
    { key: 'identity' as const, names: all.filter((name) => !CONTACT.includes(name) && !RELATION.includes(name) && !isOwn(name)) },
    { key: 'own' as const, names: all.filter(isOwn) },
  ].filter(({ names }) => names.length > 0);
}
