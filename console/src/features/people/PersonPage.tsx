// One person: who they are, what they can do and when they work, what they have open, what they would see.
import { KeyOutlined, LeftOutlined, MoreOutlined, SafetyOutlined } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { App, Button, Dropdown, Form, Input, Modal } from 'antd';
import type { Dayjs } from 'dayjs';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useMay } from '../../api/may.ts';
import { recordQuery, records, useKind, useRefreshRecords } from '../../api/queries.ts';
import type { Data, Item, Kind } from '../../api/types.ts';
import { FieldValue } from '../../ui/FieldValue.tsx';
import { History } from '../../ui/History.tsx';
import { InlineField } from '../../ui/InlineField.tsx';
import { isMasked, RevealField } from '../../ui/Masked.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { RemovedOr } from '../../ui/Removed.tsx';
import { RefTitle } from '../../ui/RecordLink.tsx';
import { Sections } from '../../ui/Sections.tsx';
import { Failure, Loading } from '../../ui/states.tsx';
import { useErrorText, useText } from '../../ui/text.ts';
import { Timeline } from '../../ui/Timeline.tsx';
import { accounts, useRoleChoices } from './queries.ts';
import { SeesPanel } from './SeesPanel.tsx';
import { SessionsPanel } from './SessionsPanel.tsx';
import { WorkPanel } from './WorkPanel.tsx';
import { DatePicker } from '../../ui/dates.tsx';

const route = getRouteApi('/shell/people/$id');
/** Edited by buttons and editors of their own. */
const APART = new Set(['status', 'last_day', 'skills', 'certificates', 'duty', 'capacity', 'team']);

function Profile({ kind, item, canEdit }: { kind: Kind; item: Item; canEdit: boolean }) {
  const { t } = useTranslation();
  const text = useText();
  const roles = useRoleChoices(kind);
  const shaped: Kind = { ...kind, fields: { ...kind.fields, ...(kind.fields.roles && roles.length > 0 ? { roles: { ...kind.fields.roles, type: 'enum_list' as const, values: roles.map((role) => ({ ...role })) } } : {}) } };
  return (
    <dl className="field-list">
      <div className="field"><dt>{t('common.org')}</dt><dd><Link to="/orgs" search={{ id: item.org }}><RefTitle kind="org" id={item.org} /></Link></dd></div>
      {Object.entries(shaped.fields).filter(([name, field]) => !APART.has(name) && !field.retired).map(([name, field]) => (
        <div key={name} className="field">
          <dt>{text(field.label)}</dt>
          <dd>{isMasked(item, name) ? <RevealField item={item} name={name} field={field} /> : canEdit && !field.readonly ? <InlineField kind={shaped} item={item} name={name} field={field} /> : <FieldValue field={field} value={item.data[name]} refs={item.refs} />}</dd>
        </div>
      ))}
    </dl>
  );
}

function PasswordDialog({ item, open, onClose }: { item: Item; open: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const { message } = App.useApp();
  const [password, setPassword] = useState('');
  const [problem, setProblem] = useState<string>();
  const [busy, setBusy] = useState(false);
  const save = async () => {
    setBusy(true);
    setProblem(undefined);
    try {
      await accounts.setPassword(item.id, password);
      message.success(t('people.password_set'));
      setPassword('');
      onClose();
    } catch (error) {
      setProblem(errorText(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Modal open={open} title={t('people.set_password')} onCancel={onClose} onOk={() => void save()} okText={t('people.set_password')} cancelText={t('common.cancel')} confirmLoading={busy} okButtonProps={{ disabled: password.length < 8 }} destroyOnHidden width={420}>
      <p className="muted form-problems">{t('people.set_password_hint')}</p>
      <Form layout="vertical">
        <Form.Item label={t('people.new_password')} htmlFor="new-password" validateStatus={problem ? 'error' : undefined} help={problem}>
          <Input.Password id="new-password" autoComplete="new-password" maxLength={128} value={password} onChange={(event) => setPassword(event.target.value)} />
        </Form.Item>
      </Form>
    </Modal>
  );
}

/** Leaving takes a last day, everything else a yes. */
function StatusDialog({ kind, item, wanted, onClose }: { kind: Kind; item: Item; wanted: string | undefined; onClose: () => void }) {
  const { t } = useTranslation();
  const text = useText();
  const errorText = useErrorText();
  const { message } = App.useApp();
  const refresh = useRefreshRecords();
  const [day, setDay] = useState<Dayjs | null>(null);
  const [problem, setProblem] = useState<string>();
  const [busy, setBusy] = useState(false);
  const label = text(kind.fields.status?.values?.find(({ value }) => value === wanted)?.label);
  const asksDay = wanted === 'leaving';
  const save = async () => {
    if (!wanted) return;
    const data: Data = { status: wanted };
    if (asksDay && day) data.last_day = day.format('YYYY-MM-DD');
    // Whoever is back has no last day any more.
    if (wanted === 'active' && item.data.last_day != null) data.last_day = null;
    setBusy(true);
    setProblem(undefined);
    try {
      await records.change('user', item.id, data, item.rev);
      await refresh('user');
      message.success(t('common.saved'));
      onClose();
    } catch (error) {
      setProblem(errorText(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Modal open={wanted !== undefined} title={t('people.status_title', { name: String(item.data.name), status: label })} onCancel={onClose} onOk={() => void save()} okText={label} cancelText={t('common.cancel')} confirmLoading={busy} okButtonProps={{ danger: wanted === 'left', disabled: asksDay && !day }} destroyOnHidden width={440}>
      {wanted === 'left' && <p>{t('people.left_hint')}</p>}
      {asksDay && (
        <Form layout="vertical">
          <Form.Item label={text(kind.fields.last_day?.label) || t('people.last_day')} htmlFor="last-day" extra={t('people.last_day_hint')}>
            <DatePicker id="last-day" style={{ width: '100%' }} value={day} onChange={(next) => setDay(next as Dayjs | null)} />
          </Form.Item>
        </Form>
      )}
      {problem && <div className="input-error" role="alert">{problem}</div>}
    </Modal>
  );
}

function Actions({ kind, item }: { kind: Kind; item: Item }) {
  const { t } = useTranslation();
  const text = useText();
  const errorText = useErrorText();
  const { modal, message } = App.useApp();
  const [asks, setAsks] = useState<'password'>();
  const [status, setStatus] = useState<string>();
  const resetTotp = () =>
    modal.confirm({
      title: t('people.reset_totp'),
      content: t('people.reset_totp_hint'),
      okText: t('people.reset_totp'),
      cancelText: t('common.cancel'),
      onOk: async () => {
        try {
          await accounts.resetTotp(item.id);
          message.success(t('people.totp_reset'));
        } catch (error) {
          message.error(errorText(error));
        }
      },
    });
  const others = kind.fields.status?.values?.filter(({ value }) => value !== item.data.status) ?? [];
  return (
    <>
      <Button icon={<KeyOutlined />} onClick={() => setAsks('password')}>{t('people.set_password')}</Button>
      <Dropdown
        trigger={['click']}
        menu={{
          items: [
            ...others.map(({ value, label }) => ({ key: value, label: t('orgs.set_status', { status: text(label) }), danger: value === 'left', onClick: () => setStatus(value) })),
            { type: 'divider' as const },
            { key: 'totp', icon: <SafetyOutlined />, label: t('people.reset_totp'), onClick: () => void resetTotp() },
          ],
        }}
      >
        <Button icon={<MoreOutlined />} aria-label={t('orgs.more')} />
      </Dropdown>
      <PasswordDialog item={item} open={asks === 'password'} onClose={() => setAsks(undefined)} />
      <StatusDialog key={status} kind={kind} item={item} wanted={status} onClose={() => setStatus(undefined)} />
    </>
  );
}

export function PersonPage() {
  const { t } = useTranslation();
  const { id } = route.useParams();
  const { tab } = route.useSearch();
  const navigate = route.useNavigate();
  const { data: kind, error: kindError } = useKind('user');
  const { data: item, error, refetch } = useQuery(recordQuery('user', id));
  const canEdit = useMay('user', 'change');
  if (!item && kind && error) return <RemovedOr kind="user" id={id} error={error} onRetry={() => void refetch()} />;
  if (!item || !kind) return kindError ? <Failure error={kindError} /> : <Loading rows={12} />;
  const name = String(item.data.name ?? id);
  const sections = [
    { key: 'profile', label: t('people.profile'), children: <Profile kind={kind} item={item} canEdit={canEdit} /> },
    { key: 'work', label: t('people.work'), children: <WorkPanel kind={kind} item={item} canEdit={canEdit} /> },
    ...(canEdit ? [
      { key: 'sessions', label: t('people.sessions'), children: <SessionsPanel id={id} /> },
      { key: 'sees', label: t('people.sees'), children: <SeesPanel id={id} name={name} /> },
    ] : []),
    { key: 'timeline', label: t('timeline.title'), children: <Timeline kind="user" id={id} /> },
    { key: 'history', label: t('history.title'), children: <History kind="user" id={id} /> },
  ];
  return (
    <>
      <PageHeader
        title={name}
        name={`${name} · ${t('nav.users')}`}
        note={<code>{String(item.data.login ?? '')}</code>}
        tags={kind.fields.status && <FieldValue field={kind.fields.status} value={item.data.status} plain />}
        back={<Link to="/people" className="back" aria-label={t('common.back')}><LeftOutlined /></Link>}
        actions={canEdit && <Actions kind={kind} item={item} />}
      />
      <Panel className="panel-tabs"><Sections active={tab ?? 'profile'} onChange={(next) => void navigate({ search: { tab: next === 'profile' ? undefined : next }, replace: true })} items={sections} /></Panel>
    </>
  );
}
