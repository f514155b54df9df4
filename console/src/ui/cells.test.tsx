import { useQuery } from '@tanstack/react-query';
import { act, cleanup, fireEvent, screen, waitFor } from '@testing-library/react';
import { afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { answering, draw, testClient } from '../../test/draw.tsx';
import { sessionQuery } from '../api/queries.ts';
import type { Item, Kind, Session } from '../api/types.ts';
import { startI18n } from '../app/i18n.ts';
import { useCells } from './cells.tsx';
import { RecordTable } from './RecordTable.tsx';

const kind: Kind = { kind: 'customer', label: 'Customer', title: 'name', fields: { name: { type: 'text', label: 'Name' }, city: { type: 'text', label: 'City' }, points: { type: 'int', label: 'Points', readonly: true } } };
const item = (id: string, city: string): Item => ({ id, kind: 'customer', rev: 3, org: 'o', created_at: '2026-01-01T00:00:00Z', updated_at: '2026-01-01T00:00:00Z', data: { name: id, city, points: 5 } });
const session = (verbs: string[]): Session => ({ user: { id: 'u', name: 'U', login: 'u', org: { id: 'o', name: 'O' }, roles: [] }, rights: { customer: { verbs } } });

let show: (items: Item[]) => void = () => {};

function List({ items }: { items: Item[] }) {
  const cells = useCells(kind);
  return <RecordTable kind={kind} items={items} columns={[{ field: 'name' }, { field: 'city' }, { field: 'points' }]} cells={cells} />;
}

function table(verbs: string[], items: Item[]) {
  const client = testClient();
  client.setQueryData(sessionQuery.queryKey, session(verbs));
  client.setQueryData(['shown'], items);
  show = (next) => act(() => void client.setQueryData(['shown'], next));
  return draw(<Shown />, client);
}

/** The list as it stands, which others change. */
function Shown() {
  const { data = [] } = useQuery<Item[]>({ queryKey: ['shown'], enabled: false });
  return <List items={data} />;
}

beforeAll(startI18n);
beforeEach(() => void vi.stubGlobal('innerWidth', 1200));
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

const pencils = () => screen.findAllByRole('button', { name: '编辑City' });
const input = () => screen.findByLabelText<HTMLInputElement>('City');

it('a cell is changed where it stands; a refusal stands at the cell, and the change can be taken back', async () => {
  const sent: string[] = [];
  let refuse = true;
  vi.stubGlobal('fetch', answering((path, init) => {
    sent.push(`${init?.method} ${path} ${String(init?.body ?? '')} ${new Headers(init?.headers).get('if-match') ?? ''}`.trim());
    if (refuse) return { status: 422, body: { code: 'invalid', errors: [{ pointer: '/data/city', code: 'city.unknown', message: '没有这个城市' }] } };
    return { ...item('Wang', '武汉'), rev: 4 };
  }));
  table(['read', 'change'], [item('Wang', '北京')]);
  fireEvent.click((await pencils())[0]!);
  fireEvent.change(await input(), { target: { value: '武汉' } });
  fireEvent.submit(screen.getByRole('form'));
  await screen.findByText('没有这个城市');
  expect((await input()).value).toBe('武汉');
  refuse = false;
  fireEvent.submit(screen.getByRole('form'));
  fireEvent.click(await screen.findByRole('button', { name: '撤销' }));
  await waitFor(() => expect(sent).toEqual([
    'PATCH /records/customer/Wang {"data":{"city":"武汉"}} "3"',
    'PATCH /records/customer/Wang {"data":{"city":"武汉"}} "3"',
    'POST /records/customer/Wang/undo {"rev":4,"fields":["city"]}',
  ]));
});

it('Escape takes back what was typed and leads back to the pencil', async () => {
  table(['change'], [item('Wang', '北京')]);
  fireEvent.click((await pencils())[0]!);
  fireEvent.change(await input(), { target: { value: '武汉' } });
  fireEvent.keyDown(await input(), { key: 'Escape' });
  const [pencil] = await pencils();
  expect([document.activeElement === pencil, screen.queryByText('武汉')]).toEqual([true, null]);
  screen.getByText('北京');
});

it('what is typed in a cell stays when others take its row out of the list', async () => {
  table(['change'], [item('Wang', '北京')]);
  fireEvent.click((await pencils())[0]!);
  fireEvent.change(await input(), { target: { value: '武汉' } });
  show([item('Li', '上海')]);
  await screen.findByText('Li');
  expect((await input()).value).toBe('武汉');
});

it('only what people write, and only for whoever may change it, has a pencil', async () => {
  table(['change'], [item('Wang', '北京')]);
  expect((await screen.findAllByRole('button')).map((button) => button.getAttribute('aria-label'))).toEqual(['编辑Name', '编辑City']);
  cleanup();
  table(['read'], [item('Wang', '北京')]);
  await screen.findByText('北京');
  expect(screen.queryAllByRole('button')).toEqual([]);
});

it('F2 leads to the pencils of a row and arrows along them', async () => {
  table(['change'], [item('Wang', '北京')]);
  const title = await screen.findByRole('link', { name: 'Wang' });
  fireEvent.keyDown(title, { key: 'F2' });
  expect(document.activeElement?.getAttribute('aria-label')).toBe('编辑Name');
  fireEvent.keyDown(document.activeElement!, { key: 'ArrowRight' });
  expect(document.activeElement?.getAttribute('aria-label')).toBe('编辑City');
  fireEvent.keyDown(document.activeElement!, { key: 'Escape' });
  expect(document.activeElement).toBe(title);
});
