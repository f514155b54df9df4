// The shapes the console works with: those of the document, those of kinds, and what the document says nothing of.
import type { Data, FieldError, Json, Receipt } from './told.ts';

export type * from './kinds.ts';
export type { Actor, Attachment, Change, Data, FieldError, Filter, Item, Job, Json, Page, Parked, Plugin, Problem, Receipt, Refs, Revision, Segment, Text, TimelineEntry } from './told.ts';

export interface User {
  id: string;
  name: string;
  login: string;
  org: { id: string; name: string; time_zone?: string };
  roles: string[];
  locale?: string;
}

export interface KindRights {
  verbs: string[];
  scope?: string;
  masked?: string[];
  hidden?: string[];
}

export interface Session {
  user: User;
  expires_at?: string;
  /** By kind; one that is missing is closed. */
  rights?: Record<string, KindRights>;
  /** What the person's roles let them do beyond kinds: `records.export`. */
  powers?: string[];
  /** What must be done first: nothing else is answered before. */
  wants?: 'password' | 'code' | null;
}

/** What a write would come to, as the server worked it out and took it back. */
export interface DryRun {
  preview: string;
  at_seq: number;
  digest: string;
  commands: { name: string; body: Data }[];
  events: { kind: string; subject?: string | null; record?: { kind: string; id: string } | null; data?: Json }[];
  messages?: Json[];
  /** How many of them would be stopped, by what would stop them. */
  stopped?: Record<string, number>;
  faults: { code: string; message: string; status?: number; errors?: FieldError[] }[];
  /** What the action would have answered. */
  reply?: Json;
}

/** What came of making it again: nothing of `is_same` where it cannot be made. */
export interface Again {
  is_same: boolean | null;
  output?: Json;
  /** Why it cannot be made, or what the rule stumbled over. */
  why?: string;
}

/** A receipt with the decision made again. */
export type Retold = Receipt & { again?: Again };

export interface SearchHit {
  kind: string;
  id: string;
  title: string;
  subtitle?: string | null;
  org?: string;
  /** The field that was hit. */
  field?: string | null;
  rank?: number;
  /** A colleague's record, found by the whole of a number: whose it is, and that it cannot be opened. */
  owner?: string | null;
  may_open?: boolean;
}

export interface Collection<T> {
  items: T[];
  next?: string | null;
}
