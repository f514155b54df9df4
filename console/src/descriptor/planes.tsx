// Charts of two fields that a plugin describes: points, shares of a sum, cells.
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { titleOf } from '../api/kind.ts';
import { aggregateQuery, COUNT, listQuery, pickRefsQuery } from '../api/queries.ts';
import type { Filter, Json, Kind, Text } from '../api/types.ts';
import { MOST_MARKS, ofGroup } from '../ui/chart.ts';
import { Charted, type DataRow } from '../ui/Charted.tsx';
import { Cells, Pareto, Scatter } from '../ui/Plane.tsx';
import { axis, shares } from '../ui/plane.ts';
import { recordPath, rowsLink } from '../ui/RecordLink.tsx';
import { Failure, Loading } from '../ui/states.tsx';
import { useText } from '../ui/text.ts';
import { MOST_NAMES, useMeasureLabel, useSay, type DrawnProps } from './figures.tsx';

/** As many points as can be told apart, in one page of the list. */
const MOST_SPOTS = 500;
/** Columns and rows of a table that can still be read. */
const MOST_CELLS = 12;

export function ScatterChart({ spec, kind, filter, isOn, switched }: DrawnProps) {
  const { t } = useTranslation();
  const text = useText();
  const [x, y] = [spec.x, spec.y ?? ''];
  const there: Filter = { and: [...(filter ? [filter] : []), { [x]: { empty: false } }, { [y]: { empty: false } }] };
  const { data: page, error } = useQuery({ ...listQuery(kind.kind, { filter: there, order: '-updated_at', limit: MOST_SPOTS }), enabled: isOn });
  const { data: whole } = useQuery({ ...aggregateQuery(kind.kind, { filter: there, measures: { n: COUNT } }), enabled: isOn });
  const [sayX, sayY] = [useSay(kind, { max: x }), useSay(kind, { max: y })];
  if (!page) return error ? <Failure error={error} /> : <Loading rows={6} />;
  if (page.items.length === 0) return <p className="muted">{text(spec.empty) || t('chart.none')}</p>;
  const values = kind.fields[spec.colour ?? '']?.values ?? [];
  const number = (value: Json | undefined) => (typeof value === 'number' ? value : 0);
  const spots = page.items.map((item) => ({
    id: item.id,
    title: titleOf(kind, item),
    x: number(item.data[x]),
    y: number(item.data[y]),
    group: text(values.find(({ value }) => value === item.data[spec.colour ?? ''])?.label as Text | undefined),
    colour: Math.max(0, values.findIndex(({ value }) => value === item.data[spec.colour ?? ''])),
  }));
  const along = (name: string, at: number[], say: (value: number) => string, line: number | undefined) => ({ ...axis(at, line), label: text(kind.fields[name]?.label), say, line });
  const n = Number(whole?.[0]?.n ?? spots.length);
  const [alongX, alongY] = [along(x, spots.map((spot) => spot.x), sayX, spec.lines?.x), along(y, spots.map((spot) => spot.y), sayY, spec.lines?.y)];
  const rows = spots.map((spot): DataRow => ({ key: spot.id, name: spot.title, link: { to: recordPath(kind.kind, spot.id) as never }, cells: [sayX(spot.x), sayY(spot.y), ...(spec.colour ? [spot.group] : [])] }));
  return (
    <>
    <Charted switched={switched} label={text(spec.title)} columns={[text(kind.label), alongX.label, alongY.label, ...(spec.colour ? [text(kind.fields[spec.colour]?.label)] : [])]} rows={rows}>
      <Scatter
        kind={kind.kind}
        spots={spots}
        x={alongX}
        y={alongY}
        legend={values.map(({ value, label }) => ({ key: value, label: text(label as Text), filter: ofGroup(spec.colour ?? '', value, filter) }))}
      />
    </Charted>
    {n > spots.length && <p className="muted">{t('chart.newest', { n: spots.length, of: n })} <Link {...rowsLink(kind.kind, there)}>{t('chart.rows')}</Link></p>}
    </>
  );
}

export function ParetoChart({ spec, kind, filter, isOn, switched }: DrawnProps) {
  const { t } = useTranslation();
  const text = useText();
  const measure = spec.measure ?? COUNT;
  const { data, error } = useQuery({ ...aggregateQuery(kind.kind, { filter, group: spec.x, measures: { sum: measure, n: COUNT } }), enabled: isOn });
  // The largest first: those are the ones whose names are asked for.
  const labelOf = useLabels(kind, spec.x, [...(data ?? [])].sort((a, b) => Number(b.sum ?? 0) - Number(a.sum ?? 0)).map((row) => row[spec.x]), switched.isTable);
  const say = useSay(kind, measure);
  const measureLabel = useMeasureLabel(kind, measure);
  if (!data) return error ? <Failure error={error} /> : <Loading rows={4} />;
  const all = data.map((row) => ({ key: keyOf(row[spec.x]), label: labelOf(row[spec.x]), value: Number(row.sum ?? 0), n: Number(row.n ?? 0) }));
  const parts = spec.values ? spec.values.map((key) => all.find((part) => part.key === key) ?? { key, label: labelOf(key), value: 0, n: 0 }) : all.sort((a, b) => b.value - a.value);
  if (parts.every(({ n }) => n === 0)) return <p className="muted">{text(spec.empty) || t('chart.none')}</p>;
  const whole = shares(parts);
  const percent = (value: number) => `${value.toFixed(1)}%`;
  const rows = whole.map((part): DataRow => ({ key: part.key, name: part.label, link: rowsLink(kind.kind, ofGroup(spec.x, part.key || null, filter)), cells: [say(part.value), percent(part.share), percent(part.running), part.n.toLocaleString(), percent(part.ofRows)] }));
  return (
    <Charted switched={switched} label={text(spec.title)} columns={[text(kind.fields[spec.x]?.label), measureLabel, t('chart.share'), t('chart.running'), t('chart.of_rows'), t('chart.rows_share')]} rows={rows}>
      <Pareto kind={kind.kind} label={text(kind.fields[spec.x]?.label)} parts={whole.slice(0, MOST_MARKS)} say={say} filterOf={(key) => ofGroup(spec.x, key || null, filter)} />
      {parts.length > MOST_MARKS && <p className="muted">{t('chart.most', { n: MOST_MARKS, of: parts.length })}</p>}
    </Charted>
  );
}

export function CellsChart({ spec, kind, filter, isOn, switched }: DrawnProps) {
  const { t } = useTranslation();
  const text = useText();
  const [x, y] = [spec.x, spec.y ?? ''];
  const measure = spec.measure ?? COUNT;
  const { data, error } = useQuery({ ...aggregateQuery(kind.kind, { filter, group: `${x},${y}`, measures: { n: measure } }), enabled: isOn });
  const labelX = useLabels(kind, x, (data ?? []).map((row) => row[x]), switched.isTable);
  const labelY = useLabels(kind, y, (data ?? []).map((row) => row[y]), switched.isTable);
  const measureLabel = useMeasureLabel(kind, measure);
  const say = useSay(kind, measure);
  if (!data) return error ? <Failure error={error} /> : <Loading rows={4} />;
  if (data.length === 0) return <p className="muted">{text(spec.empty) || t('chart.none')}</p>;
  const at = new Map(data.map((row) => [`${keyOf(row[y])}\n${keyOf(row[x])}`, Number(row.n ?? 0)]));
  const value = (row: string, column: string) => at.get(`${row}\n${column}`) ?? 0;
  const [columns, rows] = [inOrder(kind, x, data.map((row) => row[x])), inOrder(kind, y, data.map((row) => row[y]))];
  const sumOf = (key: string, isRow: boolean) => data.filter((each) => keyOf(each[isRow ? y : x]) === key).reduce((sum, each) => sum + Number(each.n ?? 0), 0);
  const largest = (keys: string[], isRow: boolean) => (keys.length <= MOST_CELLS ? keys : [...keys].sort((a, b) => sumOf(b, isRow) - sumOf(a, isRow)).slice(0, MOST_CELLS));
  const most = Math.max(columns.length, rows.length);
  const filterOf = (row: string, column: string) => ofGroup(x, asked(kind, x, column), ofGroup(y, asked(kind, y, row), filter));
  // Pairs that nobody stands in are left out: there may be very many of them.
  const pairs = rows.flatMap((row) => columns.flatMap((column): DataRow[] => (at.has(`${row}\n${column}`) ? [{ key: `${row}\n${column}`, name: labelY(row), link: rowsLink(kind.kind, filterOf(row, column)), cells: [labelX(column), say(value(row, column))] }] : [])));
  return (
    <Charted switched={switched} label={text(spec.title)} columns={[text(kind.fields[y]?.label), text(kind.fields[x]?.label), measureLabel]} rows={pairs}>
      <Cells
        kind={kind.kind}
        label={`${text(kind.fields[y]?.label)} × ${text(kind.fields[x]?.label)}`}
        columns={largest(columns, false).map((key) => ({ key, label: labelX(key) }))}
        rows={largest(rows, true).map((key) => ({ key, label: labelY(key) }))}
        value={value}
        say={say}
        filterOf={filterOf}
      />
      {most > MOST_CELLS && <p className="muted">{t('chart.most', { n: MOST_CELLS, of: most })}</p>}
    </Charted>
  );
}

const keyOf = (value: Json | undefined) => (value === null || value === undefined ? '' : String(value));

/** A group's key as a filter asks for it. */
function asked(kind: Kind, name: string, key: string): Json {
  const type = kind.fields[name]?.type;
  if (key === '') return null;
  if (type === 'bool') return key === '1' || key === 'true';
  return type === 'int' || type === 'decimal' || type === 'money' ? Number(key) : key;
}

/** Choices in their own order, numbers by size, everything else as it came. */
function inOrder(kind: Kind, name: string, found: (Json | undefined)[]): string[] {
  const keys = [...new Set(found.map(keyOf))];
  const field = kind.fields[name];
  const values = field?.values?.map(({ value }) => value);
  if (values) return [...values.filter((value) => keys.includes(value)), ...keys.filter((key) => !values.includes(key))];
  return ['int', 'decimal', 'money'].includes(field?.type ?? '') ? keys.sort((a, b) => Number(a) - Number(b)) : keys;
}

/** Groups by name: a choice by its label, a ref by the record's title. */
function useLabels(kind: Kind, name: string, found: (Json | undefined)[], isTable: boolean) {
  const { t } = useTranslation();
  const text = useText();
  const field = kind.fields[name];
  const ids = field?.type === 'ref' ? [...new Set(found.map(keyOf).filter(Boolean))].slice(0, isTable ? MOST_NAMES : MOST_MARKS) : [];
  const { data: titles = {} } = useQuery({ ...pickRefsQuery(field?.to ?? '', ids), enabled: ids.length > 0 });
  return (value: Json | undefined) => {
    const key = keyOf(value);
    if (field?.type === 'bool' && key) return t(key === '1' || key === 'true' ? 'common.yes' : 'common.no');
    const label = field?.values?.find((each) => each.value === key)?.label;
    return text(label as Text | undefined) || titles[key] || key || t('chart.empty');
  };
}
