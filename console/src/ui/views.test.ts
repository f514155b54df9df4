import { expect, it } from 'vitest';
import { defaultView, isChanged, patchView, readView, setDefaultView, viewColumns, writeView } from './views.ts';

const item = { id: 'v1', kind: 'saved_view', rev: 2, org: 'd1', created_at: '', updated_at: '', data: { name: '武汉', kind: 'customer', filter: { city: '武汉', type: 'owner' }, order: '-created_at', columns: ['name', 'gone'], is_shared: true, owner: 'u1', position: 3 } };

it('a view is read from its record', () => {
  expect(readView(item)).toMatchObject({ name: '武汉', isShared: true, position: 3, columns: ['name', 'gone'] });
  expect(readView({ ...item, data: { name: 'x', filter: 7, columns: 'no' } })).toMatchObject({ filter: {}, columns: undefined, isShared: false });
});

it('a view is unchanged however its conditions are ordered', () => {
  const view = readView(item);
  const shown = { filter: { type: 'owner', city: '武汉' }, order: '-created_at', columns: ['name', 'gone'] };
  expect(isChanged(view, shown, [])).toBe(false);
  expect(isChanged(view, { ...shown, q: '张' }, [])).toBe(true);
  expect(isChanged(view, { ...shown, columns: ['name'] }, [])).toBe(true);
});

it('what is not said is not written, and emptied when a view is brought up to date', () => {
  expect(writeView('customer', 'x', false, {})).toEqual({ name: 'x', kind: 'customer', is_shared: false, filter: {} });
  expect(patchView({ filter: { a: 1 } })).toEqual({ filter: { a: 1 }, order: null, columns: null, search: null });
});

it('columns the kind has lost are left out', () => {
  const kind = { kind: 'customer', label: '', title: 'name', fields: { name: { type: 'text' as const, label: '' } } };
  expect(viewColumns(readView(item), kind)).toEqual(['name']);
  expect(viewColumns(undefined, kind)).toBeUndefined();
});

it('each person has a default of their own', () => {
  setDefaultView('u1', 'customer', 'v1');
  expect(defaultView('u1', 'customer')).toBe('v1');
  expect(defaultView('u2', 'customer')).toBeUndefined();
  setDefaultView('u1', 'customer', undefined);
  expect(defaultView('u1', 'customer')).toBeUndefined();
});
