// Charts without a library: bars, lines, rings, funnels. Every mark is a link to the rows it counts.
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { ReactNode } from 'react';
import { arc, ceiling, points, type Mark } from './chart.ts';
import { rowsLink } from './RecordLink.tsx';

export interface ChartProps {
  kind: string;
  marks: Mark[];
  /** A number as people read it. */
  say: (value: number) => string;
  /** All there is, where the marks are only the largest of it. */
  whole?: number;
}

const TONES = ['--series-1', '--series-2', '--series-3', '--series-4', '--series-5', '--series-6', '--series-7', '--series-8'];
const NAMED: Record<string, string> = { good: '--good', warn: '--warn', bad: '--bad', info: '--info' };
const series = (index: number) => `var(${TONES[index % TONES.length]})`;
const colour = (mark: Mark, index: number) => (NAMED[mark.tone ?? ''] ? `var(${NAMED[mark.tone ?? '']})` : series(index));

function Rows({ kind, mark, children }: { kind: string; mark: Mark; children: ReactNode }) {
  const { t } = useTranslation();
  return <Link {...rowsLink(kind, mark.filter)}>{children}<span className="visually-hidden">{t('chart.rows')}</span></Link>;
}

export function Bars({ kind, marks, say }: ChartProps) {
  const most = Math.max(1, ...marks.map(({ value }) => value));
  return (
    <ul className="chart-bars">
      {marks.map((mark) => (
        <li key={mark.key}>
          <Rows kind={kind} mark={mark}>
            <span className="chart-label">{mark.label}</span>
            <span className="chart-track"><span className="chart-bar" style={{ width: `${(mark.value / most) * 100}%`, background: colour(mark, 0) }} /></span>
            <span className="chart-value number">{say(mark.value)}</span>
          </Rows>
        </li>
      ))}
    </ul>
  );
}

export function Funnel({ kind, marks, say }: ChartProps) {
  const first = marks[0]?.value ?? 0;
  const share = (value: number) => (first > 0 ? `${((value / first) * 100).toFixed(1)}%` : '–');
  return (
    <ol className="chart-funnel">
      {marks.map((mark, index) => (
        <li key={mark.key}>
          <Rows kind={kind} mark={mark}>
            <span className="chart-label">{mark.label}</span>
            <span className="chart-step"><span style={{ width: `${first > 0 ? Math.max(2, (mark.value / first) * 100) : 2}%`, background: colour({ ...mark, tone: undefined }, 0), opacity: 1 - index * 0.07 }} /></span>
            <span className="chart-value number">{say(mark.value)} <span className="muted">{share(mark.value)}</span></span>
          </Rows>
        </li>
      ))}
    </ol>
  );
}

const WIDTH = 560;
const HEIGHT = 150;

export function Lines({ kind, marks, say, filled }: ChartProps & { filled?: boolean }) {
  const top = ceiling(Math.max(...marks.map(({ value }) => value)));
  const at = points(marks.map(({ value }) => value), top, WIDTH, HEIGHT);
  const line = at.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(' ');
  // As many dates as fit under a phone's width.
  const every = Math.ceil(marks.length / 6);
  return (
    <div className="chart-lines">
      <svg viewBox={`-8 -10 ${WIDTH + 16} ${HEIGHT + 14}`} preserveAspectRatio="none" aria-hidden="true">
        {[0, 0.5, 1].map((part) => <line key={part} x1={0} x2={WIDTH} y1={HEIGHT * part} y2={HEIGHT * part} className="chart-grid" />)}
        {filled && <polygon points={`0,${HEIGHT} ${line} ${WIDTH},${HEIGHT}`} className="chart-area" />}
        <polyline points={line} className="chart-line" />
      </svg>
      <span className="chart-top number" aria-hidden="true">{say(top)}</span>
      <ul className="chart-spots">
        {marks.map((mark, index) => (
          <li key={mark.key} style={{ left: `${((at[index]![0] + 8) / (WIDTH + 16)) * 100}%`, top: `${((at[index]![1] + 10) / (HEIGHT + 14)) * 100}%` }}>
            <Rows kind={kind} mark={mark}><span className="chart-tip number">{mark.label} · {say(mark.value)}</span></Rows>
          </li>
        ))}
      </ul>
      <div className="chart-axis number" aria-hidden="true">{marks.filter((_, index) => (marks.length - 1 - index) % every === 0).map(({ key, label }) => <span key={key}>{label}</span>)}</div>
    </div>
  );
}

export function Ring({ kind, marks, say, whole = marks.reduce((sum, { value }) => sum + value, 0) }: ChartProps) {
  const before = (n: number) => marks.slice(0, n).reduce((sum, { value }) => sum + value, 0) / Math.max(whole, 1);
  const parts = marks.map((mark, index) => ({ mark, index, from: before(index), to: before(index + 1) }));
  return (
    <div className="chart-ring">
      <svg viewBox="-52 -52 104 104" aria-hidden="true">
        {parts.filter(({ mark }) => mark.value > 0).map(({ mark, index, from: begin, to }) => <path key={mark.key} d={arc(begin, to, 50, 32)} style={{ fill: series(index) }} />)}
        <text className="chart-whole" textAnchor="middle" dominantBaseline="central">{say(whole)}</text>
      </svg>
      <ul>
        {marks.map((mark, index) => (
          <li key={mark.key}>
            <Rows kind={kind} mark={mark}>
              <span className="chart-dot" style={{ background: series(index) }} />
              <span className="chart-label">{mark.label}</span>
              <span className="chart-value number">{say(mark.value)} <span className="muted">{whole > 0 ? `${((mark.value / whole) * 100).toFixed(1)}%` : '–'}</span></span>
            </Rows>
          </li>
        ))}
      </ul>
    </div>
  );
}
