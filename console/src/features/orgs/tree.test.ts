import { expect, it } from 'vitest';
import { hasChildren, openAtFirst, openWork, placesFor, typesUnder, visibleRows, type OrgNode } from './tree.ts';

const node = (id: string, type: string, depth: number, n_below = 0, more: Partial<OrgNode> = {}): OrgNode => ({ id, code: id, name: `店${id}`, type, depth, n_below, n_people: 0, status: 'active', ...more });

const items = [
  node('hq', 'maker', 0, 5),
  node('east', 'region', 1, 2),
  node('d1', 'dealer', 2, 1, { city: '杭州' }),
  node('d1-s', 'desk', 3),
  node('west', 'region', 1, 1),
  node('d2', 'dealer', 2, 0, { status: 'closed' }),
];
const types = [{ type: 'region', under: ['maker'] }, { type: 'dealer', under: ['maker', 'region'] }, { type: 'desk', under: ['maker', 'region', 'dealer'] }];
const ids = (rows: number[]) => rows.map((at) => items[at]!.id);

it('only what is open shows what is below it', () => {
  expect(ids(visibleRows(items, new Set(['hq', 'west']), ''))).toEqual(['hq', 'east', 'west', 'd2']);
  expect(ids(visibleRows(items, new Set(), ''))).toEqual(['hq']);
  expect(ids(visibleRows(items, openAtFirst(items), ''))).toHaveLength(6);
});

it('a search shows hits with the way to them, whatever is open', () => {
  expect(ids(visibleRows(items, new Set(), '杭州'))).toEqual(['hq', 'east', 'd1']);
  expect(ids(visibleRows(items, new Set(), 'D2'))).toEqual(['hq', 'west', 'd2']);
  expect(visibleRows(items, new Set(), '没有')).toEqual([]);
});

it('an organisation moves to where its type may stand, never below itself or under one that is closed', () => {
  expect(placesFor({ items, types }, 'd1').map(({ id }) => id)).toEqual(['hq', 'east', 'west']);
  expect(placesFor({ items, types }, 'd1-s').map(({ id }) => id)).toEqual(['hq', 'east', 'd1', 'west']);
  expect(placesFor({ items, types }, 'east').map(({ id }) => id)).toEqual(['hq']);
  expect(typesUnder(types, 'dealer')).toEqual(['desk']);
  expect([hasChildren(items, 2), hasChildren(items, 3)]).toEqual([true, false]);
});

it('what keeps an organisation open is told by kind', () => {
  expect(openWork({ open: [{ kind: 'complaints.case', n: 12 }] })).toEqual([{ kind: 'complaints.case', n: 12 }]);
});
