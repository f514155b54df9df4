// Merging as the server tells of it.
import type { Actor, Data, Json } from '../../api/types.ts';

export interface Merge {
  merge: string;
  other: string;
  at: string;
  actor: Actor | string;
  why?: string | null;
  undo_until: string;
  undone_at?: string | null;
  is_automatic?: boolean;
  /** Values that did not survive. */
  lost?: Data | null;
}

export interface MergeReply {
  merge: string;
  kept: Data;
  lost: Data;
  /** How many records come along, by kind. */
  comes_along?: Record<string, number>;
}

export interface UnmergeReply {
  restored: string;
  conflicts: { field: string; now: Json; before: Json }[];
  made: { kind: string; id?: string | null; seq: number }[];
}
