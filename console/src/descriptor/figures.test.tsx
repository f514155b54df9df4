import { cleanup, screen } from '@testing-library/react';
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
