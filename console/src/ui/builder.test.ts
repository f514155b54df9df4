import { describe, expect, it } from 'vitest';
import type { Filter, Kind } from '../api/types.ts';
import { countRules, fieldAt, isComplete, opsOf, pathOptions, readFilter, splitFilter, writeFilter } from './builder.ts';

const customer: Kind = {
  kind: 'customer', label: 'Customer', title: 'name',
  fields: { name: { type: 'text', label: 'Name' }, type: { type: 'enum', label: 'Type', values: [] }, born: { type: 'date', label: 'Born' }, owner: { type: 'ref', to: 'user', label: 'Owner' }, old: { type: 'text', label: 'Old', retired: true } },
};
const user: Kind = { kind: 'user', label: 'User', title: 'name', fields: { name: { type: 'text', label: 'Name' }, org: { type: 'ref', to: 'org', label: 'Org' } } };
const org: Kind = { kind: 'org', label: 'Org', title: 'name', fields: { city: { type: 'text', label: 'City' } } };

describe('a filter as building blocks', () => {
  const same: Filter[] = [
    {},
    { city: '武汉' },
    { type: { in: ['owner', 'prospect'] }, 'owner.org.city': { contains: '武' } },
    { or: [{ city: '武汉' }, { created_at: { gte: { $now: '-90d' } } }] },
    { not: { $segment: 's1' } },
    { not: { or: [{ a: 1 }, { b: { empty: true } }] } },
    { and: [{ city: { starts: '武' } }, { city: { ne: '武昌' } }], owner: { $me: true } },
    { $segment: 's1', updated_at: { lt: { $now: '-30d' } } },
    { or: [{ city: '武汉', type: 'owner' }, { n: { between: [1, 5] } }] },
  ];
  it.each(same.map((filter) => [JSON.stringify(filter), filter] as const))('%s comes back as it was', (_name, filter) => {
    const again = writeFilter(readFilter(filter));
    // `and` beside other conditions is one list of conditions: the same question.
    if (filter.and) expect(again).toEqual({ and: [{ city: { starts: '武' } }, { city: { ne: '武昌' } }, { owner: { $me: true } }] });
    else expect(again).toEqual(filter);
  });

  it('reads a span as one rule', () => {
    expect(readFilter({ n: { gte: 1, lte: 5 } }).parts).toEqual([{ sort: 'rule', path: 'n', op: 'between', value: [1, 5] }]);
  });

  it('leaves out what is half filled in', () => {
    const group = { ...readFilter({ city: '武汉' }) };
    group.parts.push({ sort: 'rule', path: 'name', op: 'contains', value: '' }, { sort: 'segment', id: '', isIn: true }, { sort: 'group', join: 'or', isNot: false, parts: [] });
    expect(writeFilter(group)).toEqual({ city: '武汉' });
    expect(countRules(group)).toBe(1);
    expect(isComplete({ sort: 'rule', path: 'n', op: 'between', value: [1, null] })).toBe(false);
  });

  it('offers fields over refs, but none that is retired, and finds them again', () => {
    const options = pathOptions([customer, user, org], 'customer');
    expect(options.map(({ value }) => value)).toEqual(['name', 'type', 'born', 'owner', 'created_at', 'updated_at', 'org']);
    const owner = options.find(({ value }) => value === 'owner');
    expect(owner?.children?.find(({ value }) => value === 'org')?.children?.map(({ value }) => value)).toContain('city');
    expect(fieldAt([customer, user, org], 'customer', 'owner.org.city')?.label).toBe('City');
    expect(fieldAt([customer, user, org], 'customer', 'name.city')).toBeUndefined();
  });

  it('offers days for dates and words for texts', () => {
    expect(opsOf(customer.fields.born!)[0]).toBe('within');
    expect(opsOf(customer.fields.name!)[0]).toBe('contains');
  });

  it('tells chips from what needs the builder', () => {
    const { simple, advanced } = splitFilter(customer, { name: { contains: '张' }, type: { in: ['a'] }, born: { gte: { $now: '-9d' } }, 'owner.name': 'x', or: [] });
    expect(Object.keys(simple)).toEqual(['name', 'type']);
    expect(Object.keys(advanced)).toEqual(['born', 'owner.name', 'or']);
  });
});
