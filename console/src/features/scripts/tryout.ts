// Reading what trying a draft has found.
import type { Job, Json } from '../../api/types.ts';
import { formatMoney } from '../../ui/money.ts';

export interface Spread {
  n_empty: number;
  quantiles?: number[];
  bars?: { from: number; to: number; n: number }[];
  values?: { value: string; n: number }[];
}

export interface Effect {
  n: number;
  changed: number;
  failed: number;
  moves: { old: string; new: string; n: number }[];
  other_moves: number;
  old: Spread;
  new: Spread;
  movers: { kind: string | null; id: string; org: string; old: Json; new: Json; reasons: string[] }[];
  faults: { message: string; n: number; id: string }[];
}

/** What a reaction would have done. */
export interface Commands {
  events: number;
  changed: number;
  failed: number;
  asked: Record<string, number>;
  asked_before: Record<string, number>;
  messages: { n: number; stopped: number; reasons: Record<string, number> };
  faults: Record<string, number>;
  told: { seq: number; kind: string; new: Json; fault?: string | null }[];
}

export interface Outlook {
  commands?: Commands;
  kind: string | undefined;
  /** The moment the records were taken as of, where it was not now. */
  asOf?: string;
  /** By field, the one that changes most first. */
  effects: [string, Effect][];
}

export function outlookOf(job: Pick<Job, 'detail'>): Outlook {
  const detail = job.detail as { kind?: string; to?: string; effects?: Record<string, Effect>; commands?: Commands } | null | undefined;
  const effects = Object.entries(detail?.effects ?? {}).sort(([, a], [, b]) => b.changed - a.changed);
  return { kind: detail?.kind, effects, commands: detail?.commands, ...(detail?.kind && detail.to ? { asOf: detail.to } : {}) };
}

/** Whether both sides look the same, so that a picture of them says nothing. */
export const isEven = (effect: Effect) => JSON.stringify(effect.old) === JSON.stringify(effect.new);

/** A value that no label is known for. `money` is the language to write fen in. */
export function shown(value: Json, money?: string): string {
  if (value === null || value === undefined || value === '') return '';
  if (typeof value === 'number') return money ? formatMoney(value, money) : String(Math.round(value * 100) / 100);
  return typeof value === 'string' ? value : JSON.stringify(value);
}
