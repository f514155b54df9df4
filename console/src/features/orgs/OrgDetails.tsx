// One organisation: what it is, when it is open, what can be done with it.
import { ApartmentOutlined, ClockCircleOutlined, EditOutlined, LeftOutlined, MoreOutlined, PlusOutlined, TeamOutlined } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { App, Button, Drawer, Dropdown } from 'antd';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useServerNow } from '../../api/clock.ts';
import { ApiError } from '../../api/client.ts';
import { useMay } from '../../api/may.ts';
import { kindsQuery, recordQuery } from '../../api/queries.ts';
import type { Data, Field, Item, Json, Kind } from '../../api/types.ts';
import { DaysEditor } from '../../ui/DaysEditor.tsx';
import { FieldValue } from '../../ui/FieldValue.tsx';
import { wholeWeek, weekFault, type Days, type Week } from '../../ui/hours.ts';
import { HoursEditor, HoursView } from '../../ui/HoursEditor.tsx';
import { LinkButton } from '../../ui/LinkButton.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { Sections } from '../../ui/Sections.tsx';
import { Failure, Loading } from '../../ui/states.tsx';
import { useErrorText, useText } from '../../ui/text.ts';
import { formatTime } from '../../ui/time.ts';
import { Timeline } from '../../ui/Timeline.tsx';
import { useNarrow } from '../../ui/useNarrow.ts';
import { useChangeOrg } from './queries.ts';
import { openWork, typesUnder, type OrgTree } from './tree.ts';

const History = lazy(() => import('../../ui/History.tsx').then(({ History }) => ({ default: History })));
const CreateBelow = lazy(() => import('./OrgForms.tsx').then(({ CreateBelow }) => ({ default: CreateBelow })));
const EditOrg = lazy(() => import('./OrgForms.tsx').then(({ EditOrg }) => ({ default: EditOrg })));
const MoveOrg = lazy(() => import('./OrgForms.tsx').then(({ MoveOrg }) => ({ default: MoveOrg })));

const FACTS = ['code', 'type', 'parent', 'city', 'address', 'phone', 'time_zone', 'brands', 'authorised_models', 'geo'];
/** What holds where an organisation says nothing: every day, half past eight to six. */
const USUAL: Week = Object.fromEntries(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'].map((day) => [day, [['08:30', '18:00']]]));

function Fact({ field, value, item }: { field: Field; value: Json | undefined; item: Item }) {
  const { t } = useTranslation();
  if (Array.isArray(value) && field.type === 'json') return <span className="tags">{value.map((each) => <span key={String(each)} className="tone tone-plain">{String(each)}</span>)}</span>;
  if (field.type === 'json' && value && typeof value === 'object' && !Array.isArray(value)) return <span className="number">{Object.values(value).join(t('common.comma'))}</span>;
  return <FieldValue field={field} value={value} refs={item.refs} />;
}

function EditCalendar({ item: current, what, onClose }: { item: Item; what: 'hours' | 'days' | undefined; onClose: () => void }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const { message } = App.useApp();
  const now = useServerNow(60_000);
  const change = useChangeOrg();
  // As it was when the drawer was opened: that is what a save is held against.
  const [item] = useState(current);
  const [week, setWeek] = useState<Week>((item.data.opening_hours as Week | undefined) ?? USUAL);
  const [days, setDays] = useState<Days>((item.data.calendar as Days | undefined) ?? {});
  const isWrong = what === 'hours' && weekFault(week);
  const save = async () => {
    const data: Data = what === 'hours' ? { opening_hours: wholeWeek(week) as unknown as Json } : { calendar: { holidays: days.holidays ?? [], working: days.working ?? [] } };
    try {
      await change.mutateAsync({ item, data });
      message.success(t('common.saved'));
      onClose();
    } catch (error) {
      message.error(errorText(error));
    }
  };
  return (
    <Drawer
      open={what !== undefined}
      onClose={onClose}
      size={560}
      title={t(what === 'days' ? 'orgs.edit_days' : 'orgs.edit_hours')}
      footer={<div className="form-buttons"><Button onClick={onClose}>{t('common.cancel')}</Button><Button type="primary" disabled={isWrong} loading={change.isPending} onClick={() => void save()}>{t('common.save')}</Button></div>}
    >
      <p className="muted form-problems">{t('orgs.calendar_hint')}</p>
      {what === 'days' ? <DaysEditor value={days} onChange={setDays} start={formatTime(new Date(now).toISOString(), 'date').slice(0, 7)} /> : <HoursEditor value={week} onChange={setWeek} />}
    </Drawer>
  );
}

function StatusMenu({ kind, item }: { kind: Kind; item: Item }) {
  const { t } = useTranslation();
  const text = useText();
  const errorText = useErrorText();
  const { modal, message } = App.useApp();
  const { data: kinds = [] } = useQuery(kindsQuery);
  const change = useChangeOrg();
  const values = kind.fields.status?.values?.filter(({ value }) => value !== item.data.status) ?? [];
  const set = (value: string, label: string) =>
    modal.confirm({
      title: t('orgs.status_title', { name: String(item.data.name), status: label }),
      content: value === 'closed' ? t('orgs.close_hint') : undefined,
      okText: label,
      okButtonProps: { danger: value === 'closed' },
      cancelText: t('common.cancel'),
      onOk: async () => {
        try {
          await change.mutateAsync({ item, data: { status: value } });
          message.success(t('common.saved'));
        } catch (error) {
          const open = error instanceof ApiError ? openWork(error.values) : [];
          const labelOf = (name: string) => text(kinds.find((each) => each.kind === name)?.label) || name;
          modal.warning({ title: errorText(error), content: open.length > 0 && <ul className="plain-list">{open.map((each) => <li key={each.kind}>{t('orgs.open_work', { label: labelOf(each.kind), n: each.n })}</li>)}</ul>, okText: t('common.close') });
        }
      },
    });
  return (
    <Dropdown trigger={['click']} menu={{ items: values.map(({ value, label }) => ({ key: value, label: t('orgs.set_status', { status: text(label) }), danger: value === 'closed', onClick: () => void set(value, text(label)) })) }}>
      <Button icon={<MoreOutlined />} aria-label={t('orgs.more')} />
    </Dropdown>
  );
}

function Calendars({ item, canEdit, onEdit }: { item: Item; canEdit: boolean; onEdit: (what: 'hours' | 'days') => void }) {
  const { t } = useTranslation();
  const now = useServerNow(60_000);
  const edit = (what: 'hours' | 'days') => canEdit && <Button size="small" icon={<EditOutlined />} aria-label={t(what === 'days' ? 'orgs.edit_days' : 'orgs.edit_hours')} onClick={() => onEdit(what)}>{t('kinds.edit')}</Button>;
  return (
    <div className="calendar-panels">
      <Panel title={t('orgs.hours')} extra={edit('hours')}>
        {!item.data.opening_hours && <p className="muted">{t('orgs.usual_hours')}</p>}
        <HoursView value={(item.data.opening_hours as Week | undefined) ?? USUAL} />
      </Panel>
      <Panel title={t('orgs.days')} extra={edit('days')}>
        <DaysEditor value={(item.data.calendar as Days | undefined) ?? {}} start={formatTime(new Date(now).toISOString(), 'date').slice(0, 7)} />
      </Panel>
    </div>
  );
}

export function OrgDetails({ id, kind, tree }: { id: string; kind: Kind; tree: OrgTree }) {
  const { t } = useTranslation();
  const text = useText();
  const narrow = useNarrow();
  const { data: item, error, refetch } = useQuery(recordQuery('org', id));
  const canEdit = useMay('org', 'change');
  const canCreate = useMay('org', 'create');
  const [open, setOpen] = useState<'create' | 'edit' | 'move'>();
  const [calendar, setCalendar] = useState<'hours' | 'days'>();
  if (!item) return error ? <Failure error={error} onRetry={() => void refetch()} /> : <Loading rows={10} />;
  const node = tree.items.find((each) => each.id === id);

  const close = () => setOpen(undefined);
  const name = String(item.data.name ?? id);
  return (
    <>
      <PageHeader
        title={name}
        name={`${name} · ${t('nav.orgs')}`}
        tags={kind.fields.status && <FieldValue field={kind.fields.status} value={item.data.status} plain />}
        back={narrow ? <Link to="/orgs" search={{}} className="back" aria-label={t('common.back')}><LeftOutlined /></Link> : undefined}
        actions={(canEdit || canCreate) && node && (
          <>
            {canCreate && typesUnder(tree.types, node.type).length > 0 && node.status !== 'closed' && <Button type="primary" icon={<PlusOutlined />} onClick={() => setOpen('create')}>{t('orgs.create')}</Button>}
            {canEdit && <Button icon={<EditOutlined />} onClick={() => setOpen('edit')}>{t('kinds.edit')}</Button>}
            {canEdit && item.data.parent && <Button icon={<ApartmentOutlined />} onClick={() => setOpen('move')}>{t('orgs.move')}</Button>}
            {canEdit && item.data.parent && <StatusMenu kind={kind} item={item} />}
          </>
        )}
      />
      <Panel>
        <dl className="field-list">
          {FACTS.filter((each) => kind.fields[each] && item.data[each] != null).map((each) => (
            <div key={each} className="field"><dt>{text(kind.fields[each]!.label)}</dt><dd>{each === 'parent' ? <Link to="/orgs" search={{ id: String(item.data.parent) }}><FieldValue field={kind.fields[each]!} value={item.data[each]} refs={item.refs} plain /></Link> : <Fact field={kind.fields[each]!} value={item.data[each]} item={item} />}</dd></div>
          ))}
        </dl>
        <div className="org-links">
          <LinkButton to="/people" search={{ filter: { org: id } }} icon={<TeamOutlined />} size="small">{t('orgs.its_people', { n: node?.n_people ?? 0 })}</LinkButton>
          <LinkButton to="/teams" search={{ filter: { org: id } }} icon={<ClockCircleOutlined />} size="small">{t('orgs.its_teams')}</LinkButton>
        </div>
      </Panel>
      <Calendars item={item} canEdit={canEdit} onEdit={setCalendar} />
      <Panel className="panel-tabs">
        <Sections items={[{ key: 'timeline', label: t('timeline.title'), children: <Timeline kind="org" id={id} /> }, { key: 'history', label: t('history.title'), children: <Suspense fallback={<Loading />}><History kind="org" id={id} /></Suspense> }]} />
      </Panel>
      <Suspense>
      {node && open === 'create' && <CreateBelow kind={kind} above={node} tree={tree} open onClose={close} />}
      {open === 'edit' && <EditOrg kind={kind} item={item} open onClose={close} />}
      {open === 'move' && <MoveOrg kind={kind} item={item} tree={tree} open onClose={close} />}
      </Suspense>
      {calendar && <EditCalendar key={calendar} item={item} what={calendar} onClose={() => setCalendar(undefined)} />}
    </>
  );
}
