// The contact policy of an organisation: quiet hours, how often, how long to rest after a complaint; only ever stricter than above.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Alert, App, Button, Input, InputNumber } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { usePower } from '../../api/may.ts';
import { useUser } from '../../api/queries.ts';
import { readClock } from '../../ui/hours.ts';
import { OrgSelect } from '../../ui/OrgSelect.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { Failure, Loading } from '../../ui/states.tsx';
import { BehindNotice, useDraft } from '../../ui/useDraft.tsx';
import { useSending } from '../../ui/useSending.ts';
import { COUNTS, isWhole, policyKey, policyQuery, settle, SPANS, spell, written, type Policy, type Settled, type Span } from './policy.ts';

function SpanInput({ label, value, onChange, disabled }: { label: string; value: Span | undefined; onChange: (span: Span | undefined) => void; disabled: boolean }) {
  const { t } = useTranslation();
  const { from = '', to = '' } = value ?? {};
  const set = (change: Partial<Span>) => {
    const next = { from, to, ...change };
    onChange(next.from === '' && next.to === '' ? undefined : next);
  };
  const clock = (which: 'from' | 'to', text: string) => (
    <Input className="clock-input" aria-label={`${label} ${t(which === 'from' ? 'policy.from' : 'policy.to')}`} placeholder={which === 'from' ? '20:00' : '08:00'} disabled={disabled} value={text} status={text !== '' && readClock(text) !== text ? 'error' : undefined} onChange={(event) => set({ [which]: event.target.value })} onBlur={() => set({ [which]: readClock(text) ?? text })} />
  );
  return <span className="policy-span">{clock('from', from)} – {clock('to', to)}</span>;
}

const ownOf = ({ own }: Policy) => own;

function Form({ policy }: { policy: Policy }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const client = useQueryClient();
  const { isBusy, problem, send } = useSending();
  const { draft, setDraft, begin, ...behind } = useDraft(policy, ownOf, isBusy);
  const canSettle = usePower('contact.settle');
  const isChanged = JSON.stringify(written(draft)) !== JSON.stringify(written(policy.own));
  const save = async () => {
    const isDone = await send(async () => {
      const answer = await settle(policy.org, written(draft));
      await client.invalidateQueries({ queryKey: policyKey });
      begin(answer);
    });
    if (isDone) message.success(t('common.saved'));
  };
  const set = (change: Settled) => setDraft({ ...draft, ...change });
  return (
    <>
      <BehindNotice {...behind} />
      {problem && <Alert type="error" showIcon className="form-problems" title={problem} />}
      <table className="policy">
        <thead><tr><th scope="col">{t('policy.rule')}</th><th scope="col">{t('policy.own')}</th><th scope="col">{t('policy.holds')}</th></tr></thead>
        <tbody>
          {SPANS.map((name) => (
            <tr key={name}>
              <th scope="row">{t(`policy.${name}`)}</th>
              <td><SpanInput label={t(`policy.${name}`)} value={draft[name]} disabled={!canSettle} onChange={(span) => set({ [name]: span })} /></td>
              <td className="number">{spell(policy.limits[name])}</td>
            </tr>
          ))}
          {COUNTS.map((name) => (
            <tr key={name}>
              <th scope="row">{t(`policy.${name}`)}</th>
              <td><InputNumber<number> aria-label={t(`policy.${name}`)} min={0} max={365} precision={0} disabled={!canSettle} value={draft[name] ?? null} onChange={(value) => set({ [name]: value ?? undefined })} /></td>
              <td className="number">{policy.limits[name]}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className="muted">{t('policy.stricter')}</p>
      {canSettle && <div className="form-buttons"><Button disabled={!isChanged} onClick={behind.take}>{t('common.cancel')}</Button><Button type="primary" loading={isBusy} disabled={!isChanged || behind.isBehind || !isWhole(written(draft))} onClick={() => void save()}>{t('common.save')}</Button></div>}
    </>
  );
}

export function PolicyPage() {
  const { t } = useTranslation();
  const user = useUser();
  const [chosen, setChosen] = useState<string>();
  const org = chosen ?? user?.org.id ?? '';
  const { data: policy, error, refetch } = useQuery(policyQuery(org));
  return (
    <>
      <PageHeader title={t('nav.policy')} actions={<OrgSelect value={org} onChange={setChosen} />} />
      <p className="page-lead">{t('policy.lead')}</p>
      <Panel>{error && !policy ? <Failure error={error} onRetry={() => void refetch()} /> : policy ? <Form key={policy.org} policy={policy} /> : <Loading rows={6} />}</Panel>
    </>
  );
}
