// Figures a plugin describes: one number, or a chart of them. Each opens the rows it counts.
import { useQueries, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useServerNow } from '../api/clock.ts';
import { aggregateQuery, COUNT, kindQuery, pickRefsQuery } from '../api/queries.ts';
import type { Filter, Kind, Text } from '../api/types.ts';
import { Bars, Funnel, Lines, Ring } from '../ui/Chart.tsx';
import { Charted, type DataRow, type Switched } from '../ui/Charted.tsx';
import { arrangeMarks, MOST_MARKS, ofGroup, reached, spans, within, type Mark } from '../ui/chart.ts';
import { bind, isOpenEnded } from '../ui/filter.ts';
import { formatMoney } from '../ui/money.ts';
import { rowsLink } from '../ui/RecordLink.tsx';
import { Failure, Loading } from '../ui/states.tsx';
import { useText } from '../ui/text.ts';
import { CellsChart, ParetoChart, ScatterChart } from './planes.tsx';
import type { ChartSpec, Measure, StatSpec } from './types.ts';
import type { Subject } from './actions.tsx';

const HOUR_MS = 3_600_000;

/** The field a measure is of, and so how its number is written. */
const measured = (measure: Measure) => measure.sum ?? measure.min ?? measure.max ?? measure.avg;

export function useSay(kind: Kind | undefined, measure: Measure, format?: string) {
  const { i18n } = useTranslation();
  const field = kind?.fields[measured(measure) ?? ''];
  const isMoney = format === 'money' || (format === undefined && field?.type === 'money');
  return (value: number) => (isMoney ? formatMoney(Math.round(value), i18n.language) : value.toLocaleString(i18n.language, { maximumFractionDigits: 1 }));
}

interface Props<S> {
  spec: S;
  subject?: Subject;
}

export function StatView({ spec, subject }: Props<StatSpec>) {
  const { t } = useTranslation();
  const text = useText();
  const { data: kind, error: closed } = useQuery(kindQuery(spec.kind));
  const measure = spec.measure ?? COUNT;
  const filter = bind(spec.filter, { subject: subject?.id, id: subject?.id });
  const { data, error } = useQuery({ ...aggregateQuery(spec.kind, { filter, measures: { n: measure } }), enabled: kind !== undefined && !isOpenEnded(filter) });
  const say = useSay(kind, measure, spec.format);
  // None counted is nought; the greatest of none is no number at all.
  const value = typeof data?.[0]?.n === 'number' ? data[0].n : data && measure.count ? 0 : undefined;
  const isMet = spec.target === undefined || value === undefined ? undefined : spec.better === 'under' ? value <= spec.target : value >= spec.target;
  const label = text(spec.title ?? kind?.plural ?? kind?.label);
  if ((closed && !kind) || (error && !data)) return <div className="stat"><span className="stat-label">{label}</span><span className="muted">{t('error.denied')}</span></div>;
  return (
    <Link {...rowsLink(spec.kind, filter)} className={`stat ${isMet === undefined ? '' : isMet ? 'stat-met' : 'stat-missed'}`}>
      <span className="stat-label">{label}</span>
      <span className="stat-value number">{value === undefined ? (data ? '–' : '…') : say(value)}</span>
      {spec.target !== undefined && isMet !== undefined && <span className="stat-target">{t(isMet ? 'stat.met' : 'stat.missed', { target: say(spec.target) })}</span>}
    </Link>
  );
}

/** What every chart is drawn from. */
export interface DrawnProps {
  spec: ChartSpec;
  kind: Kind;
  filter: Filter | undefined;
  isOn: boolean;
  switched: Switched;
}

/** In a table there is room for the names of as many records as one question answers. */
export const MOST_NAMES = 500;

/** What a number is called: that of a field by its label. */
export function useMeasureLabel(kind: Kind, measure: Measure): string {
  const { t } = useTranslation();
  const text = useText();
  return text(kind.fields[measured(measure) ?? '']?.label) || t('chart.of_rows');
}

/** `whole`: what shares are of, where the picture tells shares. */
const rowsOf = (kind: Kind, marks: Mark[], say: (value: number) => string, whole?: number) =>
  marks.map((mark): DataRow => ({
    key: mark.key,
    name: mark.label,
    link: rowsLink(kind.kind, mark.filter),
    cells: [say(mark.value), ...(whole === undefined ? [] : [whole > 0 ? `${((100 * mark.value) / whole).toFixed(1)}%` : '–'])],
  }));

/** One mark a value of the field: labelled by the kind, or by the title of the record a ref leads to. */
function useGroups({ spec, kind, filter, isOn, switched }: DrawnProps) {
  const { t } = useTranslation();
  const text = useText();
  const field = kind.fields[spec.x];
  const measure = spec.measure ?? COUNT;
  const groups = useQuery({ ...aggregateQuery(kind.kind, { filter, group: spec.x, measures: { n: measure } }), enabled: isOn });
  // Only those that are shown are asked for by name.
  const largest = [...(groups.data ?? [])].sort((a, b) => Number(b.n ?? 0) - Number(a.n ?? 0)).slice(0, switched.isTable ? MOST_NAMES : MOST_MARKS);
  const ids = field?.type === 'ref' ? largest.flatMap((row) => (typeof row[spec.x] === 'string' ? [String(row[spec.x])] : [])) : [];
  const { data: titles = {} } = useQuery({ ...pickRefsQuery(field?.to ?? '', ids), enabled: ids.length > 0 });
  const labelOf = (key: string) => {
    const value = field?.values?.find((each) => each.value === key);
    if (field?.type === 'bool') return t(key === '1' || key === 'true' ? 'common.yes' : 'common.no');
    return text(value?.label as Text | undefined) || titles[key] || key || t('chart.empty');
  };
  const marks = (groups.data ?? []).map((row): Mark => {
    const value = row[spec.x] ?? null;
    const key = value === null ? '' : String(value);
    const asked = field?.type === 'bool' && value !== null ? value === 1 || value === true : value;
    return { key, label: labelOf(key), value: Number(row.n ?? 0), tone: field?.values?.find((each) => each.value === key)?.tone, filter: ofGroup(spec.x, asked, filter) };
  });
  const whole = spec.values ?? (spec.mark === 'funnel' ? kind.states?.steps : undefined);
  // A step nobody stands in is still a step.
  const known = whole ? whole.map((key) => marks.find((mark) => mark.key === key) ?? { key, label: labelOf(key), value: 0, filter: ofGroup(spec.x, key, filter) }) : marks;
  return { marks: spec.mark === 'funnel' && whole ? reached(known, whole, spec.x, filter) : arrangeMarks(known, whole), isRead: groups.data !== undefined, error: groups.error };
}

function GroupChart(props: DrawnProps) {
  const { spec, kind, switched } = props;
  const { t } = useTranslation();
  const text = useText();
  const { marks, isRead, error } = useGroups(props);
  const say = useSay(kind, spec.measure ?? COUNT);
  const measureLabel = useMeasureLabel(kind, spec.measure ?? COUNT);
  if (!isRead) return error ? <Failure error={error} /> : <Loading rows={4} />;
  if (marks.every(({ value }) => value === 0)) return <p className="muted">{text(spec.empty) || t('chart.none')}</p>;
  const Drawn = { bar: Bars, arc: Ring, funnel: Funnel, line: Lines, area: Lines }[spec.mark as 'bar'];
  const sum = marks.reduce((sum, { value }) => sum + value, 0);
  // A ring tells shares of all there is, a funnel of those who came in.
  const whole = spec.mark === 'arc' ? sum : spec.mark === 'funnel' ? (marks[0]?.value ?? 0) : undefined;
  return (
    <Charted switched={switched} label={text(spec.title)} columns={[text(kind.fields[spec.x]?.label), measureLabel, ...(whole === undefined ? [] : [t('chart.share')])]} rows={rowsOf(kind, marks, say, whole)}>
      <Drawn kind={kind.kind} marks={marks.slice(0, MOST_MARKS)} say={say} whole={sum} />
      {marks.length > MOST_MARKS && <p className="muted">{t('chart.most', { n: MOST_MARKS, of: marks.length })}</p>}
    </Charted>
  );
}

/** A moment along the axis: one question a span, so that days are the organisation's own. */
function TrendChart({ spec, kind, filter, isOn, switched }: DrawnProps) {
  const text = useText();
  const now = useServerNow(HOUR_MS);
  const measure = spec.measure ?? COUNT;
  const parts = spans(spec.every ?? 'month', now);
  const isDay = kind.fields[spec.x]?.type === 'date';
  const answers = useQueries({ queries: parts.map((part) => ({ ...aggregateQuery(kind.kind, { filter: within(spec.x, part, filter, isDay), measures: { n: measure } }), enabled: isOn, staleTime: 300_000 })) });
  const say = useSay(kind, measure);
  const measureLabel = useMeasureLabel(kind, measure);
  const error = answers.find((answer) => answer.error && !answer.data)?.error;
  if (answers.some(({ data }) => !data)) return error ? <Failure error={error} /> : <Loading rows={4} />;
  const marks = parts.map((part, index): Mark => ({ key: part.from, label: part.label, value: Number(answers[index]?.data?.[0]?.n ?? 0), filter: within(spec.x, part, filter, isDay) }));
  return (
    <Charted switched={switched} label={text(spec.title)} columns={[text(kind.fields[spec.x]?.label), measureLabel]} rows={rowsOf(kind, marks, say)}>
      {spec.mark === 'bar' ? <Bars kind={kind.kind} marks={marks} say={say} /> : <Lines kind={kind.kind} marks={marks} say={say} filled={spec.mark === 'area'} />}
    </Charted>
  );
}

export function ChartView({ spec, subject }: Props<ChartSpec>) {
  const { data: kind, error } = useQuery(kindQuery(spec.kind));
  const [isTable, onTable] = useState(false);
  const filter = bind(spec.filter, { subject: subject?.id, id: subject?.id });
  if (!kind) return error ? <Failure error={error} /> : <Loading rows={4} />;
  const isTrend = spec.every !== undefined || ['date', 'datetime'].includes(kind.fields[spec.x]?.type ?? (spec.x.endsWith('_at') ? 'datetime' : ''));
  const OfTwo = { scatter: ScatterChart, pareto: ParetoChart, cells: CellsChart }[spec.mark as string];
  const Drawn = OfTwo ?? (isTrend ? TrendChart : GroupChart);
  return <Drawn spec={spec} kind={kind} filter={filter} isOn={!isOpenEnded(filter)} switched={{ isTable, onTable }} />;
}
