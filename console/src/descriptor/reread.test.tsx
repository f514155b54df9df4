import { useQuery } from '@tanstack/react-query';
import { act, cleanup, fireEvent, screen, waitFor } from '@testing-library/react';
import { afterEach, beforeAll, expect, it, vi } from 'vitest';
import { answering, draw, testClient } from '../../test/draw.tsx';
import { kindQuery } from '../api/queries.ts';
import { readKind } from '../api/kind.ts';
import type { Kind } from '../api/types.ts';
import { startI18n } from '../app/i18n.ts';
import { FormBody } from './actions.tsx';
import { ListView } from './ListView.tsx';
import type { Document, ListSpec } from './types.ts';

const kind: Kind = readKind({ kind: 'demo.case', label: 'Case', title: 'name', plugin: 'demo', fields: { name: { type: 'text', label: 'Name' } }, actions: [] } as never);
const spec: ListSpec = { view: 'list', kind: 'demo.case', columns: [{ field: 'name' }], row: [{ form: 'add', label: 'Answer' }] };
const doc: Document = { ui: 1, plugin: 'demo', views: { desk: spec, add: { view: 'form', kind: 'demo.case' } } };
const row = { id: '01', kind: 'demo.case', rev: 1, org: 'o', created_at: '2026-01-01T00:00:00Z', updated_at: '2026-01-01T00:00:00Z', data: { name: 'Wang' } };

/** Says when the page has heard that its read failed. */
const Heard = () => <p>{useQuery(kindQuery('demo.case')).error ? 'failed' : 'read'}</p>;

beforeAll(startI18n);
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

it('a form keeps what is typed when reading its kind again fails', async () => {
  vi.stubGlobal('fetch', answering(() => 503));
  const client = testClient();
  client.setQueryData(kindQuery('demo.case').queryKey, kind);
  draw(<><FormBody spec={{ view: 'form', kind: 'demo.case' }} onDone={() => {}} /><Heard /></>, client);
  fireEvent.change(await screen.findByLabelText('Name'), { target: { value: '漏油' } });
  await act(() => client.refetchQueries({ queryKey: ['kinds'] }));
  await screen.findByText('failed');
  expect(screen.getByLabelText<HTMLInputElement>('Name').value).toBe('漏油');
});

it('the form of a row keeps what is typed when the list is read again and has become empty', async () => {
  let items = [row];
  vi.stubGlobal('fetch', answering((path) => (path.includes('/records/') ? { items, next: null, count: items.length } : kind)));
  const { client } = draw(<ListView doc={doc} spec={spec} compact />);
  fireEvent.click(await screen.findByRole('button', { name: 'Answer' }));
  fireEvent.change(await screen.findByLabelText('Name'), { target: { value: '已联系' } });
  items = [];
  await act(() => client.refetchQueries({ queryKey: ['records'] }));
  await waitFor(() => expect(screen.queryByText('Wang')).toBeNull());
  expect(screen.getByLabelText<HTMLInputElement>('Name').value).toBe('已联系');
});

it('the form of a row is sent to the record of the row, and is offered where that may be done now', async () => {
  const answer = { name: 'answer', label: 'Answer', target: true, when: { states: ['open'] }, input: { type: 'object', properties: { text: { type: 'string', title: 'Text' } } } };
  const states = { field: 'state', initial: 'open', transitions: {} };
  const fields = { name: { type: 'text', label: 'Name' }, state: { type: 'text', label: 'State' } };
  const cases: Kind = readKind({ kind: 'demo.case', label: 'Case', title: 'name', plugin: 'demo', written_by: 'plugin', fields, states, actions: [answer] } as never);
  const asked: string[] = [];
  const items = [{ ...row, data: { name: 'Wang', state: 'open' } }, { ...row, id: '02', data: { name: 'Li', state: 'closed' } }];
  vi.stubGlobal('fetch', answering((path) => {
    asked.push(path);
    return path.includes('/actions/') ? { reply: {}, record: items[0] } : path.includes('/records/') ? { items, next: null, count: 2 } : cases;
  }));
  const views: Document['views'] = { desk: spec, add: { view: 'form', kind: 'demo.case', action: 'answer' } };
  draw(<ListView doc={{ ...doc, views }} spec={spec} compact />);
  const buttons = await screen.findAllByRole('button', { name: 'Answer' });
  expect(buttons).toHaveLength(1);
  fireEvent.click(buttons[0]!);
  fireEvent.change(await screen.findByLabelText('Text'), { target: { value: '已联系' } });
  fireEvent.click(screen.getAllByRole('button', { name: 'Answer' }).at(-1)!);
  await waitFor(() => expect(asked.some((path) => path.endsWith('/records/demo.case/01/actions/answer'))).toBe(true));
});
