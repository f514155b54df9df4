import { describe, expect, it } from 'vitest';
import type { Kind } from '../../api/types.ts';
import { childKinds, emptyDraft, faultsOf, fieldOf, flagsOf, languages, rollupFields, valueFaults } from './draft.ts';

const cases: Kind = { kind: 'cases', label: '', title: 'number', fields: { customer: { type: 'ref', to: 'customer', label: '' }, cost: { type: 'money', label: '' }, state: { type: 'enum', label: '' }, at: { type: 'datetime', label: '' }, note: { type: 'long_text', label: '' } } };
const draft = (more: object) => ({ ...emptyDraft(), name: 'size', zh: '尺码', ...more });

describe('a field being described', () => {
  it('needs a name of its own and a label', () => {
    expect(faultsOf(emptyDraft(), [])).toEqual(['name', 'label']);
    expect(faultsOf(draft({}), ['x_size'])).toEqual(['name_taken']);
    expect(faultsOf(draft({ name: '尺码' }), [])).toEqual(['name']);
    expect(faultsOf(draft({}), [])).toEqual([]);
  });

  it('needs values that are told apart', () => {
    expect(valueFaults([])).toEqual(['values']);
    expect(valueFaults([{ value: '大', zh: '大', en: '' }])).toEqual(['value_name']);
    expect(valueFaults([{ value: 'l', zh: '大', en: '' }, { value: 'l', zh: '小', en: '' }])).toEqual(['value_twice']);
    expect(faultsOf(draft({ type: 'computed', as: 'enum' }), [])).toEqual(['values']);
  });

  it('becomes a field, with the Chinese text where English is missing and money in fen', () => {
    expect(fieldOf(draft({ type: 'money', max: 500, required: true, indexed: true }), 'customer', undefined)).toEqual({ name: 'x_size', type: 'money', label: { 'zh-CN': '尺码', en: '尺码' }, required: true, indexed: true, max: 50_000 });
    expect(fieldOf(draft({ type: 'enum', values: [{ value: 'l', zh: '大', en: 'Large', tone: 'good' }] }), 'customer', undefined).values).toEqual([{ value: 'l', label: { 'zh-CN': '大', en: 'Large' }, tone: 'good' }]);
  });

  it('of a roll-up comes out as what it looks at, and asks for nothing of people', () => {
    const field = fieldOf(draft({ type: 'rollup', required: true, rollupKind: 'cases', rollupVia: 'customer', rollupFn: 'sum', rollupField: 'cost' }), 'customer', cases);
    expect(field).toEqual({ name: 'x_size', type: 'rollup', as: 'money', label: { 'zh-CN': '尺码', en: '尺码' }, rollup: { kind: 'cases', via: 'customer', fn: 'sum', field: 'cost' } });
    expect(faultsOf(draft({ type: 'rollup' }), [])).toEqual(['rollup']);
    expect(faultsOf(draft({ type: 'rollup', rollupKind: 'cases', rollupVia: 'customer', rollupFn: 'max' }), [])).toEqual(['rollup_field']);
  });

  it('that is computed names its script', () => {
    expect(fieldOf(draft({ type: 'computed', as: 'int' }), 'customer', undefined).script).toBe('computed/customer.x_size');
  });

  it('offers the fields a function can work on, of kinds that refer here', () => {
    expect(rollupFields(cases, 'sum').map(([name]) => name)).toEqual(['cost']);
    expect(rollupFields(cases, 'max').map(([name]) => name)).toEqual(['cost', 'at']);
    expect(childKinds([cases], 'customer').map(({ vias }) => vias)).toEqual([['customer']]);
    expect(childKinds([cases], 'org')).toEqual([]);
  });
});

it('tells the flags of a field', () => {
  expect(flagsOf({ type: 'text', label: '', required: true, unique: 'org', readonly: true })).toEqual(['required', 'unique', 'readonly']);
  expect(flagsOf({ type: 'int', label: '', derived: 'rollup', readonly: true })).toEqual([]);
});

it('a text for all languages stands for both', () => {
  expect(languages('VIN')).toEqual({ zh: 'VIN', en: 'VIN' });
  expect(languages({ 'zh-CN': '大' })).toEqual({ zh: '大', en: '' });
});
