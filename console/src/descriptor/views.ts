// Finding things in the screens documents of plugins.
import { hasRole } from '../api/may.ts';
import type { ActionSpec, Item, Kind, Text } from '../api/types.ts';
import type { Document, RecordSpec, ViewSpec } from './types.ts';

/** The newest `ui` number this console can draw. */
export const UI = 1;

type Named<S extends ViewSpec = ViewSpec> = S extends ViewSpec ? { sort: S['view']; spec: S } : never;

export type Found =
  | Named
  /** Written for a console newer than this one. */
  | { sort: 'newer'; what: string }
  | { sort: 'missing'; what: string };

/** Every view there is, with whether it draws a whole page of its own. */
export const VIEWS = ['list', 'record', 'form', 'board', 'calendar', 'timeline', 'card', 'steps', 'clock', 'stat', 'tiles', 'chart', 'action', 'page'] as const;

/** The view of that name, sorted by what draws it. */
export function findView(doc: Document, name: string): Found {
  if (doc.ui > UI) return { sort: 'newer', what: `ui ${doc.ui}` };
  const spec = doc.views[name];
  if (!spec) return { sort: 'missing', what: name };
  return (VIEWS as readonly string[]).includes(spec.view) ? ({ sort: spec.view, spec } as Named) : { sort: 'newer', what: spec.view };
}

/** The record view a kind is opened with: the named one, else the first of its own plugin, else the first there is. */
export function recordView(docs: Document[], kind: Kind, wanted?: string): { doc: Document; name: string } | undefined {
  const all = docs
    .filter((doc) => doc.ui <= UI)
    .flatMap((doc) => Object.entries(doc.views).filter(([, spec]) => (spec as ViewSpec).view === 'record' && (spec as RecordSpec).kind === kind.kind).map(([name]) => ({ doc, name })));
  return all.find(({ doc, name }) => wanted === `${doc.plugin}:${name}`) ?? all.find(({ doc }) => doc.plugin === kind.plugin) ?? all[0];
}

export interface SlotView {
  doc: Document;
  view: string;
  key?: string;
}

/** For whom a part is made, which is no right: an administrator does not want the day of every role on one page. */
const isFor = (roles: string[] | undefined, mine: string[]) => !roles || roles.length === 0 || roles.some((role) => mine.includes(role));

/** What plugins put into a slot for somebody with these roles, in the order of their documents. */
export function slotViews(docs: Document[], slot: string, mine: string[]): SlotView[] {
  return docs.flatMap((doc) => (doc.slots ?? []).filter((each) => each.slot === slot && isFor(each.roles, mine)).map(({ view, key }) => ({ doc, view, key })));
}

export interface NavEntry {
  plugin: string;
  view: string;
  icon?: string;
  section?: string;
  label: Text;
  /** What it is of; a page of several views is of none. */
  kind?: string;
}

/** Entries for the side menu; a view without a title takes its plugin's. */
export function navEntries(docs: Document[]): NavEntry[] {
  return docs.flatMap((doc) =>
    (doc.nav ?? []).map(({ view, icon, section, label }) => ({ plugin: doc.plugin, view, icon, section, label: label ?? doc.views[view]?.title ?? doc.title ?? doc.plugin, kind: (doc.views[view] as { kind?: string } | undefined)?.kind })),
  );
}

/** The actions offered on a record as it stands, or on its kind when there is none. The server checks again. */
export function offeredActions(kind: Kind, item: Item | undefined, roles: string[]): ActionSpec[] {
  const state = item && kind.states ? item.data[kind.states.field] : undefined;
  return (kind.actions ?? []).filter((action) => {
    const states = action.when?.states ?? [];
    return action.target === (item !== undefined) && hasRole(action.roles, roles) && (!item || states.length === 0 || states.includes(String(state)));
  });
}

/** The moves anyone may make from where a record stands. Kinds written by a plugin have actions instead. */
export function offeredMoves(kind: Kind, item: Item, roles: string[]) {
  if (!kind.states || kind.written_by === 'plugin') return [];
  const state = String(item.data[kind.states.field]);
  return Object.entries(kind.states.transitions)
    .filter(([, move]) => move.from.includes(state) && hasRole(move.roles, roles))
    .map(([name, move]) => ({ name, ...move }));
}

/** Where the step bar stands: side states (rejected, withdrawn) are not on it. */
export function stepsOf(kind: Kind, item: Item): { steps: string[]; at: number; aside?: string } | undefined {
  const { states } = kind;
  if (!states?.steps?.length) return undefined;
  const state = String(item.data[states.field] ?? states.initial);
  const at = states.steps.indexOf(state);
  return at >= 0 ? { steps: states.steps, at } : { steps: states.steps, at: -1, aside: state };
}

/** Ways a record may get to a state: moves of kinds open to people, actions named after a transition of the others. */
export function waysTo(kind: Kind, item: Item, value: string, roles: string[]): string[] {
  const transitions = kind.states?.transitions ?? {};
  const moves = offeredMoves(kind, item, roles).filter(({ to }) => to === value).map(({ name }) => `move.${name}`);
  const from = kind.states ? String(item.data[kind.states.field]) : '';
  const actions = offeredActions(kind, item, roles).filter(({ name }) => transitions[name]?.to === value && transitions[name].from.includes(from)).map(({ name }) => `action.${name}`);
  return [...moves, ...actions];
}
