// What a countdown says: how long is left, whether it was met, how loud to be about it.
import type { Json } from '../api/types.ts';

export type ClockTone = 'calm' | 'soon' | 'overdue' | 'met' | 'late' | 'none';

export interface ClockFace {
  tone: ClockTone;
  /** Milliseconds left; negative when overdue. For a met clock: how early, negative for late. */
  left: number;
}

/** Under this much left a running clock turns amber. */
export const SOON_MS = 2 * 3_600_000;

/** Whether every named field holds one of the values asked for. */
export function holds(condition: Record<string, Json> | undefined, data: Record<string, Json>): boolean {
  return Object.entries(condition ?? {}).every(([name, wanted]) =>
    Array.isArray(wanted) ? wanted.includes(data[name] ?? null) : (data[name] ?? null) === wanted,
  );
}

/** The face of a clock at `now`. A clock that is neither met nor running any more says nothing. */
export function clockFace(due: unknown, met: unknown, isRunning: boolean, now: number): ClockFace {
  const dueAt = typeof due === 'string' ? Date.parse(due) : Number.NaN;
  if (Number.isNaN(dueAt)) return { tone: 'none', left: 0 };
  const metAt = typeof met === 'string' ? Date.parse(met) : Number.NaN;
  if (!Number.isNaN(metAt)) return { tone: metAt <= dueAt ? 'met' : 'late', left: dueAt - metAt };
  if (!isRunning) return { tone: 'none', left: 0 };
  const left = dueAt - now;
  if (left < 0) return { tone: 'overdue', left };
  return { tone: left < SOON_MS ? 'soon' : 'calm', left };
}

const UNITS: Record<string, { day: string; hour: string; minute: string }> = {
  'zh-CN': { day: '天', hour: '小时', minute: '分' },
  en: { day: 'd', hour: 'h', minute: 'min' },
};

/** `2 天 3 小时`, `3 小时 05 分`, `04:09`: the two largest units, seconds only in the last hour. */
export function formatSpan(ms: number, locale: string): string {
  const total = Math.floor(Math.abs(ms) / 1000);
  const days = Math.floor(total / 86_400);
  const hours = Math.floor((total % 86_400) / 3_600);
  const minutes = Math.floor((total % 3_600) / 60);
  const two = (n: number) => String(n).padStart(2, '0');
  const unit = UNITS[locale] ?? UNITS.en!;
  if (days > 0) return `${days} ${unit.day} ${hours} ${unit.hour}`;
  if (hours > 0) return `${hours} ${unit.hour} ${two(minutes)} ${unit.minute}`;
  return `${two(minutes)}:${two(total % 60)}`;
}
