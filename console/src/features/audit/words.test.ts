import { expect, it } from 'vitest';
import { isKnown, labelOf, recordAsked, userOf } from './words.ts';

it('who did it is found in every way an actor is written', () => {
  expect(userOf('user:u1')).toBe('u1');
  expect(userOf('plugin:complaints/user:u1')).toBe('u1');
  expect(userOf({ label: 'user:u2', name: '李娜' })).toBe('u2');
  expect([userOf('system'), userOf('plugin:complaints'), userOf(null)]).toEqual([undefined, undefined, undefined]);
  expect(labelOf({ label: 'user:u2', name: '李娜' })).toBe('李娜');
});

it('a record is asked for by id, or by the address of its page', () => {
  expect(recordAsked(' abc ')).toBe('abc');
  expect(recordAsked('https://crm.example/customers/abc')).toBe('abc');
  expect(recordAsked('https://crm.example/records/complaints.case/abc?view=desk')).toBe('abc');
  expect(recordAsked('  ')).toBeUndefined();
});

it('an unknown entry is no fault', () => {
  expect(isKnown('record.changed')).toBe(true);
  expect(isKnown('something.new')).toBe(false);
});
