// What happened to a record, newest first.
import { ApiOutlined, CodeOutlined, FileOutlined, SettingOutlined } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { Avatar, Button, Checkbox, Select } from 'antd';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useServerNow } from '../api/clock.ts';
import { kindQuery, useTimeline } from '../api/queries.ts';
import type { Actor, TimelineEntry } from '../api/types.ts';
import { Changes } from './Changes.tsx';
import { RecordLink } from './RecordLink.tsx';
import { Failure, Loading, Nothing } from './states.tsx';
import { useText } from './text.ts';
import { initial } from './text.ts';
import { formatTime } from './time.ts';
import { actorSort, byDay, isPlumbing } from './timeline.ts';

export function ActorIcon({ actor }: { actor: Actor }) {
  const sort = actorSort(actor.label);
  if (sort === 'plugin') return <Avatar size={28} className="avatar avatar-plugin" icon={<ApiOutlined />} />;
  if (sort === 'script') return <Avatar size={28} className="avatar avatar-plugin" icon={<CodeOutlined />} />;
  if (sort === 'system') return <Avatar size={28} className="avatar avatar-system" icon={<SettingOutlined />} />;
  return <Avatar size={28} className="avatar">{initial(actor.name ?? actor.label.slice(5))}</Avatar>;
}

export function useActorName() {
  const { t } = useTranslation();
  const nameOf = (actor: Pick<Actor, 'label' | 'name'>) => actor.name || (actorSort(actor.label) === 'system' ? t('timeline.system') : actor.label.split(':').slice(1).join(':') || actor.label);
  return (actor: Actor) => (actor.for ? t('timeline.for', { actor: nameOf(actor), person: nameOf(actor.for) }) : nameOf(actor));
}

function Entry({ entry, about }: { entry: TimelineEntry; about: string }) {
  const text = useText();
  const nameOf = useActorName();
  const { record } = entry;
  return (
    <li className="entry">
      <ActorIcon actor={entry.actor} />
      <div className="entry-body">
        <div className="entry-head">
          <span className="entry-title">{text(entry.title) || entry.kind}</span>
          {record && record.id !== about && record.title && <RecordLink kind={record.kind} id={record.id}>{record.title}</RecordLink>}
        </div>
        <div className="entry-meta">
          {nameOf(entry.actor)} · <time dateTime={entry.at} title={formatTime(entry.at, 'seconds')}>{formatTime(entry.at).slice(11)}</time>
        </div>
        {entry.attachment && <div className="entry-file"><FileOutlined aria-hidden /> {entry.attachment.name}</div>}
        {record && <Changes kind={record.kind} record={record.id} changes={entry.changes} receipts={entry.receipts} />}
      </div>
    </li>
  );
}

interface PagedProps {
  query: { isPending: boolean; error: unknown; refetch: () => unknown; hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => unknown };
  isEmpty: boolean;
  empty: ReactNode;
  children: ReactNode;
}

export function Paged({ query, isEmpty, empty, children }: PagedProps) {
  const { t } = useTranslation();
  if (query.isPending) return <Loading />;
  if (query.error && isEmpty) return <Failure error={query.error} onRetry={() => query.refetch()} />;
  if (isEmpty) return empty;
  return (
    <>
      {children}
      {query.hasNextPage && <Button block loading={query.isFetchingNextPage} onClick={() => query.fetchNextPage()}>{t('timeline.older')}</Button>}
    </>
  );
}

/** Whose doings are shown: those of one of the house's departments, as teams are sorted. */
function Departments({ value, onChange }: { value: string | undefined; onChange: (value: string | undefined) => void }) {
  const { t } = useTranslation();
  const text = useText();
  const { data: team } = useQuery(kindQuery('team'));
  const departments = team?.fields.kind?.values ?? [];
  if (departments.length === 0) return null;
  return <Select size="small" className="timeline-department" aria-label={t('timeline.department')} value={value ?? ''} onChange={(next) => onChange(next || undefined)} popupMatchSelectWidth={false} options={[{ value: '', label: t('timeline.all_departments') }, ...departments.map((each) => ({ value: each.value, label: text(each.label) }))]} />;
}

export function Timeline({ kind, id, byDepartment }: { kind: string; id: string; byDepartment?: boolean }) {
  const { t } = useTranslation();
  const [department, setDepartment] = useState<string>();
  const query = useTimeline(kind, id, department);
  const now = useServerNow(60_000);
  const [isFull, setFull] = useState(false);
  const all = query.data?.pages.flatMap((page) => page.items) ?? [];
  const entries = isFull ? all : all.filter((entry) => !isPlumbing(entry));
  return (
    <>
    {byDepartment && <Departments value={department} onChange={setDepartment} />}
    <Paged query={query} isEmpty={all.length === 0} empty={<Nothing title={t('timeline.empty')} />}>
      {all.some(isPlumbing) && <Checkbox className="timeline-full" checked={isFull} onChange={(event) => setFull(event.target.checked)}>{t('timeline.full')}</Checkbox>}
      {byDay(entries, now).map(({ day, near, entries }) => (
        <section key={`${day} ${entries[0]!.seq}`} className="day">
          <h3>{near === 'today' ? t('timeline.today') : near === 'yesterday' ? t('timeline.yesterday') : day}</h3>
          <ol className="entries">{entries.map((entry) => <Entry key={entry.seq} entry={entry} about={id} />)}</ol>
        </section>
      ))}
    </Paged>
    </>
  );
}

/** Fields that some entry read so far can explain. */
export function useExplained(kind: string, id: string): Set<string> {
  const { data } = useTimeline(kind, id);
  return new Set(data?.pages.flatMap((page) => page.items).filter((entry) => entry.record?.id === id).flatMap((entry) => entry.receipts.flatMap(({ field }) => (field ? [field] : []))));
}
