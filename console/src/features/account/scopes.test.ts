import { expect, test } from 'vitest';
import { VERBS } from '../../ui/rights.ts';
import { addressesOf, entriesOf } from './scopes.ts';

test('each verb stands with each kind, in the order of the verbs', () => {
  expect(entriesOf(['change', 'read'], ['customer', 'complaints.*'])).toEqual(['read:customer', 'change:customer', 'read:complaints.*', 'change:complaints.*']);
});

test('no kind means all of them, and all verbs are one entry', () => {
  expect(entriesOf(['read'], [])).toEqual(['read:*']);
  expect(entriesOf(VERBS, ['customer'])).toEqual(['*:customer']);
});

test('addresses are read however they are set apart', () => {
  expect(addressesOf(' 10.0.0.0/8,192.0.2.7\n2001:db8::/32，')).toEqual(['10.0.0.0/8', '192.0.2.7', '2001:db8::/32']);
  expect(addressesOf('')).toEqual([]);
});
