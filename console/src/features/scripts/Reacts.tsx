// What a reaction may ask for, and what a draft of it would have done in the last days.
import { Alert, Select } from 'antd';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { useKind } from '../../api/queries.ts';
import { problemText } from '../../ui/rhaiProblems.ts';
import { useText } from '../../ui/text.ts';
import { definitionsQuery } from './queries.ts';
import type { Commands } from './tryout.ts';
import { Pre } from '../../ui/Pre.tsx';

/** Whether messages can go out, so that a second person has to publish it. */
export const sends = (asks: string[]) => asks.includes('message.send');

export function Grants({ org, asks, onChange }: { org: string | undefined; asks: string[]; onChange: (asks: string[]) => void }) {
  const { t } = useTranslation();
  const { data } = useQuery(definitionsQuery(org));
  return (
    <div className="parameters">
      <p className="muted">{t('scripts.asks_hint')}</p>
      <Select mode="multiple" aria-label={t('scripts.asks')} value={asks} onChange={onChange} options={(data?.asks ?? asks).map((ask) => ({ value: ask, label: ask }))} className="parameter-list" />
      {sends(asks) && <Alert type="info" showIcon title={t('scripts.second_person')} />}
    </div>
  );
}

export function Outcome({ commands, number }: { commands: Commands; number: (n: number) => string }) {
  const { t, i18n } = useTranslation();
  const text = useText();
  const { data: messages } = useKind('message');
  const reasonOf = (reason: string) => text(messages?.fields.reason?.values?.find(({ value }) => value === reason)?.label) || reason;
  const names = [...new Set([...Object.keys(commands.asked), ...Object.keys(commands.asked_before)])].sort();
  return (
    <section className="effect" aria-label={t('tryout.title')}>
      <p className="effect-sum">
        <strong>{t('tryout.events', { n: number(commands.events) })}</strong> <span className="muted">{t('tryout.changed_events', { n: number(commands.changed) })}</span>
        {commands.failed > 0 && <span className="bad-text"> {t('tryout.failed_events', { n: number(commands.failed) })}</span>}
      </p>
      {Object.entries(commands.faults).map(([message, n]) => <Alert key={message} type="warning" showIcon title={t('tryout.fault', { n: number(n), message: problemText(message, i18n.language) })} />)}
      {commands.messages.n > 0 && (
        <Alert
          type="info"
          showIcon
          title={t('tryout.messages', { n: number(commands.messages.n), stopped: number(commands.messages.stopped) })}
          description={Object.entries(commands.messages.reasons).map(([reason, n]) => `${reasonOf(reason)} ${number(n)}`).join(' · ')}
        />
      )}
      {names.length === 0 ? <p className="muted">{t('tryout.asks_nothing')}</p> : <table className="effect-bars">
        <thead><tr><th scope="col">{t('tryout.command')}</th><th scope="col">{t('tryout.now')}</th><th scope="col">{t('tryout.then')}</th></tr></thead>
        <tbody>
          {names.map((name) => <tr key={name}><th scope="row"><code>{name}</code></th><td>{number(commands.asked_before[name] ?? 0)}</td><td>{number(commands.asked[name] ?? 0)}</td></tr>)}
        </tbody>
      </table>}
      {commands.told.length > 0 && (
        <details>
          <summary>{t('tryout.told', { n: commands.told.length })}</summary>
          <ul className="effect-moves">{commands.told.map((each) => <li key={each.seq}><code>{each.kind} #{each.seq}</code><Pre>{each.fault ? problemText(each.fault, i18n.language) : JSON.stringify(each.new, null, 1)}</Pre></li>)}</ul>
        </details>
      )}
    </section>
  );
}
