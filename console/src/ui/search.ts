// Search results as the box shows them: by kind, the best kind first, the server's ranking kept within.
import type { SearchHit } from '../api/types.ts';
import { formatPhone } from './phone.ts';

/** Hits of one kind together, in the order their kinds first appear. */
export function groupHits(hits: SearchHit[]): SearchHit[] {
  const kinds = [...new Set(hits.map(({ kind }) => kind))];
  return kinds.flatMap((kind) => hits.filter((hit) => hit.kind === kind));
}

/** What stands beside a title to tell namesakes apart. */
export function hitHint(hit: SearchHit): string {
  const { subtitle } = hit;
  return subtitle?.startsWith('+') ? formatPhone(subtitle) : (subtitle ?? '');
}
