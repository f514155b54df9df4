// One role: its words, and its grants as a matrix. A new one may begin as another.
import { LeftOutlined } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { Alert, App, Button, Form, Input, Select, Switch } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError } from '../../api/client.ts';
import { useMay } from '../../api/may.ts';
import { kindsQuery, recordQuery, records, useRefreshRecords } from '../../api/queries.ts';
import type { Data, Item, Json, Kind, Text } from '../../api/types.ts';
import { History } from '../../ui/History.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { Failure, Loading } from '../../ui/states.tsx';
import { errorText, faultText, useText } from '../../ui/text.ts';
import { Tone } from '../../ui/Tone.tsx';
import { readGrants, writeGrants, type Grant } from './grants.ts';
import { Matrix } from './Matrix.tsx';
import { holdersQuery, rolesQuery } from './queries.ts';

const route = getRouteApi('/shell/roles/$id');

interface Draft {
  code: string;
  zh: string;
  en: string;
  note: string;
  like?: string;
  isRetired: boolean;
  grants: Grant[];
}

function draftOf(data: Data): Draft {
  const name = data.name as Text | undefined;
  const [zh, en] = typeof name === 'object' ? [name['zh-CN'] ?? '', name.en ?? ''] : [name ?? '', ''];
  return { code: String(data.code ?? ''), zh, en, note: String(data.note ?? ''), like: typeof data.like === 'string' ? data.like : undefined, isRetired: data.status === 'retired', grants: readGrants(data.grants) };
}

/** The record's fields; a kind that keeps names as plain texts gets the Chinese one. */
export function dataOf(draft: Draft, nameIsText: boolean): Data {
  const names: Json = nameIsText ? draft.zh.trim() : { 'zh-CN': draft.zh.trim(), ...(draft.en.trim() ? { en: draft.en.trim() } : {}) };
  return { code: draft.code.trim(), name: names, note: draft.note.trim() || null, like: draft.like ?? null, status: draft.isRetired ? 'retired' : 'active', grants: writeGrants(draft.grants) };
}

function Holders({ code }: { code: string }) {
  const { t, i18n } = useTranslation();
  const { data: n } = useQuery(holdersQuery(code));
  return n == null ? null : <Link to="/people" search={{ filter: { roles: code } }}>{t('roles.holders', { n: n.toLocaleString(i18n.language) })}</Link>;
}

function Refused({ error }: { error: unknown }) {
  const { i18n } = useTranslation();
  const places = error instanceof ApiError ? error.errors : [];
  return <Alert type="error" showIcon className="form-problems" title={errorText(error, i18n.language)} description={places.length > 0 ? <ul className="plain-list">{places.map((each) => <li key={`${each.pointer} ${each.code}`}><code>{each.pointer}</code> {faultText(each, i18n.language)}</li>)}</ul> : undefined} />;
}

function Editor({ item: current, kinds, roles, canEdit }: { item: Item | undefined; kinds: Kind[]; roles: Item[]; canEdit: boolean }) {
  const { t } = useTranslation();
  const text = useText();
  const { message } = App.useApp();
  const navigate = useNavigate();
  const refresh = useRefreshRecords();
  // What was on screen when editing began; a colleague's change meanwhile is told by the server, not written over.
  const [item, setItem] = useState(current);
  const start = draftOf(item?.data ?? {});
  const [draft, setDraft] = useState(start);
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const set = (change: Partial<Draft>) => setDraft((old) => ({ ...old, ...change }));
  const nameIsText = kinds.find(({ kind }) => kind === 'role')?.fields.name?.type === 'text';
  const isChanged = !item || JSON.stringify(draft) !== JSON.stringify(start);
  const begin = (from: Item) => {
    setItem(from);
    setDraft(draftOf(from.data));
  };
  if (current && item && current.rev > item.rev && !isChanged) begin(current);
  const save = async () => {
    setBusy(true);
    setError(undefined);
    try {
      const { code, ...data } = dataOf(draft, nameIsText);
      const given = Object.fromEntries(Object.entries({ code, ...data }).filter(([, value]) => value !== null)) as Data;
      const saved = item ? await records.change('role', item.id, data, item.rev) : (await records.create('role', given)).item;
      if (item) begin(saved);
      await refresh('role');
      message.success(t('common.saved'));
      if (!item) void navigate({ to: '/roles/$id', params: { id: saved.id } });
    } catch (failure) {
      setError(failure);
    } finally {
      setBusy(false);
    }
  };
  const title = item ? text(item.data.name as Text) || draft.code : t('roles.new');
  return (
    <>
      <PageHeader
        title={title}
        name={`${title} · ${t('nav.roles')}`}
        note={item && <><code>{draft.code}</code> <Holders code={draft.code} /></>}
        tags={draft.isRetired && <Tone tone="warn">{t('roles.retired')}</Tone>}
        back={<Link to="/roles" className="back" aria-label={t('common.back')}><LeftOutlined /></Link>}
        actions={canEdit && <Button type="primary" loading={busy} disabled={!isChanged || !draft.code.trim() || !draft.zh.trim()} onClick={() => void save()}>{item ? t('common.save') : t('common.create')}</Button>}
      />
      {error !== undefined && <Refused error={error} />}
      <Panel title={t('roles.words')}>
        <Form layout="vertical" className="fields-form" disabled={!canEdit}>
          <div className="form-row">
            <Form.Item label={t('roles.code')} htmlFor="role-code" required extra={t('roles.code_hint')}><Input id="role-code" className="code-text" maxLength={40} disabled={!canEdit || item !== undefined} value={draft.code} onChange={(event) => set({ code: event.target.value })} /></Form.Item>
            <Form.Item label={t('kinds.in_zh', { label: t('roles.name') })} htmlFor="role-zh" required><Input id="role-zh" maxLength={60} value={draft.zh} onChange={(event) => set({ zh: event.target.value })} /></Form.Item>
            {!nameIsText && <Form.Item label={t('kinds.in_en', { label: t('roles.name') })} htmlFor="role-en"><Input id="role-en" maxLength={60} value={draft.en} onChange={(event) => set({ en: event.target.value })} /></Form.Item>}
          </div>
          <div className="form-row">
            <Form.Item label={t('roles.note')} htmlFor="role-note"><Input id="role-note" maxLength={500} value={draft.note} onChange={(event) => set({ note: event.target.value })} /></Form.Item>
            <Form.Item label={t('roles.starts_like')} htmlFor="role-like" extra={t('roles.starts_like_hint')}><Select id="role-like" allowClear showSearch={{ optionFilterProp: 'label' }} value={draft.like} onChange={(like: string | undefined) => set({ like })} options={roles.filter(({ id }) => id !== item?.id).map(({ data }) => ({ value: String(data.code), label: `${text(data.name as Text)} (${String(data.code)})` }))} /></Form.Item>
          </div>
          {item && <label className="level-reveal"><Switch aria-label={t('roles.retire')} checked={draft.isRetired} onChange={(isRetired) => set({ isRetired })} /> <span>{t('roles.retire')}<span className="muted field-detail">{t('roles.retire_hint')}</span></span></label>}
        </Form>
      </Panel>
      <Panel title={t('roles.matrix')} flush><Matrix grants={draft.grants} kinds={kinds} onChange={canEdit ? (grants) => set({ grants }) : undefined} /></Panel>
      {item && <Panel title={t('history.title')}><History kind="role" id={item.id} /></Panel>}
    </>
  );
}

export function RolePage() {
  const { t } = useTranslation();
  const { id } = route.useParams();
  const isNew = id === 'new';
  const { data: kinds, error: kindsError } = useQuery(kindsQuery);
  const { data: roles, error: rolesError } = useQuery(rolesQuery);
  const { data: item, error, refetch } = useQuery({ ...recordQuery('role', id), enabled: !isNew });
  const canEdit = useMay('role', isNew ? 'create' : 'change');
  const failure = error ?? rolesError ?? kindsError;
  if (!kinds || !roles || (!isNew && !item)) return failure ? <><PageHeader title={t('nav.roles')} /><Panel><Failure error={failure} onRetry={() => void refetch()} /></Panel></> : <Loading rows={12} />;
  return <Editor key={id} item={item} kinds={kinds} roles={roles} canEdit={canEdit} />;
}
