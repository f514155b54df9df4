import { expect, it } from 'vitest';
import type { Kind } from '../../api/types.ts';
import { fieldsToShow, grantKinds, readGrants, setLevel, toggleVerb, writeGrants, type Grant } from './grants.ts';

const grant: Grant = { kind: 'customer', verbs: ['read'], scope: 'dealer' };

it('what is read is written back without what says nothing', () => {
  const stored = [{ kind: 'customer', verbs: ['read', 'change'], scope: 'own', fields: { phone: 'masked' }, reveal: true, when: { type: 'owner' } }];
  expect(writeGrants(readGrants(stored as never))).toEqual(stored);
  expect(writeGrants([{ ...grant, fields: {}, reveal: false, when: {} }])).toEqual([grant]);
  expect(writeGrants([{ ...grant, verbs: [] }])).toEqual([]);
  expect(readGrants(undefined)).toEqual([]);
});

it('a right to change brings reading along, and reading gone takes all along', () => {
  expect(toggleVerb({ ...grant, verbs: [] }, 'change').verbs).toEqual(['read', 'change']);
  expect(toggleVerb({ ...grant, verbs: [] }, 'create').verbs).toEqual(['create']);
  expect(toggleVerb({ ...grant, verbs: ['read', 'change'] }, 'read').verbs).toEqual([]);
  expect(toggleVerb({ ...grant, verbs: ['read', 'change'] }, 'change').verbs).toEqual(['read']);
});

it('a level is set, changed and taken away', () => {
  const masked = setLevel(grant, 'phone', 'masked');
  expect(masked.fields).toEqual({ phone: 'masked' });
  expect(setLevel(masked, 'phone', undefined).fields).toBeUndefined();
});

it('rows are for all kinds, all of a plugin, or one; personal fields come first', () => {
  const kind = { kind: 'complaints.case', label: 'Case', title: 'number', fields: { number: { type: 'text', label: 'No' }, facts: { type: 'text', label: 'Facts', personal: true } } } as Kind;
  expect(grantKinds([{ ...kind, kind: 'customer' }, kind])).toEqual(['*', 'other', 'complaints.*', 'customer', 'complaints.case']);
  expect(fieldsToShow(kind).map(([name]) => name)).toEqual(['facts', 'number']);
});
