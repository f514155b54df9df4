// Held against the server's document by the compiler: no shape of ours has a property the server does not tell of.
import type { Schemas } from './schema.d.ts';
import type { Attachment, Change, Item, Page, Parked, Problem, Receipt, Revision, TimelineEntry } from './types.ts';

/** The properties that only we believe in; the compiler refuses anything here. */
type Nothing<Ours extends never> = Ours;

export type Agreed = [
  Nothing<Exclude<keyof Attachment, keyof Schemas['Attachment']>>,
  Nothing<Exclude<keyof Change, keyof Schemas['Change']>>,
  Nothing<Exclude<keyof Item, keyof Schemas['Item']>>,
  Nothing<Exclude<keyof Page, keyof Schemas['Page']>>,
  Nothing<Exclude<keyof Parked, keyof Schemas['Parked']>>,
  Nothing<Exclude<keyof Problem, keyof Schemas['Problem']>>,
  Nothing<Exclude<keyof Receipt, keyof Schemas['Receipt']>>,
  Nothing<Exclude<keyof Revision, keyof Schemas['Revision']>>,
  Nothing<Exclude<keyof TimelineEntry, keyof Schemas['TimelineEntry']>>,
];
