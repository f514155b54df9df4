// A month of records by one of their moments; on a phone the days that have something.
import { LeftOutlined, RightOutlined } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Button } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { titleOf } from '../api/kind.ts';
import { useServerNow } from '../api/clock.ts';
import { kindQuery, listQuery } from '../api/queries.ts';
import type { Filter, Item, Kind } from '../api/types.ts';
import { bind, both, isOpenEnded } from '../ui/filter.ts';
import { sheet, shift } from '../ui/month.ts';
import { recordPath, rowsLink } from '../ui/RecordLink.tsx';
import { Failure, Loading } from '../ui/states.tsx';
import { dayjs, formatTime, zoneOf } from '../ui/time.ts';
import { useNarrow } from '../ui/useNarrow.ts';
import type { Subject } from './actions.tsx';
import type { CalendarSpec, Document } from './types.ts';

/** More of one day are opened as a list. */
const SHOWN = 4;
const MOST = 500;

interface Props {
  doc: Document;
  spec: CalendarSpec;
  subject?: Subject;
  filter?: Filter;
  q?: string;
}

function Entry({ kind, item, start, open }: { kind: Kind; item: Item; start: string; open?: string }) {
  const at = String(item.data[start] ?? '');
  const tone = kind.states ? kind.fields[kind.states.field]?.values?.find(({ value }) => value === item.data[kind.states!.field])?.tone : undefined;
  return (
    <Link to={recordPath(item.kind, item.id) as never} search={(open ? { view: open } : {}) as never} className={`calendar-entry tone-${tone ?? 'plain'}`}>
      {at.length > 10 && <span className="number">{formatTime(at).slice(11)}</span>} {titleOf(kind, item)}
    </Link>
  );
}

export function CalendarView({ doc, spec, subject, filter: narrowed, q }: Props) {
  const { t, i18n } = useTranslation();
  const narrow = useNarrow();
  const today = formatTime(new Date(useServerNow(60_000)).toISOString(), 'date');
  const [month, setMonth] = useState<string>();
  const shown = month ?? today.slice(0, 7);
  const { data: kind, error: closed } = useQuery(kindQuery(spec.kind));
  const days = sheet(shown);
  const isDay = kind?.fields[spec.start]?.type === 'date';
  const edge = (day: string) => (isDay ? day : dayjs.tz(`${day}T00:00:00`, zoneOf()).toISOString());
  const after = dayjs(days.at(-1)).add(1, 'day').format('YYYY-MM-DD');
  const base = both(bind(spec.filter, { subject: subject?.id, id: subject?.id }), narrowed);
  const filter = both(base, { [spec.start]: { gte: edge(days[0]!), lt: edge(after) } });
  const { data: page, error, refetch } = useQuery({ ...listQuery(spec.kind, { filter, q, limit: MOST }), enabled: kind !== undefined && !isOpenEnded(filter) });
  if (!kind) return closed ? <Failure error={closed} /> : <Loading rows={8} />;
  if (error && !page) return <Failure error={error} onRetry={() => void refetch()} />;
  const open = spec.open ? `${doc.plugin}:${spec.open}` : undefined;
  const byDay = new Map<string, Item[]>();
  for (const item of [...(page?.items ?? [])].sort((a, b) => String(a.data[spec.start]).localeCompare(String(b.data[spec.start])))) {
    const day = formatTime(String(item.data[spec.start]), 'date');
    byDay.set(day, [...(byDay.get(day) ?? []), item]);
  }
  const ofDay = (day: string) => both(base, { [spec.start]: { gte: edge(day), lt: edge(dayjs(day).add(1, 'day').format('YYYY-MM-DD')) } });
  const weekday = new Intl.DateTimeFormat(i18n.language, { weekday: 'short', timeZone: 'UTC' });
  const cells = narrow ? days.filter((day) => byDay.has(day) && day.startsWith(shown)) : days;
  return (
    <div className="calendar">
      <div className="calendar-head">
        <Button icon={<LeftOutlined />} aria-label={t('calendar.before')} onClick={() => setMonth(shift(shown, -1))} />
        <h3 aria-live="polite">{shown}</h3>
        <Button icon={<RightOutlined />} aria-label={t('calendar.after')} onClick={() => setMonth(shift(shown, 1))} />
        <Button onClick={() => setMonth(undefined)} disabled={shown === today.slice(0, 7)}>{t('calendar.today')}</Button>
        {page?.next && <span className="muted">{t('calendar.most', { n: MOST })}</span>}
      </div>
      {!narrow && <div className="calendar-week" aria-hidden="true">{days.slice(0, 7).map((day) => <span key={day}>{weekday.format(Date.parse(`${day}T00:00:00Z`))}</span>)}</div>}
      {narrow && cells.length === 0 && <p className="muted list-none">{t('list.none')}</p>}
      <ol className={narrow ? 'calendar-days' : 'calendar-sheet'}>
        {cells.map((day) => {
          const items = byDay.get(day) ?? [];
          return (
            <li key={day} className={`${day.startsWith(shown) ? '' : 'calendar-other'} ${day === today ? 'calendar-today' : ''}`}>
              <time dateTime={day} className="calendar-day number">{narrow ? `${day} ${weekday.format(Date.parse(`${day}T00:00:00Z`))}` : Number(day.slice(8))}</time>
              {items.slice(0, narrow ? MOST : SHOWN).map((item) => <Entry key={item.id} kind={kind} item={item} start={spec.start} open={open} />)}
              {!narrow && items.length > SHOWN && <Link {...rowsLink(kind.kind, ofDay(day), spec.start)} className="calendar-more">{t('calendar.more', { n: items.length - SHOWN })}</Link>}
            </li>
          );
        })}
      </ol>
    </div>
  );
}
