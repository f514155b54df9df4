// What a write would do, before it does it: changes, what follows, messages, or why it would be refused.
import { Alert } from 'antd';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { kindsQuery } from '../api/queries.ts';
import type { Data, DryRun, Field, Kind } from '../api/types.ts';
import { countEvents, dataOf, kindOf } from './dryrun.ts';
import { FieldValue } from './FieldValue.tsx';
import { faultText, useText } from './text.ts';

const SHOWN = 40;

function Values({ kind, data }: { kind: Kind | undefined; data: Data }) {
  const text = useText();
  const entries = Object.entries(data).filter(([, value]) => value !== null && value !== '');
  const cleared = Object.entries(data).filter(([, value]) => value === null);
  if (entries.length + cleared.length === 0) return null;
  const fieldOf = (name: string): Field => kind?.fields[name] ?? { type: 'text', label: name };
  return (
    <dl className="changes">
      {entries.map(([name, value]) => (
        <div key={name} className="change"><dt>{text(fieldOf(name).label) || name}</dt><dd><FieldValue field={fieldOf(name)} value={value} plain /></dd></div>
      ))}
      {cleared.map(([name]) => (
        <div key={name} className="change"><dt>{text(fieldOf(name).label) || name}</dt><dd><del>–</del></dd></div>
      ))}
    </dl>
  );
}

const KNOWN = ['record.create', 'record.change', 'record.move', 'record.remove', 'record.undo', 'record.restore', 'customer.merge', 'review.merge', 'timer.set', 'timer.cancel', 'event.raise'] as const;
type Known = (typeof KNOWN)[number];

export function DryRunView({ run }: { run: DryRun }) {
  const { t, i18n } = useTranslation();
  const text = useText();
  const { data: kinds = [] } = useQuery(kindsQuery);
  const box = useRef<HTMLElement>(null);
  // It comes in below what is being looked at.
  useEffect(() => {
    void box.current?.scrollIntoView({ block: 'nearest' });
  }, [run]);
  const labelOf = (name: string | undefined) => text(kinds.find(({ kind }) => kind === name)?.label) || name || '';
  if (run.faults.length > 0) {
    return (
      <section ref={box} className="dry-refused"><Alert
        type="error"
        showIcon
        title={t('dry.refused')}
        description={<ul className="plain-list">{run.faults.flatMap((fault): { code: string; message: string }[] => (fault.errors?.length ? fault.errors : [fault])).map((fault, index) => <li key={index}>{faultText(fault, i18n.language)}</li>)}</ul>}
      /></section>
    );
  }
  const messages = run.messages ?? [];
  const reasons = kinds.find(({ kind }) => kind === 'message')?.fields.reason?.values;
  const stopped = Object.entries(run.stopped ?? {}).map(([reason, n]) => `${text(reasons?.find(({ value }) => value === reason)?.label) || reason} × ${n}`);
  const events = countEvents(run.events);
  return (
    <section ref={box} className="dry-run" aria-label={t('dry.title')}>
      <h3>{t('dry.title')}</h3>
      <ul className="dry-commands">
        {run.commands.slice(0, SHOWN).map((command, index) => {
          const kind = kindOf(command);
          const known = KNOWN.includes(command.name as Known) ? t(`dry.${command.name as Known}`, { label: labelOf(kind) }) : command.name;
          return (
            <li key={index}>
              <span className="dry-command">{known}</span>
              <Values kind={kinds.find((each) => each.kind === kind)} data={dataOf(command)} />
            </li>
          );
        })}
        {run.commands.length > SHOWN && <li className="muted">{t('timeline.more', { n: run.commands.length - SHOWN })}</li>}
      </ul>
      {events.length > 0 && <p className="muted">{t('dry.events')} {events.map(([kind, n]) => (n > 1 ? `${kind} × ${n}` : kind)).join(t('common.comma'))}</p>}
      <p className="muted">{messages.length > 0 ? t('dry.messages', { n: messages.length }) : t('dry.no_messages')}{stopped.length > 0 && <> {t('dry.stopped')} {stopped.join(t('common.comma'))}</>}</p>
    </section>
  );
}
