// Who did what and when: conditions, pages, one entry opened.
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { AutoComplete, Button, Drawer, Input } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { Pager } from '../../ui/Pager.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { RecordPicker } from '../../ui/RecordPicker.tsx';
import { RecordLink, RefTitle } from '../../ui/RecordLink.tsx';
import { Failure, Loading, Nothing } from '../../ui/states.tsx';
import { formatTime, fromPicker, toPicker } from '../../ui/time.ts';
import { useNarrow } from '../../ui/useNarrow.ts';
import { auditQuery, type Asked, type Entry } from './queries.ts';
import { isKnown, labelOf, recordAsked, userOf, WHATS } from './words.ts';
import { Table } from '../../ui/Table.tsx';
import { DatePicker } from '../../ui/dates.tsx';
import { Pre } from '../../ui/Pre.tsx';

const route = getRouteApi('/shell/audit');
const LIMIT = 50;

function useWhat() {
  const { t } = useTranslation();
  return (what: string) => (isKnown(what) ? t(`audit.what.${what}`) : what);
}

/** The server's own sentence goes before ours. */
function useSaid() {
  const what = useWhat();
  return (entry: Entry) => (entry.text && entry.text !== entry.what ? entry.text : what(entry.what));
}

function Who({ actor, name }: { actor: Entry['actor'] | null | undefined; name?: string | null }) {
  const id = userOf(actor);
  if (name) return <>{name}</>;
  return id && !(typeof actor === 'object' && actor?.name) ? <RefTitle kind="user" id={id} /> : <>{labelOf(actor)}</>;
}

function OneEntry({ entry, onClose }: { entry: Entry; onClose: () => void }) {
  const { t } = useTranslation();
  const said = useSaid();
  const facts: [string, React.ReactNode][] = [
    [t('audit.seq'), <span key="seq" className="number">{entry.seq}</span>],
    [t('audit.at'), formatTime(entry.at, 'seconds')],
    [t('audit.actor'), <span key="who"><Who actor={entry.actor} name={entry.actor_name} />{entry.for && <> ({t('audit.for')} <Who actor={entry.for} name={entry.for_name} />)</>}</span>],
    [t('common.org'), entry.org && <RefTitle key="org" kind="org" id={entry.org} />],
    [t('audit.record'), entry.kind && entry.record && <RecordLink key="record" kind={entry.kind} id={entry.record}><RefTitle kind={entry.kind} id={entry.record} /></RecordLink>],
    [t('audit.rev'), entry.rev],
    [t('audit.address'), entry.address],
  ];
  return (
    <Drawer open onClose={onClose} size={560} title={said(entry)}>
      <dl className="field-list audit-facts">
        {facts.filter(([, value]) => value != null && value !== '').map(([label, value]) => <div key={label} className="field"><dt>{label}</dt><dd>{value}</dd></div>)}
      </dl>
      <h3>{t('audit.detail')}</h3>
      <Pre>{JSON.stringify(entry.detail ?? {}, null, 2)}</Pre>
      {entry.chain && <><h3>{t('audit.chain')}</h3><p className="muted">{t('audit.chain_hint')}</p><code className="audit-chain">{entry.chain}</code></>}
    </Drawer>
  );
}

function Conditions({ asked, onChange }: { asked: Asked; onChange: (change: Partial<Asked>) => void }) {
  const { t } = useTranslation();
  const what = useWhat();
  const [typed, setTyped] = useState(asked.record ?? '');
  const [kind, setKind] = useState(asked.what ?? '');
  const hasAny = Object.entries(asked).some(([name, value]) => name !== 'cursor' && value !== undefined);
  return (
    <div className="toolbar audit-asked">
      <AutoComplete
        aria-label={t('audit.what')}
        placeholder={t('audit.what')}
        allowClear
        value={kind}
        onChange={(next: string | undefined) => { setKind(next ?? ''); if (!next) onChange({ what: undefined }); }}
        onSelect={(next) => onChange({ what: next })}
        onBlur={() => onChange({ what: kind.trim() || undefined })}
        options={WHATS.filter((each) => !kind || each.includes(kind) || what(each).includes(kind)).map((each) => ({ value: each, label: `${what(each)} · ${each}` }))}
      />
      <span className="audit-pick"><RecordPicker kind="user" aria-label={t('audit.actor')} placeholder={t('audit.actor')} value={asked.actor} onChange={(actor) => onChange({ actor: actor as string | undefined })} /></span>
      <span className="audit-pick"><RecordPicker kind="org" aria-label={t('common.org')} placeholder={t('common.org')} value={asked.org} onChange={(org) => onChange({ org: org as string | undefined })} /></span>
      <Input className="audit-pick" aria-label={t('audit.record')} placeholder={t('audit.record_hint')} allowClear value={typed} onChange={(event) => { setTyped(event.target.value); if (!event.target.value) onChange({ record: undefined }); }} onPressEnter={() => onChange({ record: recordAsked(typed) })} onBlur={() => onChange({ record: recordAsked(typed) })} />
      <DatePicker showTime={{ format: 'HH:mm' }} format="YYYY-MM-DD HH:mm" aria-label={t('audit.from')} placeholder={t('audit.from')} value={toPicker(asked.from)} onChange={(at) => onChange({ from: fromPicker(at) })} />
      <DatePicker showTime={{ format: 'HH:mm' }} format="YYYY-MM-DD HH:mm" aria-label={t('audit.to')} placeholder={t('audit.to')} value={toPicker(asked.to)} onChange={(at) => onChange({ to: fromPicker(at) })} />
      {hasAny && <Button type="link" onClick={() => { setTyped(''); setKind(''); onChange({ what: undefined, actor: undefined, record: undefined, org: undefined, from: undefined, to: undefined }); }}>{t('filter.clear')}</Button>}
    </div>
  );
}

function Entries({ items, onOpen }: { items: Entry[]; onOpen: (entry: Entry) => void }) {
  const { t } = useTranslation();
  const said = useSaid();
  const narrow = useNarrow();
  const button = (entry: Entry) => <button type="button" className="link-button title-link" onClick={() => onOpen(entry)}>{said(entry)}</button>;
  const about = (entry: Entry) => entry.kind && entry.record ? <RecordLink kind={entry.kind} id={entry.record}><RefTitle kind={entry.kind} id={entry.record} /></RecordLink> : null;
  if (narrow) {
    return <ul className="rows">{items.map((entry) => <li key={entry.seq}><span>{button(entry)}<span className="muted"><Who actor={entry.actor} name={entry.actor_name} /></span>{about(entry)}</span><span className="muted number">{formatTime(entry.at)}</span></li>)}</ul>;
  }
  return (
    <Table<Entry>
      size="medium"
      rowKey="seq"
      pagination={false}
      scroll={{ x: 980 }}
      dataSource={items}
      columns={[
        { key: 'at', title: t('audit.at'), width: 170, render: (_, entry) => <span className="number">{formatTime(entry.at, 'seconds')}</span> },
        { key: 'what', title: t('audit.what'), width: 200, render: (_, entry) => button(entry) },
        { key: 'actor', title: t('audit.actor'), width: 160, render: (_, entry) => <><Who actor={entry.actor} name={entry.actor_name} />{entry.for && <span className="muted"> · <Who actor={entry.for} name={entry.for_name} /></span>}</> },
        { key: 'record', title: t('audit.record'), width: 200, render: (_, entry) => about(entry) },
        { key: 'org', title: t('common.org'), width: 160, render: (_, entry) => entry.org && <RefTitle kind="org" id={entry.org} /> },
        { key: 'address', title: t('audit.address'), width: 130, render: (_, entry) => <span className="muted number">{entry.address}</span> },
      ]}
    />
  );
}

export function AuditPage() {
  const { t } = useTranslation();
  const asked = route.useSearch();
  const navigate = route.useNavigate();
  const [open, setOpen] = useState<Entry>();
  const { data, error, refetch } = useQuery(auditQuery(asked, LIMIT));
  const change = (next: Partial<Asked>) => {
    const same = Object.entries(next).every(([name, value]) => asked[name as keyof Asked] === value);
    if (!same) void navigate({ search: (old) => ({ ...old, cursor: undefined, ...next }), replace: true });
  };
  return (
    <>
      <PageHeader title={t('nav.audit')} note={t('audit.note')} />
      <Panel flush>
        <Conditions key={Object.keys(asked).length === 0 ? 'none' : 'some'} asked={asked} onChange={change} />
        {error && !data ? <Failure error={error} onRetry={() => void refetch()} /> : !data ? <Loading rows={10} /> : data.items.length === 0 ? <Nothing title={t('audit.none')} /> : (
          <>
            <Entries items={data.items} onOpen={setOpen} />
            <Pager cursor={asked.cursor} next={data.next} limit={LIMIT} shown={data.items.length} sizes={[LIMIT]} onMove={(cursor) => void navigate({ search: (old) => ({ ...old, cursor }) })} onLimit={() => undefined} />
          </>
        )}
      </Panel>
      {open && <OneEntry entry={open} onClose={() => setOpen(undefined)} />}
    </>
  );
}
