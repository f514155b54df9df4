import { expect, it } from 'vitest';
import { recent, withRecent } from './recent.ts';

it('the record opened last comes first, once, and eight are enough', () => {
  const many = Array.from({ length: 9 }, (_, n) => ({ kind: 'customer', id: `c${n}` }));
  const list = many.reduce(withRecent, [] as { kind: string; id: string }[]);
  expect(list).toHaveLength(8);
  expect(withRecent(list, { kind: 'customer', id: 'c3' })[0]).toEqual({ kind: 'customer', id: 'c3' });
  expect(withRecent(list, { kind: 'customer', id: 'c3' }).filter(({ id }) => id === 'c3')).toHaveLength(1);
});

it('what something else left in the storage is passed over', () => {
  localStorage.setItem('marque.recent', '[{"kind":"customer"},7,{"kind":"org","id":"d1"}]');
  expect(recent()).toEqual([{ kind: 'org', id: 'd1' }]);
  localStorage.setItem('marque.recent', 'nonsense');
  expect(recent()).toEqual([]);
});
