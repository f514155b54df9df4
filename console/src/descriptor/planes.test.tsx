import { cleanup, fireEvent, screen, within } from '@testing-library/react';
import { afterEach, beforeAll, expect, it, vi } from 'vitest';
import { answering, draw } from '../../test/draw.tsx';
import { startI18n } from '../app/i18n.ts';
import { ChartView } from './figures.tsx';
import { TilesView } from './tiles.tsx';
import type { Document } from './types.ts';

const grade = { type: 'enum', label: '等级', values: [{ value: 'A', label: '甲', tone: 'good' }, { value: 'B', label: '乙' }] };
const kind = {
  kind: 'demo.profile', label: 'Profile', title: 'name', plugin: 'demo', actions: [],
  fields: { name: { type: 'text', label: '名' }, worth: { type: 'money', label: '现值' }, growth: { type: 'money', label: '成长' }, grade, before: grade, rows: { type: 'json', label: 'R' } },
};

beforeAll(startI18n);
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

const filterOf = (link: HTMLElement) => JSON.parse(new URL(link.getAttribute('href')!, 'http://here').searchParams.get('filter') ?? 'null');

it('a scatter says how many of the records it draws, and each colour opens its rows', async () => {
  const items = [1, 2, 3].map((n) => ({ id: `p${n}`, kind: kind.kind, rev: 1, org: 'd1', data: { name: `王${n}`, worth: n * 100_000, growth: n * 50_000, grade: 'A' } }));
  vi.stubGlobal('fetch', answering((path) => (path.includes('/aggregate') ? { items: [{ n: 900 }] } : path.includes('/kinds/') ? kind : { items, next: null })));
  draw(<ChartView spec={{ view: 'chart', kind: kind.kind, mark: 'scatter', x: 'worth', y: 'growth', colour: 'grade', lines: { x: 300_000, y: 150_000 } }} />);
  await screen.findByText(/只画最新的 3 个，共 900 个。/u);
  expect(document.querySelectorAll('.plane-spot span')).toHaveLength(3);
  expect(filterOf(screen.getByText('甲').closest('a')!)).toEqual({ grade: 'A' });
});

it('cells stand in the order of the choices, and each opens just its rows', async () => {
  const items = [{ grade: 'B', before: 'A', n: 7 }, { grade: 'A', before: 'A', n: 3 }];
  vi.stubGlobal('fetch', answering((path) => (path.includes('/aggregate') ? { items } : kind)));
  draw(<ChartView spec={{ view: 'chart', kind: kind.kind, mark: 'cells', x: 'grade', y: 'before', filter: { org: 'd1' } }} />);
  const table = await screen.findByRole('table');
  expect(within(table).getAllByRole('columnheader').slice(1).map((each) => each.textContent)).toEqual(['甲', '乙']);
  expect(filterOf(within(table).getByText('7'))).toEqual({ org: 'd1', before: 'A', grade: 'B' });
});

it('a pareto adds up in the order asked for, empty parts too', async () => {
  const items = [{ grade: 'B', sum: 20, n: 80 }, { grade: 'A', sum: 80, n: 20 }];
  vi.stubGlobal('fetch', answering((path) => (path.includes('/aggregate') ? { items } : kind)));
  draw(<ChartView spec={{ view: 'chart', kind: kind.kind, mark: 'pareto', x: 'grade', measure: { sum: 'growth' }, values: ['A', 'B'] }} />);
  const rows = within(await screen.findByRole('table')).getAllByRole('row').slice(1);
  expect(rows.map((row) => within(row).getAllByRole('cell').map((cell) => cell.textContent))).toEqual([
    ['80.0%', '¥0.80', '80.0%', '20 · 20.0%'],
    ['20.0%', '¥0.20', '100.0%', '80 · 80.0%'],
  ]);
});

const asTable = async () => {
  fireEvent.click(await screen.findByRole('button', { name: /显示为表格/u }));
  const [head, ...rows] = within(await screen.findByRole('table')).getAllByRole('row').map((row) => within(row).getAllByRole(row.querySelector('th') ? 'columnheader' : 'cell').map((cell) => cell.textContent));
  return { head, rows };
};

it('a scatter shown as a table tells each point, its group too, and leads to its record', async () => {
  const items = [{ id: 'p1', kind: kind.kind, rev: 1, org: 'd1', data: { name: '王一', worth: 100_000, growth: -50_000, grade: 'B' } }];
  vi.stubGlobal('fetch', answering((path) => (path.includes('/aggregate') ? { items: [{ n: 1 }] } : path.includes('/kinds/') ? kind : { items, next: null })));
  draw(<ChartView spec={{ view: 'chart', kind: kind.kind, mark: 'scatter', x: 'worth', y: 'growth', colour: 'grade' }} />);
  expect(await asTable()).toEqual({ head: ['Profile', '现值', '成长', '等级'], rows: [['王一', '¥1,000', '-¥500', '乙']] });
  expect(screen.getByText('王一').closest('a')!.getAttribute('href')).toBe('/records/demo.profile/p1');
  fireEvent.click(screen.getByRole('button', { name: /显示为图表/u }));
  expect(document.querySelectorAll('.plane-spot')).toHaveLength(1);
});

it('cells shown as a table leave none out for want of room', async () => {
  const items = Array.from({ length: 20 }, (_, index) => ({ worth: index, before: 'A', n: index + 1 }));
  vi.stubGlobal('fetch', answering((path) => (path.includes('/aggregate') ? { items } : kind)));
  draw(<ChartView spec={{ view: 'chart', kind: kind.kind, mark: 'cells', x: 'worth', y: 'before' }} />);
  await screen.findByText('只画最大的 12 项，共 20 项。');
  const { head, rows } = await asTable();
  expect(head).toEqual(['等级', '现值', '数量']);
  expect([rows.length, rows[0], rows[19]]).toEqual([20, ['甲', '0', '1'], ['甲', '19', '20']]);
  expect(filterOf(within(screen.getByRole('table')).getAllByRole('link')[19]!)).toEqual({ before: 'A', worth: 19 });
});

it('a tile opens the rows its number was worked out from', async () => {
  const rows = [{ kind: 'orders.order', filter: { state: 'delivered' }, n: 48 }, { kind: 'leads.lead', n: 320 }, 'nonsense', null];
  const items = [{ id: 'f1', kind: kind.kind, rev: 1, org: 'd1', data: { name: '成交率', worth: null, grade: 'A', rows } }];
  vi.stubGlobal('fetch', answering((path) => (path.includes('/kinds/') ? kind : { items, next: null })));
  const doc: Document = { ui: 1, plugin: 'demo', views: {} };
  draw(<TilesView doc={doc} spec={{ view: 'tiles', kind: kind.kind, tile: { title: 'name', value: 'worth', tone: 'grade', rows: 'rows' }, open: 'figure' }} />);
  expect(await screen.findByText('–')).toBeTruthy();
  const links = screen.getAllByRole('link');
  expect(links).toHaveLength(3);
  expect(links[0]!.getAttribute('href')).toContain('/records/demo.profile/f1?view=');
  expect([links[1]!.getAttribute('href')?.startsWith('/records/orders.order'), filterOf(links[1]!)]).toEqual([true, { state: 'delivered' }]);
});
