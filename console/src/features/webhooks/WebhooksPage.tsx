// Other systems that are told of events: made, paused, tried, given another secret, and what they were told with what they answered.
import { PlusOutlined } from '@ant-design/icons';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Alert, App, Button, Drawer, Form, Input, Modal, Popconfirm, Segmented, Typography } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { Pager } from '../../ui/Pager.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { Failure, Loading, Nothing } from '../../ui/states.tsx';
import { Table } from '../../ui/Table.tsx';
import { formatTime } from '../../ui/time.ts';
import { Tone } from '../../ui/Tone.tsx';
import { useSending } from '../../ui/useSending.ts';
import { change, deliveriesQuery, kindsIn, make, remove, retry, retryAll, rotate, tryOut, webhooksKey, webhooksQuery, type Delivery, type Webhook } from './queries.ts';

const TONES = { active: 'good', paused: 'plain', disabled: 'bad', delivered: 'good', waiting: 'info', failed: 'bad' } as const;

/** Shown once; afterwards it is known to nobody but who has written it down. */
function Secret({ secret, onClose }: { secret: string | undefined; onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <Modal open={secret !== undefined} title={t('webhooks.secret')} onCancel={onClose} footer={<Button type="primary" onClick={onClose}>{t('webhooks.noted')}</Button>}>
      <p>{t('webhooks.secret_once')}</p>
      <Typography.Paragraph copyable><code>{secret}</code></Typography.Paragraph>
    </Modal>
  );
}

function readFilter(text: string): Webhook['filter'] | undefined {
  if (text.trim() === '') return {};
  try {
    const read: unknown = JSON.parse(text);
    return typeof read === 'object' && read !== null && !Array.isArray(read) ? (read as Webhook['filter']) : undefined;
  } catch {
    return undefined;
  }
}

function Editor({ hook, onDone }: { hook: Webhook | undefined; onDone: (secret?: string) => void }) {
  const { t } = useTranslation();
  const { isBusy, problem, send, tell } = useSending();
  const [name, setName] = useState(hook?.name ?? '');
  const [url, setUrl] = useState(hook?.url ?? '');
  const [events, setEvents] = useState(hook?.events.join('\n') ?? '');
  const [filter, setFilter] = useState(hook && Object.keys(hook.filter).length > 0 ? JSON.stringify(hook.filter) : '');
  const save = async () => {
    const read = readFilter(filter);
    if (!read) return tell(t('webhooks.filter_wrong'));
    let secret: string | undefined;
    const written = { name, url, events: kindsIn(events), filter: read };
    const isDone = await send(async () => { secret = (hook ? await change(hook, written) : await make(written)).secret; });
    if (isDone) onDone(secret);
  };
  return (
    <Form layout="vertical" onFinish={() => void save()}>
      {problem && <Alert type="error" showIcon className="form-problems" title={problem} />}
      <Form.Item label={t('webhooks.name')} required><Input value={name} maxLength={100} onChange={(event) => setName(event.target.value)} /></Form.Item>
      <Form.Item label={t('webhooks.url')} required help={t('webhooks.url_help')}><Input value={url} inputMode="url" placeholder="https://" onChange={(event) => setUrl(event.target.value)} /></Form.Item>
      <Form.Item label={t('webhooks.events')} required help={t('webhooks.events_help')}><Input.TextArea autoSize={{ minRows: 3 }} value={events} placeholder={'customer.*\norders.order.delivered'} onChange={(event) => setEvents(event.target.value)} /></Form.Item>
      <Form.Item label={t('webhooks.filter')} help={t('webhooks.filter_help')}><Input value={filter} placeholder={'{"state":"closed"}'} onChange={(event) => setFilter(event.target.value)} /></Form.Item>
      {hook && <p className="muted">{t('webhooks.yours')}</p>}
      <div className="form-buttons"><Button type="primary" htmlType="submit" loading={isBusy}>{t('common.save')}</Button></div>
    </Form>
  );
}

function Log({ hook }: { hook: Webhook }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [state, setState] = useState('');
  const [cursor, setCursor] = useState<string>();
  const { problem, send } = useSending();
  const { data, error, refetch } = useQuery(deliveriesQuery(hook.id, state || undefined, cursor));
  const again = (delivery: Delivery) => send(async () => {
    await retry(hook.id, delivery.id);
    await client.invalidateQueries({ queryKey: webhooksKey });
  });
  return (
    <>
      <div className="toolbar"><Segmented aria-label={t('webhooks.log')} value={state} onChange={(next) => { setState(next); setCursor(undefined); }} options={[{ value: '', label: t('messages.all') }, ...(['waiting', 'delivered', 'failed'] as const).map((value) => ({ value, label: t(`webhooks.${value}`) }))]} /></div>
      {problem && <Alert type="error" showIcon title={problem} />}
      {error && !data ? <Failure error={error} onRetry={() => void refetch()} /> : !data ? <Loading rows={4} /> : data.items.length === 0 ? <Nothing title={t('webhooks.no_log')} /> : (
        <>
          <Table<Delivery>
            rowKey="id"
            size="small"
            label={t('webhooks.log')}
            dataSource={data.items}
            columns={[
              { title: t('webhooks.when'), render: (_, row) => formatTime(row.made_at) },
              { title: t('webhooks.event'), render: (_, row) => <code>{row.kind}</code> },
              { title: t('webhooks.state'), render: (_, row) => <Tone tone={TONES[row.state]}>{t(`webhooks.${row.state}`)}</Tone> },
              { title: t('webhooks.answer'), render: (_, row) => row.fault ?? (row.status === null ? '–' : `${row.status} · ${row.took_ms ?? 0} ms`) },
              { title: t('webhooks.attempts'), align: 'right', render: (_, row) => row.attempts },
              { title: t('webhooks.next'), render: (_, row) => (row.state === 'waiting' ? formatTime(row.due_at) : row.state === 'failed' ? <Button size="small" onClick={() => void again(row)}>{t('webhooks.again')}</Button> : null) },
            ]}
          />
          {(data.next || cursor) && <Pager cursor={cursor} next={data.next} limit={25} sizes={[25]} shown={data.items.length} onMove={setCursor} onLimit={() => {}} />}
        </>
      )}
    </>
  );
}

function Row({ hook, onOpen, onSecret }: { hook: Webhook; onOpen: (what: 'edit' | 'log') => void; onSecret: (secret: string | undefined) => void }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const client = useQueryClient();
  const { isBusy, problem, send } = useSending();
  const act = (what: () => Promise<unknown>) => send(async () => {
    await what();
    await client.invalidateQueries({ queryKey: webhooksKey });
  });
  const test = async () => {
    if (await act(() => tryOut(hook.id))) message.success(t('webhooks.trying'));
  };
  return (
    <li className="message-row">
      <div className="message-head">
        <strong>{hook.name}</strong>
        <Tone tone={TONES[hook.state]}>{t(`webhooks.${hook.state}`)}</Tone>
        {hook.why && <span className="muted">{t(`webhooks.why_${hook.why}`)}</span>}
        {hook.failing_since && hook.state === 'active' && <Tone tone="warn">{t('webhooks.failing', { since: formatTime(hook.failing_since) })}</Tone>}
        {hook.n_waiting > 0 && <span className="muted">{t('webhooks.n_waiting', { n: hook.n_waiting })}</span>}
        {hook.n_failed > 0 && <span className="muted">{t('webhooks.n_failed', { n: hook.n_failed })}</span>}
        <span className="rows-end muted">{t('webhooks.owner', { name: hook.owner_name ?? '–' })}</span>
      </div>
      <p className="message-body"><code>{hook.url}</code> · {hook.events.join(', ')}</p>
      {problem && <Alert type="error" showIcon title={problem} />}
      <div className="form-buttons">
        <Button size="small" onClick={() => onOpen('log')}>{t('webhooks.log')}</Button>
        <Button size="small" onClick={() => onOpen('edit')}>{t('webhooks.edit')}</Button>
        {hook.state === 'active' && <Button size="small" loading={isBusy} onClick={() => void test()}>{t('webhooks.test')}</Button>}
        {hook.state === 'active' && hook.n_failed > 0 && <Button size="small" loading={isBusy} onClick={() => void act(() => retryAll(hook.id))}>{t('webhooks.again_all')}</Button>}
        <Popconfirm title={t('webhooks.rotate_sure')} onConfirm={() => void act(async () => onSecret((await rotate(hook.id)).secret))}><Button size="small">{t('webhooks.rotate')}</Button></Popconfirm>
        <Button size="small" loading={isBusy} onClick={() => void act(() => change(hook, { state: hook.state === 'active' ? 'paused' : 'active' }))}>{t(hook.state === 'active' ? 'webhooks.pause' : 'webhooks.resume')}</Button>
        <Popconfirm title={t('webhooks.remove_sure')} onConfirm={() => void act(() => remove(hook.id))}><Button size="small" danger>{t('webhooks.remove')}</Button></Popconfirm>
      </div>
    </li>
  );
}

export function WebhooksPage() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const { data, error, refetch } = useQuery(webhooksQuery);
  const [open, setOpen] = useState<{ what: 'edit' | 'log'; id?: string }>();
  const [secret, setSecret] = useState<string>();
  const hook = data?.items.find(({ id }) => id === open?.id);
  const add = <Button type="primary" icon={<PlusOutlined />} onClick={() => setOpen({ what: 'edit' })}>{t('webhooks.new')}</Button>;
  const done = (made?: string) => {
    setOpen(undefined);
    setSecret(made);
    void client.invalidateQueries({ queryKey: webhooksKey });
  };
  return (
    <>
      <PageHeader title={t('nav.webhooks')} note={t('webhooks.note')} actions={add} />
      <Panel flush>
        {error && !data ? <Failure error={error} onRetry={() => void refetch()} /> : !data ? <Loading /> : data.items.length === 0 ? <Nothing title={t('webhooks.empty')} hint={t('webhooks.empty_hint')} action={add} /> : (
          <ul className="rows messages">{data.items.map((each) => <Row key={each.id} hook={each} onSecret={setSecret} onOpen={(what) => setOpen({ what, id: each.id })} />)}</ul>
        )}
      </Panel>
      <Drawer open={open !== undefined} onClose={() => setOpen(undefined)} size={open?.what === 'log' ? 'large' : 'default'} title={hook ? hook.name : t('webhooks.new')} destroyOnHidden>
        {open?.what === 'log' && hook ? <Log hook={hook} /> : open && <Editor hook={hook} onDone={done} />}
      </Drawer>
      <Secret secret={secret} onClose={() => setSecret(undefined)} />
    </>
  );
}
