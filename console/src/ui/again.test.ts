import { describe, expect, it } from 'vitest';
import { cannot, sides } from './again.ts';

describe('a decision made again', () => {
  it('stands beside the first part by part, in the order of the first', () => {
    expect(sides({ level: 'major', due: 'PT2H' }, { due: 'PT2H', level: 'general', extra: 1 })).toEqual([
      { name: 'level', before: 'major', again: 'general', isSame: false },
      { name: 'due', before: 'PT2H', again: 'PT2H', isSame: true },
      { name: 'extra', before: undefined, again: 1, isSame: false },
    ]);
  });

  it('is the same whatever order its names came in, but not in another order of a list', () => {
    expect(sides({ a: { x: 1, y: [1, 2] } }, { a: { y: [1, 2], x: 1 } })[0]!.isSame).toBe(true);
    expect(sides({ a: [1, 2] }, { a: [2, 1] })[0]!.isSame).toBe(false);
  });

  it('is one line where the answer is a plain value, or none came', () => {
    expect(sides(12, 12)).toEqual([{ name: '', before: 12, again: 12, isSame: true }]);
    expect(sides({ a: 1 }, undefined)).toEqual([{ name: '', before: { a: 1 }, again: undefined, isSame: false }]);
  });

  it('says why it cannot be made', () => {
    expect(cannot('the rule of leads as it was then is not installed any more')).toBe('again.rule_gone');
    expect(cannot('the customer has been changed since; the value is about to be made anew')).toBe('again.changed_since');
    expect(cannot('something new')).toBeUndefined();
  });
});
