import { describe, expect, it } from 'vitest';
import type { Item, Kind } from '../api/types.ts';
import type { Document } from './types.ts';
import { findView, navEntries, offeredActions, offeredMoves, recordView, slotViews, stepsOf, waysTo } from './views.ts';

const doc: Document = {
  ui: 1, plugin: 'demo', title: 'Demo',
  nav: [{ view: 'desk' }, { view: 'map', label: 'Map' }],
  slots: [{ slot: 'customer.card', view: 'desk' }],
  views: { desk: { view: 'list', kind: 'demo.case', title: 'Desk' }, case: { view: 'record', kind: 'demo.case' }, add: { view: 'form', kind: 'demo.case' }, map: { view: 'heatmap' } },
};
const newer: Document = { ui: 2, plugin: 'later', views: { case: { view: 'record', kind: 'demo.case' } } };
const kind: Kind = {
  kind: 'demo.case', label: 'Case', title: 'number', plugin: 'demo', fields: {},
  states: { field: 'state', initial: 'open', steps: ['open', 'done'], transitions: { finish: { label: 'Finish', from: ['open'], to: 'done', event: 'finished' }, redo: { label: 'Redo', from: ['done'], to: 'open', event: 'redone', roles: ['boss'] } } },
  actions: [{ name: 'add', label: 'Add', target: false }, { name: 'close', label: 'Close', target: true, when: { states: ['open'] } }, { name: 'note', label: 'Note', target: true }, { name: 'approve', label: 'Approve', target: true, roles: ['boss'] }],
};
const item = (state: string) => ({ id: '1', kind: 'demo.case', rev: 1, data: { state } }) as unknown as Item;

describe('screens', () => {
  it('sort views by what draws them; an unknown one or a newer document asks for a newer console', () => {
    expect(['desk', 'case', 'add', 'map', 'nothing'].map((name) => findView(doc, name).sort)).toEqual(['list', 'record', 'form', 'newer', 'missing']);
    expect(findView(newer, 'case')).toEqual({ sort: 'newer', what: 'ui 2' });
  });

  it('give the menu its entries, labelled by view, else by plugin', () => {
    expect(navEntries([doc]).map(({ view, label }) => [view, label])).toEqual([['desk', 'Desk'], ['map', 'Map']]);
  });

  it('fill slots in the order of their documents', () => {
    expect(slotViews([newer, doc], 'customer.card', []).map(({ doc, view }) => [doc.plugin, view])).toEqual([['demo', 'desk']]);
  });

  it('open a record with the view asked for, else its own plugin’s', () => {
    const other: Document = { ui: 1, plugin: 'other', views: { mine: { view: 'record', kind: 'demo.case' } } };
    expect(recordView([other, doc], kind)?.doc.plugin).toBe('demo');
    expect(recordView([other, doc], kind, 'other:mine')?.doc.plugin).toBe('other');
    expect(recordView([newer], kind)).toBeUndefined();
  });
});

describe('what is offered', () => {
  it('fits the state and the roles', () => {
    expect(offeredActions(kind, item('open'), []).map(({ name }) => name)).toEqual(['close', 'note']);
    expect(offeredActions(kind, item('done'), ['boss']).map(({ name }) => name)).toEqual(['note', 'approve']);
    expect(offeredActions(kind, undefined, []).map(({ name }) => name)).toEqual(['add']);
  });

  it('includes moves only where people may write', () => {
    expect(offeredMoves(kind, item('open'), []).map(({ name }) => name)).toEqual(['finish']);
    expect(offeredMoves(kind, item('done'), [])).toEqual([]);
    expect(offeredMoves({ ...kind, written_by: 'plugin' }, item('open'), [])).toEqual([]);
  });

  it('stands on the step bar, or beside it', () => {
    expect(stepsOf(kind, item('done'))).toEqual({ steps: ['open', 'done'], at: 1 });
    expect(stepsOf(kind, item('rejected'))).toMatchObject({ at: -1, aside: 'rejected' });
  });
});

describe('a board', () => {
  it('lets a card go where a move or an action named after a transition leads, from where it stands', () => {
    const closed = { ...kind, written_by: 'plugin' as const, actions: [{ name: 'finish', label: 'Finish', target: true, when: { states: ['open'] } }] };
    expect(waysTo(kind, item('open'), 'done', [])).toEqual(['move.finish']);
    expect(waysTo(closed, item('open'), 'done', [])).toEqual(['action.finish']);
    expect(waysTo(closed, item('done'), 'open', ['boss'])).toEqual([]);
  });

  it('shows slots to the roles they are for', () => {
    const roles: Document = { ...doc, slots: [{ slot: 'today.card', view: 'desk', roles: ['boss'] }] };
    expect(slotViews([roles], 'today.card', ['clerk'])).toEqual([]);
    expect(slotViews([roles], 'today.card', ['clerk', 'boss'])).toHaveLength(1);
  });

  it('offer an administrator what any role may do, but not the parts made for other roles', () => {
    expect(offeredActions(kind, item('open'), ['admin']).map(({ name }) => name)).toEqual(['close', 'note', 'approve']);
    expect(offeredMoves(kind, item('done'), ['admin']).map(({ name }) => name)).toEqual(['redo']);
    expect(slotViews([{ ...doc, slots: [{ slot: 'today.card', view: 'desk', roles: ['boss'] }] }], 'today.card', ['admin'])).toEqual([]);
  });
});
