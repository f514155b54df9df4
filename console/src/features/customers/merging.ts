// What a merge comes to, as far as it can be told before the server is asked.
import type { Item, Kind } from '../../api/types.ts';
import { compare, isContested, type Line } from '../../ui/compare.ts';
import type { Choices } from './queries.ts';

/** Lines to decide first, then what one side adds, then what is the same. Derived values are worked out anew. */
export function mergeLines(kind: Kind, a: Item, b: Item): { contested: Line[]; added: Line[]; same: Line[] } {
  const lines = compare(kind, a.data, b.data).filter(({ field }) => !field.derived);
  return {
    contested: lines.filter(isContested),
    added: lines.filter((line) => !line.isSame && !isContested(line)),
    same: lines.filter(({ isSame }) => isSame),
  };
}

/** Refs to customers, by kind: what comes along when one of them goes. The pairs waiting for review are settled by the merge itself. */
export function refsTo(kinds: Kind[], to: string): { kind: Kind; field: string }[] {
  return kinds
    .filter(({ kind }) => kind !== 'review')
    .flatMap((kind) => Object.entries(kind.fields).filter(([, field]) => field.type === 'ref' && field.to === to && !field.retired).map(([field]) => ({ kind, field })));
}

/** Choices still worth sending: of fields that are contested now. */
export function standing(choose: Choices, contested: Line[]): Choices {
  const names = new Set(contested.map(({ name }) => name));
  return Object.fromEntries(Object.entries(choose).filter(([name]) => names.has(name)));
}

/** `手机相同 +50；同姓 +10` → its reasons, one a line. */
export function reasonsOf(text: unknown): string[] {
  return typeof text === 'string' ? text.split(/[；;\n]/u).map((each) => each.trim()).filter(Boolean) : [];
}
