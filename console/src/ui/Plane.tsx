// Charts of two fields: points, shares that add up, cells. Each colour of points, each share and each cell opens its rows.
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { Filter } from '../api/types.ts';
import { along, shade, type Axis, type Share } from './plane.ts';
import { rowsLink } from './RecordLink.tsx';
import { Scroll } from './Scroll.tsx';

export interface Spot {
  id: string;
  title: string;
  x: number;
  y: number;
  /** Which of the legend's colours. */
  colour: number;
}

interface ScatterProps {
  kind: string;
  spots: Spot[];
  x: Axis & { label: string; say: (value: number) => string; line?: number };
  y: Axis & { label: string; say: (value: number) => string; line?: number };
  legend: { key: string; label: string; filter: Filter }[];
}

const series = (index: number) => `var(--series-${(index % 8) + 1})`;

export function Scatter({ kind, spots, x, y, legend }: ScatterProps) {
  return (
    <div className="plane">
      <span className="plane-y number" aria-hidden="true">{y.label} · {y.say(y.to)}</span>
      <ul className="plane-field" aria-hidden="true">
        {x.line !== undefined && <li className="plane-line plane-line-x" style={{ left: `${along(x, x.line) * 100}%` }} />}
        {y.line !== undefined && <li className="plane-line plane-line-y" style={{ bottom: `${along(y, y.line) * 100}%` }} />}
        {spots.map((spot) => (
          <li key={spot.id} className="plane-spot" style={{ left: `${along(x, spot.x) * 100}%`, bottom: `${along(y, spot.y) * 100}%` }}>
<span title={`${spot.title} · ${x.label} ${x.say(spot.x)} · ${y.label} ${y.say(spot.y)}`} style={{ background: series(spot.colour) }} />
          </li>
        ))}
      </ul>
      <div className="plane-axis number" aria-hidden="true"><span>{x.say(x.from)}</span><span>{x.label} · {x.say(x.to)}</span></div>
      {legend.length > 0 && (
        <ul className="plane-legend">
          {legend.map((entry, index) => <li key={entry.key}><Link {...rowsLink(kind, entry.filter)}><span className="chart-dot" style={{ background: series(index) }} />{entry.label}</Link></li>)}
        </ul>
      )}
    </div>
  );
}

const percent = (value: number) => `${value.toFixed(1)}%`;

/** What part of a sum comes from what part of the records: the largest part first, with what they add up to. */
export function Pareto({ kind, label, parts, say, filterOf }: { kind: string; label: string; parts: Share[]; say: (value: number) => string; filterOf: (key: string) => Filter }) {
  const { t } = useTranslation();
  return (
    <Scroll label={label} className="plane-scroll">
      <table className="plane-table">
        <thead><tr><th scope="col">{label}</th><th scope="col">{t('chart.share')}</th><th scope="col">{t('chart.sum')}</th><th scope="col">{t('chart.running')}</th><th scope="col">{t('chart.of_rows')}</th></tr></thead>
        <tbody>
          {parts.map((part) => (
            <tr key={part.key}>
              <th scope="row"><Link {...rowsLink(kind, filterOf(part.key))}>{part.label}</Link></th>
              <td className="pareto-bar"><span className="chart-track"><span className="chart-bar" style={{ width: `${Math.max(0, Math.min(100, part.share))}%`, background: series(0) }} /></span><span className="number">{percent(part.share)}</span></td>
              <td className="number">{say(part.value)}</td>
              <td className="number">{percent(part.running)}</td>
              <td className="number">{part.n.toLocaleString()} · {percent(part.ofRows)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

interface CellsProps {
  kind: string;
  label: string;
  columns: { key: string; label: string }[];
  rows: { key: string; label: string }[];
  value: (row: string, column: string) => number;
  say: (value: number) => string;
  filterOf: (row: string, column: string) => Filter;
}

/** A number for each pair of values, the darker the larger. */
export function Cells({ kind, label, columns, rows, value, say, filterOf }: CellsProps) {
  const most = Math.max(0, ...rows.flatMap((row) => columns.map((column) => value(row.key, column.key))));
  return (
    <Scroll label={label} className="plane-scroll">
      <table className="plane-table plane-cells">
        <thead><tr><th scope="col">{label}</th>{columns.map((column) => <th key={column.key} scope="col">{column.label}</th>)}</tr></thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.key}>
              <th scope="row">{row.label}</th>
              {columns.map((column) => {
                const n = value(row.key, column.key);
                const depth = shade(n, most);
                return (
                  <td key={column.key} className="number" style={{ background: `color-mix(in srgb, var(--series-1) ${(depth * 45).toFixed(0)}%, transparent)` }}>
                    {n === 0 ? <span className="muted">–</span> : <Link {...rowsLink(kind, filterOf(row.key, column.key))}>{say(n)}</Link>}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}
