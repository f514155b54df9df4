import { cleanup, screen } from '@testing-library/react';
import { afterEach, beforeAll, expect, it } from 'vitest';
import { draw } from '../../test/draw.tsx';
import { readKind } from '../api/kind.ts';
import type { Item, Kind } from '../api/types.ts';
import { startI18n } from '../app/i18n.ts';
import { RecordTable } from './RecordTable.tsx';

const kind: Kind = readKind({ kind: 'demo.car', label: 'Car', title: 'title', plugin: 'demo', fields: { title: { type: 'text', label: 'Name' }, plate: { type: 'text', label: 'Plate' } }, actions: [] } as never);
const car = (id: string, data: Item['data']): Item => ({ id, kind: 'demo.car', rev: 1, org: 'o', created_at: '2026-01-01T00:00:00Z', updated_at: '2026-01-01T00:00:00Z', data });

beforeAll(startI18n);
afterEach(cleanup);

it('a row whose first column is empty is opened by the title of its record: no link is without words', async () => {
  draw(<RecordTable kind={kind} items={[car('01', { title: '000123 C5', plate: '鄂A12345' }), car('02', { title: '000124 C5' })]} columns={[{ field: 'plate' }]} />);
  await screen.findByText('鄂A12345');
  expect(screen.getAllByRole('link').map((link) => link.textContent)).toEqual(['鄂A12345', '000124 C5']);
});
