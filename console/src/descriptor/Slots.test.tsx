import { cleanup, fireEvent, screen } from '@testing-library/react';
import { afterEach, beforeAll, expect, it, vi } from 'vitest';
import { answering, draw, testClient } from '../../test/draw.tsx';
import { screensQuery, sessionQuery } from '../api/queries.ts';
import type { Session } from '../api/types.ts';
import { startI18n } from '../app/i18n.ts';
import { SlotCards } from './Slots.tsx';

const customer = { kind: 'customer', label: 'Customer', title: 'name', fields: { name: { type: 'text', label: 'Name' }, grade: { type: 'computed', as: 'enum', label: 'Grade', values: [{ value: 'a', label: 'Grade A' }] } } };
const account = { kind: 'demo.account', label: 'Account', title: 'number', plugin: 'demo', written_by: 'plugin', fields: { number: { type: 'text', label: 'Number' }, balance: { type: 'int', label: 'Balance' } } };
const session: Session = { user: { id: 'u', name: 'U', login: 'u', org: { id: 'o', name: 'O' }, roles: [] }, rights: {} };
const stored = { rev: 1, org: 'o', created_at: '2026-01-01T00:00:00Z', updated_at: '2026-01-01T00:00:00Z' };

beforeAll(startI18n);
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

it('a slot of the customer’s page shows the grade with its why, and the points of the account', async () => {
  const asked: string[] = [];
  vi.stubGlobal('fetch', answering((path) => {
    asked.push(path);
    if (path === '/kinds/customer') return customer;
    if (path === '/kinds/demo.account') return account;
    if (path.includes('/why/')) return { id: 'r', at: stored.created_at, org: 'o', point: 'computed', plugin: '', plugin_version: '', script: 's', script_owner: 'o', script_version: 1, script_digest: '', input: {}, output: {}, reasons: ['bought twice'], field: 'grade' };
    if (path.includes('/timeline')) return { items: [], next: null };
    if (path.startsWith('/records/demo.account')) return { items: [{ ...stored, id: 'a1', kind: 'demo.account', data: { number: 'A1', balance: 1200 } }], next: null };
    return { ...stored, id: 'c1', kind: 'customer', data: { name: 'Wang', grade: 'a' } };
  }));
  const client = testClient();
  client.setQueryData(sessionQuery.queryKey, session);
  client.setQueryData(screensQuery.queryKey, [{
    ui: 1, plugin: 'demo', slots: [{ slot: 'customer.profile', view: 'grade' }, { slot: 'customer.profile', view: 'points' }],
    views: { grade: { view: 'card', kind: 'customer', fields: ['grade'] }, points: { view: 'card', kind: 'demo.account', filter: { customer: { $subject: true } }, fields: ['balance'] } },
  }]);
  draw(<SlotCards slot="customer.profile" subject={{ kind: 'customer', id: 'c1' }} />, client);
  await screen.findByText('Grade A');
  await screen.findByText('1,200');
  expect(asked.some((path) => path.includes(encodeURIComponent('{"customer":"c1"}')))).toBe(true);
  fireEvent.click(screen.getByRole('button', { name: /为什么/u }));
  await screen.findByText('bought twice');
});
