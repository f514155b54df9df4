// What charts of two fields draw, worked out: where points lie, how dark a cell is, what adds up to a share.
import { ceiling } from './chart.ts';

export interface Axis {
  from: number;
  to: number;
}

/** An axis that holds all values and the threshold; it begins at nought unless something lies below. */
export function axis(values: number[], threshold?: number): Axis {
  const all = threshold === undefined ? values : [...values, threshold];
  const least = Math.min(0, ...all);
  return { from: least < 0 ? -ceiling(-least) : 0, to: ceiling(Math.max(0, ...all)) };
}

/** How far along an axis a value lies: 0 to 1. */
export function along({ from, to }: Axis, value: number): number {
  return (value - from) / (to - from);
}

export interface Share {
  key: string;
  label: string;
  value: number;
  n: number;
  /** Of the sum, in percent. */
  share: number;
  /** With all before it. */
  running: number;
  /** Of the records. */
  ofRows: number;
}

/** Parts of a sum with what they come to together, in the order given. Parts below nought take away. */
export function shares(parts: { key: string; label: string; value: number; n: number }[]): Share[] {
  const sum = parts.reduce((sum, { value }) => sum + value, 0);
  const rows = parts.reduce((sum, { n }) => sum + n, 0);
  const percent = (value: number, whole: number) => (whole > 0 ? (value / whole) * 100 : 0);
  let before = 0;
  return parts.map((part) => {
    before += part.value;
    return { ...part, share: percent(part.value, sum), running: percent(before, sum), ofRows: percent(part.n, rows) };
  });
}

/** How dark a cell is: none for nought, then from a tenth to full. By the root, so that one large cell does not leave the others white. */
export function shade(value: number, most: number): number {
  return value <= 0 || most <= 0 ? 0 : 0.1 + 0.9 * Math.sqrt(value / most);
}
