import { cleanup, fireEvent, screen, waitFor } from '@testing-library/react';
import { afterEach, beforeAll, expect, it, vi } from 'vitest';
import { answering, draw } from '../../test/draw.tsx';
import { startI18n } from '../app/i18n.ts';
import { ParkedList } from './ParkedList.tsx';

const parked = (seq: number) => ({ seq, subject: null, event: seq === 3 ? null : { kind: 'customer.changed' }, fault: { code: 'runtime', message: 'Variable not found: x', blame: 'guest' }, attempts: 3, parked_at: '2026-01-01T00:00:00Z' });

beforeAll(startI18n);
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

it('parked deliveries come a page at a time, with causes in the reader’s language and a retry that reads again', async () => {
  const asked: string[] = [];
  vi.stubGlobal('fetch', answering((path, init) => {
    asked.push(`${init?.method} ${path}`);
    if (init?.method === 'POST') return {};
    return path.includes('cursor=2') ? { items: [parked(3)], next: null } : { items: [parked(1), parked(2)], next: '2' };
  }));
  draw(<ParkedList of="/scripts/reaction/welcome" org="o1" root="scripts" />);
  await screen.findByText('#1');
  expect(screen.getAllByText(/没有叫 x 的变量/u)).toHaveLength(2);
  fireEvent.click(screen.getByRole('button', { name: '加载更早的' }));
  await screen.findByText('#3');
  fireEvent.click(screen.getAllByRole('button', { name: '重试' })[2]!);
  await waitFor(() => expect(asked).toContain('POST /scripts/reaction/welcome/parked/3/retry?org=o1'));
  await waitFor(() => expect(asked.filter((each) => each.startsWith('GET')).length).toBeGreaterThan(2));
});
