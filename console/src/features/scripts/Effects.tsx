// What trying a rule has found: how far it is, what it would do, what it would change and in whom.
import { useQuery } from '@tanstack/react-query';
import { Alert, Progress } from 'antd';
import { useTranslation } from 'react-i18next';
import { kindQuery } from '../../api/queries.ts';
import type { Job, Json } from '../../api/types.ts';
import { RecordLink, RefTitle } from '../../ui/RecordLink.tsx';
import { problemText } from '../../ui/rhaiProblems.ts';
import { Nothing } from '../../ui/states.tsx';
import { faultText, useText } from '../../ui/text.ts';
import { formatTime } from '../../ui/time.ts';
import { Outcome } from './Reacts.tsx';
import { type Effect, isEven, outlookOf, shown, type Spread } from './tryout.ts';

export function Effects({ job }: { job: Job | undefined }) {
  const { t, i18n } = useTranslation();
  const outlook = job?.state === 'done' ? outlookOf(job) : undefined;
  const number = (n: number) => n.toLocaleString(i18n.language);
  return (
    <>
      {job?.state === 'running' && <Progress percent={job.total > 0 ? Math.floor((100 * job.done) / job.total) : 0} aria-label={t('tryout.running')} />}
      {job?.state === 'failed' && <Alert type="error" showIcon title={job.faults.map((fault) => faultText(fault, i18n.language)).join(' · ')} />}
      {outlook?.asOf && <p className="muted">{t('replay.as_of', { at: formatTime(outlook.asOf) })}</p>}
      {outlook?.commands && <Outcome commands={outlook.commands} number={number} />}
      {outlook && !outlook.commands && outlook.effects.length === 0 && <Nothing title={t('tryout.nothing')} hint={t('tryout.nothing_hint')} />}
      {outlook?.effects.map(([field, effect]) => <FieldEffect key={field} field={field} kind={outlook.kind} effect={effect} number={number} />)}
    </>
  );
}

function FieldEffect({ field, kind, effect, number }: { field: string; kind: string | undefined; effect: Effect; number: (n: number) => string }) {
  const { t, i18n } = useTranslation();
  const text = useText();
  const { data: spec } = useQuery({ ...kindQuery(kind ?? ''), enabled: kind !== undefined });
  const known = spec?.fields[field];
  const label = (value: Json) => text(known?.values?.find((each) => each.value === value)?.label) || shown(value, known?.type === 'money' ? i18n.language : undefined) || t('tryout.none');
  return (
    <section className="effect" aria-label={text(known?.label) || field}>
      <h3>{text(known?.label) || field}</h3>
      <p className="effect-sum">
        <strong>{t('tryout.changed', { n: number(effect.changed) })}</strong> <span className="muted">{t('tryout.of', { n: number(effect.n) })}</span>
        {effect.failed > 0 && <span className="bad-text"> {t('tryout.failed', { n: number(effect.failed) })}</span>}
      </p>
      {effect.faults.map((fault) => <Alert key={fault.message} type="warning" showIcon title={t('tryout.fault', { n: number(fault.n), message: problemText(fault.message, i18n.language) })} />)}
      <div className="effect-parts">
        {effect.moves.length > 0 && (
          <div>
            <h4>{t('tryout.moves')}</h4>
            <ul className="effect-moves">
              {effect.moves.map((move) => <li key={`${move.old} ${move.new}`}><span>{label(move.old)} → {label(move.new)}</span><span className="number">{number(move.n)}</span></li>)}
              {effect.other_moves > 0 && <li className="muted"><span>{t('tryout.other_moves')}</span><span className="number">{number(effect.other_moves)}</span></li>}
            </ul>
          </div>
        )}
        {!isEven(effect) && <div><h4>{t('tryout.spread')}</h4><Bars label={t('tryout.now')} spread={effect.old} most={effect} money={label} /><Bars label={t('tryout.then')} spread={effect.new} most={effect} money={label} /></div>}
        {effect.movers.length > 0 && (
          <div>
            <h4>{t('tryout.movers')}</h4>
            <ul className="effect-moves">
              {effect.movers.map((mover) => (
                <li key={mover.id}>
                  <span>{mover.kind ? <RecordLink kind={mover.kind} id={mover.id}><RefTitle kind={mover.kind} id={mover.id} /></RecordLink> : mover.id.slice(0, 8)}{mover.reasons.length > 0 && <span className="muted merge-line">{mover.reasons.join(' · ')}</span>}</span>
                  <span className="number">{label(mover.old)} → {label(mover.new)}</span>
                </li>
              ))}
            </ul>
          </div>
        )}
      </div>
    </section>
  );
}

/** A histogram, or values with how many have each; both sides to one scale. */
function Bars({ label, spread, most, money }: { label: string; spread: Spread; most: Effect; money: (value: Json) => string }) {
  const { t, i18n } = useTranslation();
  const highest = Math.max(1, ...[most.old, most.new].flatMap((side) => [...(side.bars ?? []), ...(side.values ?? [])].map((each) => each.n)));
  const width = (n: number) => ({ inlineSize: `${(100 * n) / highest}%` });
  const rows = spread.bars?.map((bar) => ({ name: `${money(bar.from)} – ${money(bar.to)}`, n: bar.n })) ?? spread.values?.map((each) => ({ name: money(each.value), n: each.n })) ?? [];
  return (
    <table className="effect-bars">
      <caption>{label}{spread.n_empty > 0 && <span className="muted"> · {t('tryout.empty', { n: spread.n_empty.toLocaleString(i18n.language) })}</span>}</caption>
      <tbody>
        {rows.map((row) => <tr key={row.name}><th scope="row">{row.name}</th><td><span className="effect-bar" style={width(row.n)} aria-hidden />{row.n.toLocaleString(i18n.language)}</td></tr>)}
      </tbody>
    </table>
  );
}
