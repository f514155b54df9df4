// What went out and arrived, what was stopped and why, and letters that wait for a printer.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { App, Button, Segmented } from 'antd';
import { useTranslation } from 'react-i18next';
import { keys } from '../../api/keys.ts';
import { useKind } from '../../api/queries.ts';
import type { Kind, Refs } from '../../api/types.ts';
import { FieldValue } from '../../ui/FieldValue.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { Pager } from '../../ui/Pager.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { RecordLink, RefTitle } from '../../ui/RecordLink.tsx';
import { Failure, Loading, Nothing } from '../../ui/states.tsx';
import { useErrorText, useText } from '../../ui/text.ts';
import { formatTime } from '../../ui/time.ts';
import { Letters } from './Letters.tsx';
import { cancelMessage, sentQuery, word, type Sent } from './queries.ts';

const route = getRouteApi('/shell/messages');
const PAGE = 25;

function Row({ kind, message, refs }: { kind: Kind; message: Sent; refs: Refs | undefined }) {
  const { t } = useTranslation();
  const { message: toast } = App.useApp();
  const errorText = useErrorText();
  const client = useQueryClient();
  const { data, caught } = message;
  const customer = word(data.customer);
  const cancel = async () => {
    try {
      await cancelMessage(message.id);
      await client.invalidateQueries({ queryKey: keys.records('message') });
    } catch (error) {
      toast.error(errorText(error));
    }
  };
  return (
    <li className="message-row">
      <div className="message-head">
        <FieldValue field={kind.fields.state!} value={data.state} plain />
        {data.delivery != null && <FieldValue field={kind.fields.delivery!} value={data.delivery} plain />}
        {data.reason != null && <FieldValue field={kind.fields.reason!} value={data.reason} plain />}
        <FieldValue field={kind.fields.purpose!} value={data.purpose} plain />
        <FieldValue field={kind.fields.channel!} value={data.channel} plain />
        {customer && <RecordLink kind="customer" id={customer}><RefTitle kind="customer" id={customer} refs={refs} /></RecordLink>}
        {caught && <span className="muted">{caught.address}</span>}
        <span className="rows-end muted">{formatTime(String(data.sent_at ?? data.due_at))}</span>
        {(data.state === 'queued' || data.state === 'printing') && <Button size="small" onClick={() => void cancel()}>{t('messages.cancel')}</Button>}
      </div>
      <p className="message-body">{word(data.subject) && <strong>{word(data.subject)} </strong>}{caught?.body ?? word(data.body)}</p>
    </li>
  );
}

export function MessagesPage() {
  const { t } = useTranslation();
  const text = useText();
  const { state, reason, cursor } = route.useSearch();
  const navigate = route.useNavigate();
  const { data: kind, error: kindError } = useKind('message');
  const { data: page, error, refetch } = useQuery(sentQuery({ state, reason, cursor, limit: PAGE }));
  const failure = error ?? kindError;
  const states = kind?.fields.state?.values ?? [];
  return (
    <>
      <PageHeader
        title={t('nav.messages')}
        note={t('messages.note')}
        actions={<><Letters /><Segmented aria-label={text(kind?.fields.state?.label)} value={state ?? ''} onChange={(next) => void navigate({ search: { state: next || undefined } })} options={[{ value: '', label: t('messages.all') }, ...states.map((each) => ({ value: each.value, label: text(each.label) }))]} /></>}
      />
      {failure && !page ? <Panel><Failure error={failure} onRetry={() => void refetch()} /></Panel> : !page || !kind ? <Loading rows={8} /> : page.items.length === 0 ? <Panel><Nothing title={t('messages.none')} hint={t('messages.none_hint')} /></Panel> : (
        <Panel flush>
          <ul className="rows messages">{page.items.map((message) => <Row key={message.id} kind={kind} message={message} refs={page.refs} />)}</ul>
          {(page.next || cursor) && <Pager cursor={cursor} next={page.next} limit={PAGE} sizes={[PAGE]} shown={page.items.length} onMove={(next) => void navigate({ search: (old) => ({ ...old, cursor: next }) })} onLimit={() => {}} />}
        </Panel>
      )}
    </>
  );
}
