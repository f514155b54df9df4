import { expect, it } from 'vitest';
import { countEvents, dataOf, kindOf } from './dryrun.ts';

it('a command tells its kind by its body, or by its name', () => {
  expect(kindOf({ name: 'record.create', body: { kind: 'customer', data: { name: '张伟' } } })).toBe('customer');
  expect(kindOf({ name: 'customer.merge', body: { id: 'a', other: 'b' } })).toBe('customer');
  expect(kindOf({ name: 'timer.set', body: { key: 'x' } })).toBeUndefined();
});

it('values are read where there are any, and events counted in their order', () => {
  expect(dataOf({ name: 'record.change', body: { data: { city: null } } })).toEqual({ city: null });
  expect(dataOf({ name: 'timer.set', body: {} })).toEqual({});
  expect(countEvents([{ kind: 'b' }, { kind: 'a' }, { kind: 'b' }])).toEqual([['b', 2], ['a', 1]]);
});
