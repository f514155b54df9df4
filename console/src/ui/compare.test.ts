import { expect, it } from 'vitest';
import { compare, isContested } from './compare.ts';

const kind = { kind: 'customer', label: '', title: 'name', fields: { name: { type: 'text' as const, label: '' }, tags: { type: 'enum_list' as const, label: '' }, city: { type: 'text' as const, label: '' }, note: { type: 'text' as const, label: '' } } };

it('shows what either has, in the order of the kind', () => {
  const lines = compare(kind, { city: '武汉', name: '张伟' }, { name: '张伟', tags: ['a'] });
  expect(lines.map(({ name, isSame }) => [name, isSame])).toEqual([['name', true], ['tags', false], ['city', false]]);
});

it('only two values that differ contest each other', () => {
  const lines = compare(kind, { name: '张伟', city: '武汉', tags: ['a', 'b'] }, { name: '张卫', city: '', tags: ['b', 'a'] });
  expect(lines.filter(isContested).map(({ name }) => name)).toEqual(['name']);
  expect(lines.find(({ name }) => name === 'tags')?.isSame).toBe(true);
});
