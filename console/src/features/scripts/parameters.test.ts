import { expect, it } from 'vitest';
import type { Json } from '../../api/types.ts';
import { controlOf, labelsOf, namesOf, numbersOf } from './parameters.ts';

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
