import { expect, it } from 'vitest';
import type { Job } from '../../api/types.ts';
import { percent, setOff } from './automations.ts';

const job = (more: Partial<Job>): Job => ({ id: 'j', kind: 'import', state: 'running', done: 30, total: 90, faults: [], ...more });

it('tells what is set off, the most first, and who hears it', () => {
  const told = setOff(job({ detail: { automations: { 'review.created': 2, 'customer.created': 40, 'customer.changed': 0 }, heard_by: { 'customer.created': { worklist: 40 } } } }));
  expect(told).toEqual([{ event: 'customer.created', n: 40, heardBy: [['worklist', 40]] }, { event: 'review.created', n: 2, heardBy: [] }]);
  expect(setOff(job({ detail: null }))).toEqual([]);
});

it('tells how far it is, and never all before the end', () => {
  expect(percent(job({}))).toBe(33);
  expect(percent(job({ done: 90 }))).toBe(99);
  expect(percent(job({ state: 'done', done: 0 }))).toBe(100);
  expect(percent(job({ undo: { done: 10, total: 40 } }))).toBe(25);
  expect(percent(job({ done: 0, total: 0 }))).toBe(0);
});
