// Writing to one customer: what for and by which way, a template or words of one's own, how it reads, whether it may go; then what became of it.
import { useQuery } from '@tanstack/react-query';
import { Alert, Button, Drawer, Form, Input, Segmented, Select } from 'antd';
import { useDeferredValue, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useServerNow } from '../../api/clock.ts';
import { records, recordQuery, useKind, useRefreshRecords, useUser } from '../../api/queries.ts';
import { filledQuery, templatesQuery, type Template } from '../../api/templates.ts';
import type { Item, Kind } from '../../api/types.ts';
import { FieldValue } from '../../ui/FieldValue.tsx';
import { Loading } from '../../ui/states.tsx';
import { useText } from '../../ui/text.ts';
import { formatTime } from '../../ui/time.ts';
import { useSending } from '../../ui/useSending.ts';
import { fate, hasSubject, isOpen, messageOf, missing, offered, WRITTEN_WAYS, type Way, type Writing } from './compose.ts';
import { mayQuery } from './contact.ts';

const OWN_WORDS = '';
const ASK_MS = 1_000;
const TYPES = { goes: 'success', waits: 'info', stopped: 'warning' } as const;

/** Whether it may go now, in the words of its reason. */
function Verdict({ customer, kind, writing }: { customer: Item; kind: Kind; writing: Writing }) {
  const { t } = useTranslation();
  const text = useText();
  const { data: verdict } = useQuery(mayQuery(customer.id, writing.purpose, writing.channel));
  const how = fate(verdict);
  if (!how || !verdict) return <Loading rows={1} />;
  const reason = text(kind.fields.reason?.values?.find(({ value }) => value === verdict.reason)?.label) || verdict.reason || '';
  const { why = '', values = {} } = verdict;
  const isSaid = ['not_asked', 'refused', 'withdrawn', 'expired', 'not_shared', 'frequency_cap', 'quiet_hours'].includes(why);
  return (
    <Alert
      type={TYPES[how]}
      showIcon
      title={how === 'goes' ? t('compose.goes') : how === 'waits' ? t('compose.waits', { at: verdict.retry_at ? formatTime(verdict.retry_at) : '' }) : t('compose.stopped', { reason })}
      description={isSaid ? (t as (key: string, values: object) => string)(`compose.why.${why}`, values) : undefined}
    />
  );
}

/** The template as it will read for this customer, in their language. */
function Reads({ template, customer, values }: { template: Template; customer: Item; values: Record<string, string> }) {
  const { t } = useTranslation();
  const { data } = useQuery(filledQuery(template.id, customer.id, useDeferredValue(values)));
  const item = data?.items.find(({ language }) => language === data.language);
  if (!item) return <Loading rows={2} />;
  return (
    <section className="template-read" aria-label={t('templates.reads')} lang={item.language === 'zh' ? 'zh-CN' : 'en'}>
      <h3>{t('templates.reads')}</h3>
      {item.subject.text && <strong>{item.subject.text}</strong>}
      <p className="message-body">{item.body.text}</p>
      {item.body.empty.length > 0 && <p className="warn-text">{t('compose.empty', { names: item.body.empty.join(', ') })}</p>}
    </section>
  );
}

/** What became of it. It is decided the moment it is due, so one may look on. */
function Result({ sent, kind, onAgain }: { sent: Item; kind: Kind; onAgain: () => void }) {
  const { t } = useTranslation();
  const text = useText();
  const now = useServerNow();
  const { data } = useQuery({ ...recordQuery('message', sent.id), initialData: sent, staleTime: 0, retry: false, refetchInterval: (query) => (!query.state.error && isOpen(query.state.data, now) ? ASK_MS : false) });
  const { state, reason, due_at: due } = data.data;
  const isWaiting = state === 'queued' && !isOpen(data, now);
  const label = text(kind.fields.reason?.values?.find(({ value }) => value === reason)?.label);
  return (
    <div className="compose" role="status">
      <p className="tags"><FieldValue field={kind.fields.state!} value={state} plain />{reason != null && <FieldValue field={kind.fields.reason!} value={reason} plain />}</p>
      <p>
        {state === 'suppressed' ? t('compose.was_stopped', { reason: label }) : state === 'failed' ? t('compose.has_failed', { reason: label }) : state === 'sent' ? t('compose.went') : state === 'printing' ? t('compose.prints') : isWaiting ? t('compose.waits', { at: formatTime(String(due)) }) : t('compose.is_going')}
      </p>
      <p className="message-body">{typeof data.data.subject === 'string' && <strong>{data.data.subject} </strong>}{String(data.data.body ?? '')}</p>
      <div className="form-buttons"><Button onClick={onAgain}>{t('compose.again')}</Button></div>
    </div>
  );
}

function Letter({ customer, kind, onSent }: { customer: Item; kind: Kind; onSent: (message: Item) => void }) {
  const { t } = useTranslation();
  const text = useText();
  const user = useUser();
  const refresh = useRefreshRecords();
  const { isBusy, problem, send, tell } = useSending();
  // Whoever may not see templates writes in their own words.
  const { data: templates } = useQuery({ ...templatesQuery, retry: false });
  const [writing, setWriting] = useState<Writing>({ purpose: 'serve', channel: typeof customer.data.phone === 'string' ? 'sms' : 'email', values: {}, subject: '', body: '' });
  const change = (some: Partial<Writing>) => { tell(undefined); setWriting({ ...writing, ...some }); };
  const choices = offered(templates?.items ?? [], writing.purpose, writing.channel);
  // What is not for this purpose or way is chosen no more, and chosen again when one comes back.
  const template = choices.find(({ id }) => id === writing.template);
  const { data: verdict } = useQuery(mayQuery(customer.id, writing.purpose, writing.channel));
  const nameOf = (name: string) => (name === 'subject' || name === 'body' ? text(kind.fields[name]?.label) : name);
  const options = (name: string, only?: readonly string[]) => (kind.fields[name]?.values ?? []).filter(({ value }) => !only || only.includes(value)).map(({ value, label }) => ({ value, label: text(label) }));
  const go = async () => {
    const lacks = missing(writing, template);
    if (lacks.length > 0) return tell(t('compose.missing', { names: lacks.map(nameOf).join(', ') }));
    let made: Item | undefined;
    if (await send(async () => { made = (await records.create('message', messageOf(customer.id, writing, template))).item; }) && made) {
      void refresh('message');
      onSent(made);
    }
  };
  return (
    <Form layout="vertical" className="compose" onFinish={() => void go()}>
      <Form.Item label={text(kind.fields.purpose?.label)}><Segmented aria-label={text(kind.fields.purpose?.label)} value={writing.purpose} onChange={(purpose) => change({ purpose: purpose as Writing['purpose'] })} options={options('purpose')} /></Form.Item>
      <Form.Item label={text(kind.fields.channel?.label)}><Segmented aria-label={text(kind.fields.channel?.label)} value={writing.channel} onChange={(channel) => change({ channel: channel as Way })} options={options('channel', WRITTEN_WAYS)} /></Form.Item>
      <Verdict customer={customer} kind={kind} writing={writing} />
      {choices.length > 0 && (
        <Form.Item label={text(kind.fields.template?.label)} htmlFor="compose-template">
          <Select id="compose-template" value={template?.id ?? OWN_WORDS} onChange={(id: string) => change({ template: id || undefined })} options={[{ value: OWN_WORDS, label: t('compose.own_words') }, ...choices.map((each) => ({ value: each.id, label: each.label }))]} showSearch={{ optionFilterProp: 'label' }} />
        </Form.Item>
      )}
      {template ? (
        <>
          {template.values.map((name) => <Form.Item key={name} label={name} required><Input aria-label={name} value={writing.values[name] ?? ''} maxLength={200} onChange={(event) => change({ values: { ...writing.values, [name]: event.target.value } })} /></Form.Item>)}
          {user && customer.org !== user.org.id && <p className="muted">{t('compose.nearer')}</p>}
          <Reads template={template} customer={customer} values={writing.values} />
        </>
      ) : (
        <>
          {hasSubject(writing.channel) && <Form.Item label={text(kind.fields.subject?.label)} htmlFor="compose-subject" required={writing.channel === 'email'}><Input id="compose-subject" value={writing.subject} maxLength={200} onChange={(event) => change({ subject: event.target.value })} /></Form.Item>}
          <Form.Item label={text(kind.fields.body?.label)} htmlFor="compose-body" required><Input.TextArea id="compose-body" autoSize={{ minRows: 4, maxRows: 16 }} value={writing.body} onChange={(event) => change({ body: event.target.value })} /></Form.Item>
        </>
      )}
      <p className="muted">{t(writing.purpose === 'marketing' ? 'compose.added_marketing' : 'compose.added')}</p>
      {problem && <Alert type="error" showIcon title={problem} />}
      <div className="form-actions">
        <Button type="primary" htmlType="submit" danger={fate(verdict) === 'stopped'} loading={isBusy}>{t(fate(verdict) === 'stopped' ? 'compose.send_anyway' : 'compose.send')}</Button>
      </div>
    </Form>
  );
}

export function Compose({ customer, name, onClose }: { customer: Item; name: string; onClose: () => void }) {
  const { t } = useTranslation();
  const { data: kind } = useKind('message');
  const [sent, setSent] = useState<Item>();
  return (
    <Drawer open size={560} onClose={onClose} title={t('compose.title', { name })} mask={{ closable: false }}>
      {!kind ? <Loading rows={6} /> : sent ? <Result key={sent.id} sent={sent} kind={kind} onAgain={() => setSent(undefined)} /> : <Letter customer={customer} kind={kind} onSent={setSent} />}
    </Drawer>
  );
}
