// One template: its texts in both languages, what may be quoted at a click, how it reads for a real customer, and a trial on oneself.
import { LeftOutlined } from '@ant-design/icons';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { Alert, App, Button, Form, Input, Select } from 'antd';
import { useDeferredValue, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useMay } from '../../api/may.ts';
import { useKind } from '../../api/queries.ts';
import { templatesKey, templatesQuery, type Preview, type Quotable, type Template } from '../../api/templates.ts';
import type { Kind } from '../../api/types.ts';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { RecordPicker } from '../../ui/RecordPicker.tsx';
import { Failure, Loading } from '../../ui/states.tsx';
import { useText } from '../../ui/text.ts';
import { useSending } from '../../ui/useSending.ts';
import { move, namesIn, previewQuery, save, test, type Draft } from './queries.ts';

const route = getRouteApi('/shell/templates/$id');
const LANGUAGES = ['zh', 'en'] as const;

const begun = (template?: Template): Draft => (template ? { ...template.data } : { purpose: 'serve', channels: [], values: [], body_zh: '' });

interface WritingProps {
  draft: Draft;
  kind: Kind;
  fields: Quotable[];
  faults: Preview['faults'];
  disabled: boolean;
  onChange: (change: Draft) => void;
}

function Writing({ draft, kind, fields, faults, disabled, onChange }: WritingProps) {
  const { t } = useTranslation();
  const text = useText();
  const [at, setAt] = useState<'body_zh' | 'body_en'>('body_zh');
  const value = (name: string) => (typeof draft[name] === 'string' ? draft[name] : '');
  const names = Array.isArray(draft.values) ? draft.values.map(String) : [];
  const faultOf = (name: string) => faults.filter(({ pointer }) => pointer === `/data/${name}`).map(({ message }) => message).join(' · ') || undefined;
  const options = (name: string) => (kind.fields[name]?.values ?? []).map((each) => ({ value: each.value, label: text(each.label) }));
  const label = (name: string) => text(kind.fields[name]?.label);
  const item = (name: string) => ({ label: label(name), validateStatus: faultOf(name) ? ('error' as const) : undefined, help: faultOf(name) });
  const insert = (name: string) => onChange({ [at]: `${value(at)}{${name}}` });
  return (
    <Form layout="vertical" disabled={disabled}>
      <div className="form-grid">
        <Form.Item {...item('label')} required><Input value={value('label')} maxLength={120} onChange={(event) => onChange({ label: event.target.value })} /></Form.Item>
        <Form.Item {...item('name')} required><Input value={value('name')} maxLength={80} placeholder="service.ready" onChange={(event) => onChange({ name: event.target.value.trim() })} /></Form.Item>
        <Form.Item {...item('purpose')} required><Select value={value('purpose')} options={options('purpose')} onChange={(purpose: string) => onChange({ purpose })} /></Form.Item>
        <Form.Item {...item('channels')}><Select mode="multiple" value={Array.isArray(draft.channels) ? draft.channels.map(String) : []} options={options('channels')} placeholder={t('templates.all_channels')} onChange={(channels: string[]) => onChange({ channels })} /></Form.Item>
      </div>
      <Form.Item {...item('values')}><Input defaultValue={names.join(', ')} placeholder="number, due" onBlur={(event) => onChange({ values: namesIn(event.target.value) })} /></Form.Item>
      <p className="muted">{t('templates.quote')}</p>
      <div className="tags" role="group" aria-label={t('templates.quote')}>
        {[...fields, ...names.map((name) => ({ name, label: { 'zh-CN': name, en: name } }))].map((field) => <Button key={field.name} size="small" onClick={() => insert(field.name)}>{text(field.label)}</Button>)}
      </div>
      {LANGUAGES.map((language) => (
        <div key={language}>
          <Form.Item {...item(`subject_${language}`)}><Input value={value(`subject_${language}`)} maxLength={200} onChange={(event) => onChange({ [`subject_${language}`]: event.target.value })} /></Form.Item>
          <Form.Item {...item(`body_${language}`)}><Input.TextArea autoSize={{ minRows: 3 }} value={value(`body_${language}`)} onFocus={() => setAt(`body_${language}`)} onChange={(event) => onChange({ [`body_${language}`]: event.target.value })} /></Form.Item>
        </div>
      ))}
    </Form>
  );
}

interface ReadingProps {
  draft: Draft;
  preview: Preview | undefined;
  customer: string | undefined;
  values: Record<string, string>;
  canTest: boolean;
  onCustomer: (id: string | undefined) => void;
  onValues: (values: Record<string, string>) => void;
}

function Reading({ draft, preview, customer, values, canTest, onCustomer, onValues }: ReadingProps) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const { isBusy, problem, send } = useSending();
  const names = Array.isArray(draft.values) ? draft.values.map(String) : [];
  const tryOut = async (channel: 'sms' | 'email', language: string) => {
    let address = '';
    const isDone = await send(async () => { address = (await test(draft, channel, language, customer, values)).address; });
    if (isDone) message.success(t('templates.tested', { address }));
  };
  return (
    <Panel title={t('templates.reads')}>
      <Form layout="vertical">
        <Form.Item label={t('templates.for')}><RecordPicker kind="customer" aria-label={t('templates.for')} value={customer ?? null} onChange={(id) => onCustomer(typeof id === 'string' ? id : undefined)} /></Form.Item>
        {names.map((name) => <Form.Item key={name} label={name}><Input value={values[name] ?? ''} onChange={(event) => onValues({ ...values, [name]: event.target.value })} /></Form.Item>)}
      </Form>
      {problem && <Alert type="error" showIcon title={problem} />}
      {preview?.items.map((item) => (
        <section key={item.language} className="template-read" lang={item.language === 'zh' ? 'zh-CN' : 'en'}>
          <h3>{t(`templates.${item.language}`)}</h3>
          {item.subject.text && <strong>{item.subject.text}</strong>}
          <p className="message-body">{item.body.text}</p>
          {item.body.empty.length > 0 && <p className="muted">{t('templates.nothing_known', { names: item.body.empty.join(', ') })}</p>}
          {canTest && <div className="form-buttons"><Button loading={isBusy} onClick={() => void tryOut('sms', item.language)}>{t('templates.test_sms')}</Button><Button loading={isBusy} onClick={() => void tryOut('email', item.language)}>{t('templates.test_email')}</Button></div>}
        </section>
      ))}
    </Panel>
  );
}

function Editor({ template, kind, fields }: { template: Template | undefined; kind: Kind; fields: Quotable[] }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const canCreate = useMay('template', 'create');
  const canChange = useMay('template', 'change');
  const client = useQueryClient();
  const navigate = useNavigate();
  const { isBusy, problem, send } = useSending();
  const [draft, setDraft] = useState<Draft>(begun(template));
  const [customer, setCustomer] = useState<string>();
  const [values, setValues] = useState<Record<string, string>>({});
  const { data: preview } = useQuery(previewQuery(useDeferredValue(draft), customer, useDeferredValue(values)));
  const canWrite = !template?.is_inherited && (template ? canChange : canCreate);
  const after = async (id: string) => {
    await client.invalidateQueries({ queryKey: templatesKey });
    message.success(t('common.saved'));
    if (id !== template?.id) await navigate({ to: '/templates/$id', params: { id } });
  };
  const keep = () => send(async () => {
    const { state: _, ...data } = draft;
    await after((await save(template?.id, data, template?.rev)).id);
  });
  const go = (transition: 'activate' | 'retire') => send(async () => after((await move(template!.id, transition)).id));
  // What is above is not changed from below: one makes one's own of the same code.
  const copy = () => send(async () => {
    const { state: _, ...data } = draft;
    await after((await save(undefined, data)).id);
  });
  const actions = (
    <>
      {template && <Link to="/records/$kind/$id" params={{ kind: 'template', id: template.id }}>{t('templates.versions', { n: template.rev })}</Link>}
      {canWrite && template && template.state !== 'active' && <Button loading={isBusy} onClick={() => void go('activate')}>{t('templates.activate')}</Button>}
      {canWrite && template && template.state === 'active' && <Button loading={isBusy} danger onClick={() => void go('retire')}>{t('templates.retire')}</Button>}
      {template?.is_inherited && canCreate && <Button loading={isBusy} type="primary" onClick={() => void copy()}>{t('templates.copy')}</Button>}
      {canWrite && <Button loading={isBusy} type="primary" onClick={() => void keep()}>{t('common.save')}</Button>}
    </>
  );
  return (
    <>
      <PageHeader title={template?.label ?? t('templates.new')} note={template?.is_inherited ? t('templates.inherited', { org: template.org_name ?? template.org }) : undefined} actions={actions} />
      {problem && <Alert type="error" showIcon className="form-problems" title={problem} />}
      <div className="template-page">
        <Panel title={t('templates.text')}><Writing draft={draft} kind={kind} fields={fields} faults={preview?.faults ?? []} disabled={!canWrite} onChange={(change) => setDraft({ ...draft, ...change })} /></Panel>
        <Reading draft={draft} preview={preview} customer={customer} values={values} canTest={canChange} onCustomer={setCustomer} onValues={setValues} />
      </div>
    </>
  );
}

export function TemplatePage() {
  const { t } = useTranslation();
  const { id } = route.useParams();
  const { data: kind } = useKind('template');
  const { data, error, refetch } = useQuery(templatesQuery);
  const template = data?.items.find((each) => each.id === id);
  return (
    <>
      <p><Link to="/templates"><LeftOutlined /> {t('nav.templates')}</Link></p>
      {error && !data ? <Failure error={error} onRetry={() => void refetch()} /> : !data || !kind || (id !== 'new' && !template) ? <Loading rows={8} /> : <Editor key={`${id}@${template?.rev ?? 0}`} template={template} kind={kind} fields={data.fields} />}
    </>
  );
}
