import { expect, it } from 'vitest';
import type { Item, Kind } from '../../api/types.ts';
import { mergeLines, reasonsOf, refsTo, standing } from './merging.ts';

const text = { type: 'text' as const, label: '' };
const kind: Kind = { kind: 'customer', label: '', title: 'name', fields: { name: text, city: text, note: text, n: { type: 'int', label: '', derived: 'rollup' } } };
const item = (data: Item['data']): Item => ({ id: 'x', kind: 'customer', rev: 1, org: 'd1', created_at: '', updated_at: '', data });

it('what differs is decided, what one side adds is taken, what is worked out is left out', () => {
  const { contested, added, same } = mergeLines(kind, item({ name: '张伟', city: '武汉', n: 1 }), item({ name: '张伟', city: '长沙', note: '老客户', n: 2 }));
  expect([contested, added, same].map((lines) => lines.map(({ name }) => name))).toEqual([['city'], ['note'], ['name']]);
  expect(standing({ city: 'other', name: 'other' }, contested)).toEqual({ city: 'other' });
});

it('finds whatever refers to a customer, but for the pairs themselves', () => {
  const ref = { type: 'ref' as const, to: 'customer', label: '' };
  const kinds: Kind[] = [{ ...kind, fields: { boss: ref } }, { ...kind, kind: 'case', fields: { customer: ref, user: { ...ref, to: 'user' }, old: { ...ref, retired: true } } }, { ...kind, kind: 'review', fields: { other: ref } }];
  expect(refsTo(kinds, 'customer').map(({ kind, field }) => `${kind.kind}.${field}`)).toEqual(['customer.boss', 'case.customer']);
});

it('reads the reasons of a pair one by one', () => {
  expect(reasonsOf('手机相同 +50；同姓 +10; x')).toEqual(['手机相同 +50', '同姓 +10', 'x']);
  expect(reasonsOf(null)).toEqual([]);
});
