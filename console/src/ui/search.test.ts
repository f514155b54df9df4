import { expect, it } from 'vitest';
import { groupHits, hitHint } from './search.ts';

const hit = (kind: string, id: string) => ({ kind, id, title: id });

it('hits of a kind stand together and keep their ranking', () => {
  const ids = groupHits([hit('car', 'a'), hit('customer', 'b'), hit('car', 'c'), hit('customer', 'd')]).map(({ id }) => id);
  expect(ids).toEqual(['a', 'c', 'b', 'd']);
});

it('a phone is written as people read it, anything else as it came', () => {
  expect(hitHint({ ...hit('customer', 'x'), subtitle: '+8613800001234' })).toBe('138 0000 1234');
  expect(hitHint({ ...hit('car', 'x'), subtitle: '鄂A12345' })).toBe('鄂A12345');
  expect(hitHint(hit('car', 'x'))).toBe('');
});
