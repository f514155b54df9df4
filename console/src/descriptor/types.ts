// The `ui: 1` documents of plugins (docs/PLUGINS.md, Screens), as the server hands them out.
import type { Filter, Json, Text } from '../api/types.ts';

export type Format = 'text' | 'date' | 'datetime' | 'ago' | 'money' | 'number' | 'tag' | 'phone' | 'ref' | 'clock';

export interface Column {
  field: string;
  label?: Text;
  format?: Format;
  width?: number;
  met?: string;
  while?: Record<string, Json>;
}

export interface ClockSpec {
  label: Text;
  due: string;
  met?: string;
  while?: Record<string, Json>;
}

export interface ActionRef {
  form?: string;
  action?: string;
  label?: Text;
  /** Inputs filled in from the row it stands in: input → field, `id` for the record itself. */
  with?: Record<string, string>;
}

/** What is counted: rows unless said, else the sum, least, greatest or mean of a field. */
export interface Measure {
  count?: true;
  sum?: string;
  min?: string;
  max?: string;
  avg?: string;
  /** How many different values. */
  distinct?: string;
}

export interface ListSpec {
  view: 'list';
  title?: Text;
  kind: string;
  tabs?: { label: Text; filter?: Filter }[];
  filter?: Filter;
  columns?: Column[];
  order?: string;
  open?: string;
  actions?: ActionRef[] | true;
  /** Buttons at the end of each row. */
  row?: ActionRef[];
  /** How many stand in it where it is part of a page; ten unless said. */
  limit?: number;
  empty?: Text;
}

export type Block =
  | { steps: true }
  | { clocks: ClockSpec[] }
  | { card: Text | { title?: Text; fields?: string[] }; fields?: string[] }
  | { timeline: true }
  | { rows: string; title?: Text }
  | { list: string; filter?: Filter }
  | { view: string; filter?: Filter };

export interface RecordSpec {
  view: 'record';
  title?: Text;
  kind: string;
  layout?: Block[];
  actions?: boolean | ActionRef[];
}

export interface FormSpec {
  view: 'form';
  title?: Text;
  kind: string;
  action?: string;
  layout?: (string | string[])[];
  /** A choice drawn as buttons before everything else: for what is filled in fifty times a day. */
  quick?: string;
}

/** Columns of cards by a state or another choice; cards are dragged where the kind lets them go. */
export interface BoardSpec {
  view: 'board';
  title?: Text;
  kind: string;
  filter?: Filter;
  /** The choice the columns stand for; the kind's state unless said. */
  by?: string;
  /** Which of its values, in this order; all unless said. */
  values?: string[];
  card?: Column[];
  order?: string;
  open?: string;
  actions?: ActionRef[] | true;
}

export interface CalendarSpec {
  view: 'calendar';
  title?: Text;
  kind: string;
  filter?: Filter;
  start: string;
  open?: string;
  actions?: ActionRef[] | true;
}

export interface TimelineSpec {
  view: 'timeline';
  title?: Text;
}

/** Fields of one record: the newest that meets the filter, or the subject itself. */
export interface CardSpec {
  view: 'card';
  title?: Text;
  kind: string;
  filter?: Filter;
  order?: string;
  fields: string[];
  empty?: Text;
}

export interface StepsSpec {
  view: 'steps';
  title?: Text;
  kind: string;
  filter?: Filter;
  order?: string;
}

/** The countdowns of several records, the nearest first. */
export interface ClockListSpec {
  view: 'clock';
  title?: Text;
  kind: string;
  filter?: Filter;
  due: string;
  met?: string;
  while?: Record<string, Json>;
  open?: string;
  empty?: Text;
}

export interface StatSpec {
  view: 'stat';
  title?: Text;
  kind: string;
  filter?: Filter;
  measure?: Measure;
  format?: Format;
  /** What it should come to; `under` where less is better. */
  target?: number;
  better?: 'over' | 'under';
}

export interface ChartSpec {
  view: 'chart';
  title?: Text;
  kind: string;
  filter?: Filter;
  mark: 'bar' | 'line' | 'area' | 'arc' | 'funnel' | 'scatter' | 'pareto' | 'cells';
  /** The field along the axis: a choice, a ref, or a moment taken by `every`. */
  x: string;
  every?: 'day' | 'week' | 'month';
  /** The second field of `scatter` and `cells`. */
  y?: string;
  /** The choice that colours the points of a `scatter`. */
  colour?: string;
  /** Thresholds of a `scatter`, drawn across it. */
  lines?: { x?: number; y?: number };
  measure?: Measure;
  /** Which values, in this order: the steps of a funnel. */
  values?: string[];
  empty?: Text;
}

/** A tile a record: a number that was worked out, and ways to the rows it was worked out from. */
export interface TilesSpec {
  view: 'tiles';
  title?: Text;
  kind: string;
  filter?: Filter;
  order?: string;
  limit?: number;
  /** Fields: what stands where. */
  tile: { title: string; value: string; tone?: string; note?: string; rows?: string };
  open?: string;
  empty?: Text;
}

/** One button that opens an action's form. */
export interface ActionSpecView {
  view: 'action';
  title?: Text;
  kind: string;
  action: string;
  layout?: (string | string[])[];
}

/** Several views of the same plugin side by side, on a grid of twelve. */
export interface PageSpec {
  view: 'page';
  title?: Text;
  grid: { view: string; w?: number }[];
}

export type ViewSpec =
  | ListSpec | RecordSpec | FormSpec | BoardSpec | CalendarSpec | TimelineSpec | CardSpec | StepsSpec | ClockListSpec | StatSpec | TilesSpec | ChartSpec | ActionSpecView | PageSpec;

export interface Slot {
  slot: string;
  view: string;
  /** For whom; for everybody unless said. */
  roles?: string[];
  /** A letter that opens it from the keyboard. */
  key?: string;
}

export interface Document {
  ui: number;
  plugin: string;
  title?: Text;
  nav?: { view: string; icon?: string; section?: string; label?: Text }[];
  slots?: Slot[];
  views: Record<string, ViewSpec | ({ view: string; title?: Text } & Record<string, Json>)>;
}
