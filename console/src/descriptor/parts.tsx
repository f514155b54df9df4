// The small views: a card of fields, a step bar, countdowns, a timeline, one button, several views on a grid.
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Button } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { titleOf } from '../api/kind.ts';
import { kindQuery, listQuery, recordQuery, useUser } from '../api/queries.ts';
import type { Filter, Kind } from '../api/types.ts';
import { Clock } from '../ui/Clock.tsx';
import { holds } from '../ui/clock.ts';
import { bind, both, isOpenEnded } from '../ui/filter.ts';
import { recordPath, RefTitle } from '../ui/RecordLink.tsx';
import { Failure, Loading } from '../ui/states.tsx';
import { useText } from '../ui/text.ts';
import { Timeline } from '../ui/Timeline.tsx';
import { FormDrawer, type Subject } from './actions.tsx';
import { FieldList, StepBar } from './fields.tsx';
import type { ActionSpecView, CardSpec, ClockListSpec, Document, StepsSpec } from './types.ts';
import { offeredActions } from './views.ts';

/** The one record a card or a step bar is about: the subject where it is of that kind, else the first that meets the filter. */
function useOne(spec: { kind: string; filter?: Filter; order?: string }, subject: Subject | undefined) {
  const isSubject = subject?.kind === spec.kind && spec.filter === undefined;
  const filter = bind(spec.filter, { subject: subject?.id, id: subject?.id });
  const kind = useQuery(kindQuery(spec.kind));
  const own = useQuery({ ...recordQuery(spec.kind, subject?.id ?? ''), enabled: isSubject });
  const list = useQuery({ ...listQuery(spec.kind, { filter, order: spec.order ?? '-created_at', limit: 1 }), enabled: !isSubject && !isOpenEnded(filter) });
  const found = list.data?.items[0];
  const item = isSubject ? own.data : found && { ...found, refs: { ...list.data?.refs, ...found.refs } };
  return { kind: kind.data, item, error: kind.error ?? own.error ?? list.error, isRead: (isSubject ? own.data : list.data) !== undefined };
}

export function CardView({ spec, subject }: { spec: CardSpec; subject?: Subject }) {
  const { t } = useTranslation();
  const text = useText();
  const { kind, item, error, isRead } = useOne(spec, subject);
  if (!kind || !isRead) return error ? <Failure error={error} /> : <Loading rows={3} />;
  return item ? <FieldList kind={kind} item={item} names={spec.fields} /> : <p className="muted list-none">{text(spec.empty) || t('list.none')}</p>;
}

export function StepsView({ spec, subject }: { spec: StepsSpec; subject?: Subject }) {
  const { t } = useTranslation();
  const { kind, item, error, isRead } = useOne(spec, subject);
  if (!kind || !isRead) return error ? <Failure error={error} /> : <Loading rows={1} />;
  if (!item) return <p className="muted list-none">{t('list.none')}</p>;
  return (
    <>
      <p><Link to={recordPath(item.kind, item.id) as never}>{titleOf(kind, item)}</Link></p>
      <StepBar kind={kind} item={item} />
    </>
  );
}

const SHOWN = 8;

export function ClockListView({ doc, spec, subject }: { doc: Document; spec: ClockListSpec; subject?: Subject }) {
  const { t } = useTranslation();
  const text = useText();
  const { data: kind, error: closed } = useQuery(kindQuery(spec.kind));
  const running = Object.fromEntries(Object.entries(spec.while ?? {}).map(([name, value]) => [name, Array.isArray(value) ? { in: value } : value]));
  const filter = both(both(bind(spec.filter, { subject: subject?.id, id: subject?.id }), running), { [spec.due]: { empty: false }, ...(spec.met ? { [spec.met]: { empty: true } } : {}) });
  const { data: page, error } = useQuery({ ...listQuery(spec.kind, { filter, order: spec.due, limit: SHOWN }), enabled: !isOpenEnded(filter) });
  if (!kind || !page) return closed ?? error ? <Failure error={closed ?? error} /> : <Loading rows={3} />;
  if (page.items.length === 0) return <p className="muted list-none">{text(spec.empty) || t('list.none')}</p>;
  return (
    <ul className="clock-list">
      {page.items.map((item) => (
        <li key={item.id}>
          <Link to={recordPath(item.kind, item.id) as never} search={(spec.open ? { view: `${doc.plugin}:${spec.open}` } : {}) as never}>{titleOf(kind, item)}{kind.subject && typeof item.data[kind.subject] === 'string' && <> · <RefTitle kind={kind.fields[kind.subject]?.to} id={String(item.data[kind.subject])} refs={{ ...page.refs, ...item.refs }} /></>}</Link>
          <Clock due={item.data[spec.due]} met={spec.met ? item.data[spec.met] : undefined} running={holds(spec.while, item.data)} />
        </li>
      ))}
    </ul>
  );
}

export function TimelineView({ subject }: { subject?: Subject }) {
  const { t } = useTranslation();
  return subject ? <Timeline kind={subject.kind} id={subject.id} /> : <p className="muted list-none">{t('view.no_subject')}</p>;
}

function ActionButton({ spec, kind, subject }: { spec: ActionSpecView; kind: Kind; subject?: Subject }) {
  const text = useText();
  const roles = useUser()?.roles ?? [];
  const [open, setOpen] = useState(false);
  const action = offeredActions(kind, undefined, roles).find(({ name }) => name === spec.action);
  if (!action) return null;
  const label = spec.title ?? action.label;
  return (
    <>
      <Button onClick={() => setOpen(true)}>{text(label)}</Button>
      <FormDrawer title={label} spec={{ ...spec, view: 'form' }} subject={subject} open={open} onClose={() => setOpen(false)} follow />
    </>
  );
}

export function ActionView({ spec, subject }: { spec: ActionSpecView; subject?: Subject }) {
  const { data: kind, error } = useQuery(kindQuery(spec.kind));
  if (!kind) return error ? <Failure error={error} /> : null;
  return <ActionButton spec={spec} kind={kind} subject={subject} />;
}
