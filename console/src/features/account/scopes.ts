// What a token may do, between the two choices on screen and the entries the server knows.
import { VERBS, type Verb } from '../../ui/rights.ts';

/** Every verb with every kind. Where all verbs are chosen one entry says it. */
export function entriesOf(verbs: readonly Verb[], kinds: readonly string[]): string[] {
  const each = verbs.length === VERBS.length ? ['*'] : VERBS.filter((verb) => verbs.includes(verb));
  return (kinds.length === 0 ? ['*'] : kinds).flatMap((kind) => each.map((verb) => `${verb}:${kind}`));
}

/** One address or range a line, or between commas. */
export function addressesOf(text: string): string[] {
  return text.split(/[\s,，;；]+/u).filter(Boolean);
}
