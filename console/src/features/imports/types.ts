// Imports as the server tells of them.
import type { Json, Job } from '../../api/types.ts';

export type RowFault = Job['faults'][number];
export type ImportCounts = NonNullable<Job['counts']>;

/** A value of a usable row that was left out, or stays as it is stored. */
export interface RowNotice {
  row: number;
  field?: string | null;
  code: string;
  message: string;
  kept?: Json;
}

export interface SavedMapping {
  id: string;
  name: string;
  mapping: Record<string, string | null>;
  key?: string | null;
}

export interface Inspection {
  format: string;
  encoding: string | null;
  headers: string[];
  mapping: Record<string, string | null>;
  /** Saved mappings whose headers are all there. */
  mappings?: SavedMapping[];
  rows: Json[][];
  total: number;
}
