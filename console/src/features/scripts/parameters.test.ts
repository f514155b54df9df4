import { expect, it } from 'vitest';
import type { Json } from '../../api/types.ts';
import { controlOf, labelsOf, namesOf, numbersOf, rowsOf, tableOf, wrongRows } from './parameters.ts';

it('names parameters by the comments of the rule', () => {
  expect(labelsOf('// PARAMETERS.vip_points: 重点客户加几分\n  // PARAMETERS.days：第几天\nlet x = PARAMETERS.y;')).toEqual({ vip_points: '重点客户加几分', days: '第几天' });
});

it('finds the control that a value is changed with', () => {
  const values: Json[] = [3, true, 'a', [1, 2], ['a'], [], { a: 1 }, {}, { a: { b: 1 } }, null];
  expect(values.map(controlOf)).toEqual(['number', 'switch', 'text', 'numbers', 'texts', 'texts', 'table', 'table', 'json', 'json']);
  expect(numbersOf(['3', 'x', '7'])).toEqual([3, 7]);
});

it('keeps the order of the rule', () => {
  expect(namesOf({ b: 1, c: 2 }, { a: 'A', b: 'B' })).toEqual(['a', 'b', 'c']);
});

it('keeps rows apart while their names are being typed', () => {
  const rows = [...rowsOf({ a: 1, b: 2 }), { id: 2, name: 'a', value: 3 }, { id: 3, name: ' ', value: 4 }];
  expect([wrongRows(rows), tableOf(rows)]).toEqual([[2, 3], undefined]);
  expect(tableOf([{ id: 0, name: 'b', value: 2 }, { id: 1, name: 'a', value: 1 }])).toEqual({ b: 2, a: 1 });
});
