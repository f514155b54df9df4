import { expect, it } from 'vitest';
import type { Kind } from '../api/types.ts';
import { boardFields, calendarFields, waysOf } from './ways.tsx';

const two = [{ value: 'a', label: 'A' }, { value: 'b', label: 'B' }];
const kind: Kind = {
  kind: 'x', label: 'X', title: 'name',
  fields: { name: { type: 'text', label: 'Name' }, sort: { type: 'enum', label: 'Sort', values: two }, one: { type: 'enum', label: 'One', values: two.slice(1) }, state: { type: 'enum', label: 'State', values: two }, made: { type: 'date', label: 'Made', indexed: true }, due: { type: 'datetime', label: 'Due', indexed: true }, seen: { type: 'date', label: 'Seen' } },
  states: { field: 'state', initial: 'a', transitions: {} },
};

it('a board stands by the state before any other choice, and never by a choice of one', () => {
  expect(boardFields(kind)).toEqual(['state', 'sort']);
});

it('a calendar stands by what falls due, and by fields the server can look up', () => {
  expect(calendarFields(kind)).toEqual(['due', 'made']);
});

it('a kind without choices and moments is a list alone', () => {
  expect(waysOf({ ...kind, fields: { name: kind.fields.name! }, states: undefined })).toEqual({});
});
