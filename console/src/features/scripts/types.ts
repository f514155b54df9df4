// Scripts as the server tells of them.
import type { But, Told } from '../../api/told.ts';
import type { Actor, Json, Schema, Text } from '../../api/types.ts';

export type ScriptItem = But<Pick<Told<'Script', 'plugin'>, 'name' | 'plugin' | 'label' | 'org' | 'owner' | 'version' | 'state' | 'has_draft' | 'failures'>, { fault?: { code?: string; message?: string } | string | null }>;

export interface ScriptExample {
  name: string;
  input: Json;
  /** Fields the answer must have; others may come too. */
  output?: Json;
}

export interface ScriptDetail extends ScriptItem {
  help?: Text;
  /** Nothing while nobody has written one. */
  source?: string | null;
  draft?: string | { source: string; parameters?: Json; examples?: ScriptExample[] } | null;
  /** A computed field has no rule that ships with it, unless a plugin brought one. */
  builtin_source?: string | null;
  parameters?: Json;
  input?: Schema | null;
  output?: Schema | null;
  examples?: ScriptExample[] | null;
  /** The point's own example input. */
  example?: Json;
}

type Report = Told<'CheckReport'>;
export type CheckResult = But<Report, {
  problems: But<Report['problems'][number], { line?: number | null; column?: number | null }>[];
  examples: But<Report['examples'][number], { got?: Json; message?: string | null }>[];
}>;

export interface ScriptVersion {
  version: number;
  at?: string;
  published_at?: string;
  actor?: Actor | string;
  source?: string;
  state?: string;
  digest?: string;
}
