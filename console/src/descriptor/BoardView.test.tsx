import { cleanup, screen } from '@testing-library/react';
import { afterEach, beforeAll, expect, it, vi } from 'vitest';
import { answering, draw } from '../../test/draw.tsx';
import { startI18n } from '../app/i18n.ts';
import { BoardView } from './BoardView.tsx';

const values = ['open', 'waiting', 'done'].map((value) => ({ value, label: value.toUpperCase() }));
const kind = { kind: 'demo.case', label: 'Case', title: 'name', plugin: 'demo', fields: { name: { type: 'text', label: 'Name' }, state: { type: 'enum', label: 'State', values } }, actions: [] };

beforeAll(startI18n);
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

it('one question counts all columns of a board', async () => {
  const asked: string[] = [];
  vi.stubGlobal('fetch', answering((path) => {
    asked.push(path);
    if (path.includes('/aggregate')) return { items: [{ state: 'open', n: 1234 }, { state: 'done', n: 2 }] };
    return path.includes('/records/') ? { items: [], next: null } : kind;
  }));
  draw(<BoardView doc={{ ui: 1, plugin: 'demo', views: {} }} spec={{ view: 'board', kind: 'demo.case' }} />);
  await screen.findByText('1,234');
  expect(screen.getAllByRole('link').map((link) => link.textContent)).toEqual(['1,234', '0', '2']);
  expect([asked.filter((path) => path.includes('/aggregate')).length, asked.filter((path) => path.includes('count=exact')).length]).toEqual([1, 0]);
});
