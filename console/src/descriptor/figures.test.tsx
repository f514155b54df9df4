import { cleanup, fireEvent, screen, within } from '@testing-library/react';
import { afterEach, beforeAll, expect, it, vi } from 'vitest';
import { answering, draw } from '../../test/draw.tsx';
import { startI18n } from '../app/i18n.ts';
import { ChartView } from './figures.tsx';

const kind = { kind: 'demo.case', label: 'Case', title: 'name', plugin: 'demo', fields: { name: { type: 'text', label: 'Name' }, model: { type: 'text', label: 'Model' } }, actions: [] };

beforeAll(startI18n);
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

it('a chart draws the thirty largest of many groups and says that there are more', async () => {
  const items = Array.from({ length: 45 }, (_, index) => ({ model: `M${index}`, n: index + 1 }));
  vi.stubGlobal('fetch', answering((path) => (path.includes('/aggregate') ? { items } : kind)));
  draw(<ChartView spec={{ view: 'chart', kind: 'demo.case', mark: 'arc', x: 'model' }} />);
  await screen.findByText('只画最大的 30 项，共 45 项。');
  const marks = screen.getAllByRole('link').map((link) => link.querySelector('.chart-label')?.textContent);
  expect([marks.length, marks[0], marks.at(-1)]).toEqual([30, 'M44', 'M15']);
  // Shares are of all there is, not of what is drawn.
  expect(screen.getAllByText('4.3%')).toHaveLength(2);
});

it('shown as a table it holds every group, in pages, each leading to its rows', async () => {
  const items = Array.from({ length: 45 }, (_, index) => ({ model: `M${index}`, n: index + 1 }));
  vi.stubGlobal('fetch', answering((path) => (path.includes('/aggregate') ? { items } : kind)));
  draw(<ChartView spec={{ view: 'chart', kind: 'demo.case', mark: 'bar', x: 'model' }} />);
  fireEvent.click(await screen.findByRole('button', { name: /显示为表格/u }));
  screen.getByText('1 / 3');
  const page = () => within(screen.getByRole('table')).getAllByRole('link').map((link) => link.textContent);
  expect([page().length, page()[0]]).toEqual([20, 'M44']);
  fireEvent.click(screen.getByRole('button', { name: '下一页' }));
  fireEvent.click(screen.getByRole('button', { name: '下一页' }));
  expect([page().length, page().at(-1)]).toEqual([5, 'M0']);
  expect(screen.getByText('M0').closest('a')!.getAttribute('href')).toContain(encodeURIComponent('{"model":"M0"}'));
});

it('a ring shown as a table tells shares of all there is', async () => {
  const items = [{ model: 'A', n: 3 }, { model: 'B', n: 1 }];
  vi.stubGlobal('fetch', answering((path) => (path.includes('/aggregate') ? { items } : kind)));
  draw(<ChartView spec={{ view: 'chart', kind: 'demo.case', mark: 'arc', x: 'model' }} />);
  fireEvent.click(await screen.findByRole('button', { name: /显示为表格/u }));
  const rows = within(screen.getByRole('table')).getAllByRole('row').slice(1).map((row) => within(row).getAllByRole('cell').map((cell) => cell.textContent));
  expect(rows).toEqual([['A', '3', '75.0%'], ['B', '1', '25.0%']]);
});
