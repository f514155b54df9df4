// Everything about one customer: who, how to reach them, what plugins add, what happened.
import { LeftOutlined, MailOutlined, MessageOutlined, PhoneOutlined } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, Navigate } from '@tanstack/react-router';
import { Alert, Avatar, Button } from 'antd';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { titleOf } from '../../api/kind.ts';
import { usePower } from '../../api/may.ts';
import { recordQuery, useKind } from '../../api/queries.ts';
import type { Item, Kind } from '../../api/types.ts';
import { RecordActions } from '../../descriptor/actions.tsx';
import { FieldList } from '../../descriptor/fields.tsx';
import { useLiveRecord } from '../../descriptor/live.ts';
import { SlotActions, SlotBanners, SlotCards } from '../../descriptor/Slots.tsx';
import { Ago, FieldValue } from '../../ui/FieldValue.tsx';
import { InlineField } from '../../ui/InlineField.tsx';
import { isMasked, RevealField } from '../../ui/Masked.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { formatPhone } from '../../ui/phone.ts';
import { useRecent } from '../../ui/recent.ts';
import { Sections } from '../../ui/Sections.tsx';
import { Failure, Loading } from '../../ui/states.tsx';
import { Timeline } from '../../ui/Timeline.tsx';
import { initial } from '../../ui/text.ts';
import { RemovedOr } from '../../ui/Removed.tsx';
import { ContactBanner } from './ContactBanner.tsx';
import { Lamps } from './Lamps.tsx';
import { groups } from './layout.ts';

const Compose = lazy(() => import('./Compose.tsx').then(({ Compose }) => ({ default: Compose })));
const MoreMenu = lazy(() => import('./MoreMenu.tsx').then(({ MoreMenu }) => ({ default: MoreMenu })));
const ConsentPanel = lazy(() => import('./ConsentPanel.tsx').then(({ ConsentPanel }) => ({ default: ConsentPanel })));
const Merges = lazy(() => import('./Merges.tsx').then(({ Merges }) => ({ default: Merges })));
const Attachments = lazy(() => import('../../ui/Attachments.tsx').then(({ Attachments }) => ({ default: Attachments })));
const History = lazy(() => import('../../ui/History.tsx').then(({ History }) => ({ default: History })));

const route = getRouteApi('/shell/customers/$id');

/** Phone and e-mail as large targets: the first thing anyone does here is call. */
function Reach({ kind, item }: { kind: Kind; item: Item }) {
  const { t } = useTranslation();
  const canWrite = usePower('message.send');
  const [isWriting, setWriting] = useState(false);
  const { phone, email } = item.data;
  return (
    <div className="reach">
      {typeof phone === 'string' && <a href={`tel:${phone}`} aria-label={t('customer.call', { phone: formatPhone(phone) })}><PhoneOutlined aria-hidden /> {formatPhone(phone)}</a>}
      {typeof email === 'string' && <a href={`mailto:${email}`} aria-label={t('customer.mail', { email })}><MailOutlined aria-hidden /> {email}</a>}
      {canWrite && item.data.erased_at == null && <Button icon={<MessageOutlined />} onClick={() => setWriting(true)}>{t('compose.open')}</Button>}
      {isWriting && <Suspense><Compose customer={item} name={titleOf(kind, item)} onClose={() => setWriting(false)} /></Suspense>}
    </div>
  );
}

/** More empty fields than this in a card are folded away until somebody wants to fill them in. */
const EMPTY_SHOWN = 6;

function Group({ title, kind, item, names, mayFold }: { title: string; kind: Kind; item: Item; names: string[]; mayFold: boolean }) {
  const { t } = useTranslation();
  const [all, setAll] = useState(false);
  const empty = names.filter((name) => item.data[name] == null && !isMasked(item, name));
  const folds = mayFold && empty.length > EMPTY_SHOWN;
  const shown = folds && !all ? names.filter((name) => !empty.includes(name)) : names;
  return (
    <Panel title={title}>
      <FieldList kind={kind} item={item} names={shown} />
      {folds && <Button type="link" size="small" className="fold" aria-expanded={all} onClick={() => setAll(!all)}>{all ? t('customer.fold') : t('customer.unfold', { n: empty.length })}</Button>}
    </Panel>
  );
}

function Profile({ kind, item }: { kind: Kind; item: Item }) {
  const { t } = useTranslation();
  return (
    <div className="column">
      <Panel className="profile">
        <div className="profile-head">
          <Avatar size={52} className="avatar">{initial(titleOf(kind, item))}</Avatar>
          <div>
            <div className="profile-name">{isMasked(item, kind.title) ? <RevealField item={item} name={kind.title} field={kind.fields[kind.title]!} /> : <InlineField kind={kind} item={item} name={kind.title} field={kind.fields[kind.title]!} />}</div>
            <div className="muted">{t('customer.since')} <Ago at={item.created_at} /></div>
          </div>
        </div>
        <Reach kind={kind} item={item} />
        <Lamps customer={item} />
      </Panel>
      <SlotCards slot="customer.profile" subject={{ kind: 'customer', id: item.id }} />
      {groups(kind, item).map(({ key, names }) => <Group key={key} title={t(`customer.${key}`)} kind={kind} item={item} names={names} mayFold={key === 'identity'} />)}
    </div>
  );
}

/** Actions this page offers in its own way. */
const OWN_PAGES = ['merge', 'unmerge', 'consent', 'erase', 'export'];

function CustomerBody({ kind, item }: { kind: Kind; item: Item }) {
  const { t } = useTranslation();
  useLiveRecord('customer', item.id, item.id);
  useRecent('customer', item.id);
  const subject = { kind: 'customer', id: item.id };
  const { type, tags } = item.data;
  return (
    <>
      <PageHeader
        title={titleOf(kind, item)}
        back={<Link to="/customers" className="back" aria-label={t('customer.back')}><LeftOutlined /></Link>}
        tags={
          <span className="tags">
            {kind.fields.type && type != null && <FieldValue field={kind.fields.type} value={type} plain />}
            {kind.fields.tags && tags != null && <FieldValue field={kind.fields.tags} value={tags} plain />}
          </span>
        }
        actions={item.data.erased_at == null ? <><SlotActions slot="customer.action" subject={subject} /><RecordActions kind={kind} item={item} except={OWN_PAGES} /><Suspense><MoreMenu kind={kind} item={item} /></Suspense></> : undefined}
      />
      <ContactBanner id={item.id} />
      {item.data.erased_at != null && <Alert type="info" showIcon className="form-problems" title={t('customer.erased')} />}
      <SlotBanners slot="customer.banner" subject={subject} />
      <div className="columns columns-profile">
        <Profile kind={kind} item={item} />
        <div className="column">
          <div className="stats"><SlotCards slot="customer.stat" subject={subject} /></div>
          <div className="slot-cards"><SlotCards slot="customer.card" subject={subject} /></div>
          <Panel className="panel-tabs">
            <Sections
              items={[
                { key: 'timeline', label: t('timeline.title'), children: <Timeline kind="customer" id={item.id} byDepartment /> },
                { key: 'consent', label: t('consent.title'), children: <Suspense fallback={<Loading />}><ConsentPanel customer={item} /></Suspense> },
                { key: 'history', label: t('history.title'), children: <Suspense fallback={<Loading />}><History kind="customer" id={item.id} /></Suspense> },
                { key: 'attachments', label: t('attachments.title'), children: <Suspense fallback={<Loading />}><Attachments kind="customer" id={item.id} /></Suspense> },
                { key: 'merges', label: t('merge.list'), children: <Suspense fallback={<Loading />}><Merges id={item.id} /></Suspense> },
              ]}
            />
          </Panel>
        </div>
      </div>
    </>
  );
}

export function CustomerPage() {
  const { id } = route.useParams();
  const { data: kind, error: kindError } = useKind('customer');
  const { data: item, error, refetch, isFetching } = useQuery(recordQuery('customer', id));
  // A merged customer's address leads to the one who stands for both.
  // What was read before a merge was undone is not to be trusted: wait for the answer of now.
  if (item && item.id !== id && isFetching) return <Loading rows={12} />;
  if (item && item.id !== id) return <Navigate to="/customers/$id" params={{ id: item.id }} replace />;
  if (item && kind) return <CustomerBody key={id} kind={kind} item={item} />;
  if (!item && error && kind) return <RemovedOr kind="customer" id={id} error={error} onRetry={() => void refetch()} />;
  return error || kindError ? <Failure error={error ?? kindError} onRetry={() => void refetch()} /> : <Loading rows={12} />;
}
