// What a customer has agreed to, by purpose and channel, with everything they ever said and the proof of it.
import { LinkOutlined } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { App, Button } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useServerNow } from '../../api/clock.ts';
import { listQuery, useKind } from '../../api/queries.ts';
import type { Item, Kind, Refs } from '../../api/types.ts';
import { copyText } from '../../ui/copy.ts';
import { FieldValue } from '../../ui/FieldValue.tsx';
import { Failure, Loading } from '../../ui/states.tsx';
import { useText } from '../../ui/text.ts';
import { formatTime } from '../../ui/time.ts';
import { Tone } from '../../ui/Tone.tsx';
import { CHANNELS, contactQuery, type Verdict } from './contact.ts';
import { SayForm, type Saying } from './SayForm.tsx';
import { isGranted, standing } from './standing.ts';

const MOST = 200;

interface CellProps {
  said: Item | undefined;
  verdict: Verdict | undefined;
  kind: Kind;
  messages: Kind | undefined;
  onSay: (state: Saying['state']) => void;
  name: string;
}

/** What was said, what follows from it, and the button that changes it. */
function Cell({ said, verdict, kind, messages, onSay, name }: CellProps) {
  const { t } = useTranslation();
  const text = useText();
  const now = useServerNow(60_000);
  const isOn = isGranted(said, now);
  const reason = messages?.fields.reason?.values?.find(({ value }) => value === verdict?.reason);
  return (
    <>
      <td>{said ? <FieldValue field={kind.fields.state!} value={said.data.state} plain /> : <span className="muted">{t('consent.never')}</span>}</td>
      <td>{verdict && (verdict.is_allowed ? <Tone tone="good">{t('contact.allowed')}</Tone> : <Tone tone={reason?.tone ?? 'warn'}>{text(reason?.label) || verdict.reason}</Tone>)}</td>
      <td className="consent-buttons">
        {isOn
          ? <Button size="small" danger aria-label={`${t('consent.withdraw')} ${name}`} onClick={() => onSay('withdrawn')}>{t('consent.withdraw')}</Button>
          : <Button size="small" aria-label={`${t('consent.give')} ${name}`} onClick={() => onSay('granted')}>{t('consent.give')}</Button>}
        {!isOn && said?.data.state !== 'withdrawn' && <Button size="small" type="text" aria-label={`${t('consent.stop')} ${name}`} onClick={() => onSay('withdrawn')}>{t('consent.stop')}</Button>}
      </td>
    </>
  );
}

function Past({ kind, items, refs }: { kind: Kind; items: Item[]; refs: Refs | undefined }) {
  const { t } = useTranslation();
  if (items.length === 0) return <p className="muted">{t('consent.none')}</p>;
  return (
    <ul className="rows consent-past">
      {items.map((item) => (
        <li key={item.id}>
          <span>
            <span className="tags">
              <FieldValue field={kind.fields.state!} value={item.data.state} plain />
              <FieldValue field={kind.fields.purpose!} value={item.data.purpose} plain />
              {item.data.channel != null && <FieldValue field={kind.fields.channel!} value={item.data.channel} plain />}
            </span>
            <span className="muted merge-line">
              <FieldValue field={kind.fields.handler!} value={item.data.handler} refs={refs} plain /> · <FieldValue field={kind.fields.how!} value={item.data.how} plain />
              {typeof item.data.text_version === 'string' && <> · {item.data.text_version}</>}
              {typeof item.data.proof === 'string' && <> · {item.data.proof}</>}
            </span>
          </span>
          <span className="rows-end muted">{item.data.by != null && <FieldValue field={kind.fields.by!} value={item.data.by} refs={refs} plain />} {formatTime(String(item.data.obtained_at))}</span>
        </li>
      ))}
    </ul>
  );
}

export function ConsentPanel({ customer }: { customer: Item }) {
  const { t } = useTranslation();
  const text = useText();
  const { message } = App.useApp();
  const { data: kind } = useKind('consent');
  const { data: messages } = useKind('message');
  const { data: contact, error, refetch } = useQuery(contactQuery(customer.id));
  const { data: page, error: listError } = useQuery(listQuery('consent', { filter: { customer: customer.id }, order: '-obtained_at', limit: MOST }));
  const [saying, setSaying] = useState<Saying>();
  const failure = error ?? listError;
  if (failure && !contact) return <Failure error={failure} onRetry={() => void refetch()} />;
  if (!kind || !contact || !page) return <Loading rows={4} />;
  const label = (field: string, value: string) => text(kind.fields[field]?.values?.find((each) => each.value === value)?.label) || value;
  const others = (kind.fields.purpose?.values ?? []).map(({ value }) => value).filter((value) => value !== 'marketing');
  const rows = [...CHANNELS.map((channel) => ({ purpose: 'marketing', channel, name: `${label('purpose', 'marketing')} · ${label('channel', channel)}` })), ...others.map((purpose) => ({ purpose, channel: undefined, name: label('purpose', purpose) }))];
  const copy = async () => {
    if (await copyText(contact.link ?? '')) message.success(t('consent.copied'));
    else message.error(t('poster.not_copied'));
  };
  return (
    <>
      <div className="consent-head"><p className="muted">{t('consent.lead')}</p>{contact.link && <Button size="small" icon={<LinkOutlined />} onClick={() => void copy()}>{t('consent.link')}</Button>}</div>
      <div className="merge-scroll">
        <table className="consents">
          <thead><tr><th scope="col">{t('consent.purpose')}</th><th scope="col">{t('consent.said')}</th><th scope="col">{t('consent.now')}</th><th scope="col"><span className="visually-hidden">{t('consent.change')}</span></th></tr></thead>
          <tbody>
            {rows.map(({ purpose, channel, name }) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                <Cell kind={kind} messages={messages} name={name} said={standing(page.items, purpose, channel, customer.org)} verdict={contact.items.find((each) => each.purpose === purpose && each.channel === channel)} onSay={(state) => setSaying({ purpose, channel, state })} />
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <h3 className="consent-title">{t('consent.past')}</h3>
      <Past kind={kind} items={page.items} refs={page.refs} />
      {saying && <SayForm customer={customer.id} kind={kind} saying={saying} onClose={() => setSaying(undefined)} />}
    </>
  );
}
