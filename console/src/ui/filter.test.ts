import { describe, expect, it } from 'vitest';
import type { Filter } from '../api/types.ts';
import { bind, both, isOpenEnded, readCondition, writeCondition } from './filter.ts';

describe('filters', () => {
  it('are joined so that both hold', () => {
    expect(both({ city: '武汉' }, { type: 'owner' })).toEqual({ city: '武汉', type: 'owner' });
    expect(both({ city: '武汉' }, { city: '长沙' })).toEqual({ and: [{ city: '武汉' }, { city: '长沙' }] });
    expect(both({}, { a: 1 })).toEqual({ a: 1 });
    expect(both(undefined, {})).toBeUndefined();
  });

  it('take the ids of the place they stand in, at any depth', () => {
    const filter: Filter = { or: [{ customer: { $subject: true } }, { about: { $id: true } }], owner: { $me: true } };
    expect(bind(filter, { subject: 'c1', id: 'r1' })).toEqual({ or: [{ customer: 'c1' }, { about: 'r1' }], owner: { $me: true } });
    expect(isOpenEnded(filter)).toBe(true);
    expect(isOpenEnded(bind(filter, { subject: 'c1', id: 'r1' }))).toBe(false);
  });

  it('write one condition a field type, and read it back', () => {
    expect(writeCondition({ type: 'enum', label: '' }, { values: ['a'] })).toBe('a');
    expect(writeCondition({ type: 'enum', label: '' }, { values: ['a', 'b'] })).toEqual({ in: ['a', 'b'] });
    expect(writeCondition({ type: 'enum', label: '' }, { values: [] })).toBeUndefined();
    expect(writeCondition({ type: 'text', label: '' }, { text: ' 武 ' })).toEqual({ contains: '武' });
    expect(writeCondition({ type: 'money', label: '' }, { range: { gte: 100, lte: undefined } })).toEqual({ gte: 100 });
    expect(writeCondition({ type: 'enum_list', label: '' }, { values: ['x'] })).toBe('x');
    expect(writeCondition({ type: 'ref_list', label: '' }, { values: ['x', 'y'] })).toEqual({ in: ['x', 'y'] });
    expect(readCondition({ in: ['a', 'b'] }).values).toEqual(['a', 'b']);
    expect(readCondition('a').values).toEqual(['a']);
    expect(readCondition({ gte: 1 }).range.gte).toBe(1);
  });
});
