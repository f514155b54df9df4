import { describe, expect, it } from 'vitest';
import type { Kind, Schema } from '../api/types.ts';
import { arrange, cleanValues, initialValues, kindInputs, prefill, schemaInputs, type FormField } from './form.ts';

const schema: Schema = {
  type: 'object',
  required: ['customer', 'facts'],
  properties: {
    customer: { type: 'string', format: 'ref', 'x-kind': 'customer', title: { 'zh-CN': '客户', en: 'Customer' } },
    staff: { type: 'string', format: 'ref:user', title: 'Staff' },
    facts: { type: 'string', format: 'long_text', 'x-help': 'in their words' },
    cost: { type: 'integer', format: 'money', minimum: 0, default: 0 },
    level: { type: 'string', enum: ['general', 'important'], 'x-labels': { important: { 'zh-CN': '重要', en: 'Important' } } },
    comfort: { type: 'array', items: { type: 'string', enum: ['tow', 'loaner'] } },
    happy: { type: 'boolean' },
    on: { type: 'string', format: 'date' },
    at: { type: 'string', format: 'date-time' },
    score: { type: 'number', minimum: 1, maximum: 5 },
    secret: { type: 'string', format: 'password' },
    words: { type: 'string', maxLength: 20_000 },
    address: { type: 'object', required: ['city'], properties: { city: { type: 'string' } } },
    free: { type: 'object' },
  },
};

const kind: Kind = {
  kind: 'demo.case',
  label: 'Case',
  title: 'number',
  states: { field: 'state', initial: 'open', transitions: {} },
  fields: {
    number: { type: 'text', label: 'Number', readonly: true },
    state: { type: 'enum', label: 'State', values: [] },
    level: { type: 'enum', label: 'Level', values: [{ value: 'general', label: { 'zh-CN': '一般', en: 'General' } }] },
    price: { type: 'money', label: 'Price', min: 0, max: 100 },
    title: { type: 'text', label: 'Title', max: 200, required: true, default: 'x' },
  },
};

describe('an action’s schema', () => {
  const fields = schemaInputs(schema, kind);
  const byName: Record<string, FormField> = Object.fromEntries(fields.map((field) => [field.path[0]!, field]));

  it('becomes one input a property', () => {
    expect(fields.map(({ path, input }) => [path[0], input])).toEqual([
      ['customer', 'ref'], ['staff', 'ref'], ['facts', 'long_text'], ['cost', 'money'], ['level', 'enum'], ['comfort', 'enum_list'], ['happy', 'bool'],
      ['on', 'date'], ['at', 'datetime'], ['score', 'decimal'], ['secret', 'password'], ['words', 'long_text'], ['address', 'group'], ['free', 'json'],
    ]);
  });

  it('says what a reference refers to, in either spelling', () => {
    expect(byName.customer?.to).toBe('customer');
    expect(byName.staff?.to).toBe('user');
  });

  it('takes labels from x-labels, else from the kind’s field of that name, else the value', () => {
    expect(byName.level?.choices).toEqual([
      { value: 'general', label: { 'zh-CN': '一般', en: 'General' }, tone: undefined },
      { value: 'important', label: { 'zh-CN': '重要', en: 'Important' }, tone: undefined },
    ]);
    expect(byName.comfort?.choices?.map(({ label }) => label)).toEqual(['tow', 'loaner']);
  });

  it('keeps what is required, bounded and explained', () => {
    expect(fields.filter(({ required }) => required).map(({ path }) => path[0])).toEqual(['customer', 'facts']);
    expect(byName.cost).toMatchObject({ min: 0, initial: 0 });
    expect(byName.facts?.help).toBe('in their words');
    expect(byName.address?.fields?.[0]).toMatchObject({ path: ['address', 'city'], required: true });
  });

  it('is filled with the record whose page it is opened from', () => {
    expect(prefill(fields, 'customer', 'c1')).toEqual({ customer: 'c1' });
    expect(prefill(fields, 'vehicle', 'v1')).toEqual({});
  });

  it('sends only what was filled in, trimmed, passwords as typed', () => {
    const typed = { customer: 'c1', facts: ' leaks ', cost: 0, comfort: [], happy: false, secret: ' s ', address: { city: '' }, level: undefined };
    expect(cleanValues(fields, typed)).toEqual({ customer: 'c1', facts: 'leaks', cost: 0, happy: false, secret: ' s ' });
  });

  it('never preselects a choice that has no default', () => {
    expect(initialValues(fields)).toEqual({ cost: 0, address: {} });
  });
});

describe('a kind', () => {
  it('asks for its fields, but for readonly ones and the state', () => {
    expect(kindInputs(kind).map(({ path }) => path[0])).toEqual(['level', 'price', 'title']);
  });

  it('bounds numbers by value and texts by length', () => {
    const [, price, title] = kindInputs(kind);
    expect(price).toMatchObject({ min: 0, max: 100, maxLength: undefined });
    expect(title).toMatchObject({ max: undefined, maxLength: 200, initial: 'x' });
  });

  it('is laid out in rows, and nothing a layout forgot is lost', () => {
    const rows = arrange(kindInputs(kind), [['price', 'nothing'], 'title']);
    expect(rows.map((row) => row.map(({ path }) => path[0]))).toEqual([['price'], ['title'], ['level']]);
  });
});

describe('inputs inside inputs', () => {
  const scale = { type: 'integer', enum: [1, 2, 3] };
  const schema = {
    type: 'object',
    properties: {
      lines: { type: 'array', items: { type: 'object', required: ['km'], properties: { km: { type: 'integer' }, note: { type: 'string' } } } },
      answers: { type: 'object', format: 'matrix', properties: { price: scale, service: scale } },
    },
  };
  const fields = schemaInputs(schema);

  it('are a list of rows and a matrix of one answer a line', () => {
    expect(fields.map(({ input }) => input)).toEqual(['rows', 'matrix']);
    expect(fields[0]!.fields!.map(({ path, required }) => [path, required])).toEqual([[['km'], true], [['note'], false]]);
    expect(fields[1]!.fields![0]!.choices!.map(({ value }) => value)).toEqual([1, 2, 3]);
  });

  it('are sent without rows and lines that were left empty', () => {
    expect(cleanValues(fields, { lines: [{ km: 15, note: ' ' }, {}], answers: { price: 3, service: undefined } })).toEqual({ lines: [{ km: 15 }], answers: { price: 3 } });
    expect(cleanValues(fields, { lines: [{}], answers: {} })).toEqual({});
  });
});
