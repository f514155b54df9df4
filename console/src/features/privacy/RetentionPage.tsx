// What is kept how long: the rules, whom they would forget tonight, and who was forgotten.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Alert, App, Button, InputNumber, Switch } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { erasuresQuery, privacy, retentionKeys, retentionQuery, type Retention, type RetentionRules } from '../../api/privacy.ts';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { RecordLink, RefTitle } from '../../ui/RecordLink.tsx';
import { Failure, Loading, Nothing } from '../../ui/states.tsx';
import { useErrorText } from '../../ui/text.ts';
import { formatTime } from '../../ui/time.ts';
import { Tone } from '../../ui/Tone.tsx';
import { BehindNotice, useDraft } from '../../ui/useDraft.tsx';

const asTold = (rules: RetentionRules) => rules;

function Rules({ rules, onTry }: { rules: RetentionRules; onTry: (months: number) => void }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const errorText = useErrorText();
  const client = useQueryClient();
  const [busy, setBusy] = useState(false);
  const { draft, setDraft, begin, isChanged, ...behind } = useDraft(rules, asTold, busy);
  async function save() {
    setBusy(true);
    try {
      const saved = await privacy.setRetention(draft);
      await client.invalidateQueries({ queryKey: retentionKeys.all });
      begin(saved);
      message.success(t('retention.saved'));
    } catch (error) {
      message.error(errorText(error));
    } finally {
      setBusy(false);
    }
  }
  return (
    <Panel title={t('retention.rules')}>
      <BehindNotice {...behind} />
      <dl className="field-list">
        <div className="field"><dt>{t('retention.on')}</dt><dd><Switch aria-label={t('retention.on')} checked={draft.is_on} onChange={(is_on) => setDraft({ ...draft, is_on })} /></dd></div>
        <div className="field"><dt>{t('retention.months')}</dt><dd><InputNumber aria-label={t('retention.months')} min={1} max={120} precision={0} value={draft.months} onChange={(months) => { if (months) { setDraft({ ...draft, months }); onTry(months); } }} /></dd></div>
        <div className="field"><dt>{t('retention.id_image_days')}</dt><dd><InputNumber aria-label={t('retention.id_image_days')} min={0} max={365} precision={0} value={draft.id_image_days} onChange={(days) => setDraft({ ...draft, id_image_days: days ?? 0 })} /></dd></div>
      </dl>
      {draft.is_on && !rules.is_on && <Alert type="warning" showIcon className="form-problems" title={t('retention.warning')} />}
      <div className="form-buttons"><Button type="primary" disabled={!isChanged || behind.isBehind} loading={busy} onClick={() => void save()}>{t('common.save')}</Button></div>
    </Panel>
  );
}

function Due({ found }: { found: Retention }) {
  const { t } = useTranslation();
  return (
    <Panel title={t('retention.due', { n: found.has_more ? `${found.n}+` : found.n })}>
      {found.items.length === 0 ? <Nothing title={t('retention.nobody')} /> : (
        <ul className="rows">
          {found.items.map((each) => (
            <li key={each.id}>
              <RecordLink kind="customer" id={each.id}>{each.name}</RecordLink>
              <span className="muted"><RefTitle kind="org" id={each.org} /></span>
              <span className="muted rows-end">{t('retention.last', { at: formatTime(each.last_contact, 'date') })}</span>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

function Erased() {
  const { t } = useTranslation();
  const { data: items, error, refetch } = useQuery(erasuresQuery);
  return (
    <Panel title={t('retention.erased')}>
      {error && !items ? <Failure error={error} onRetry={() => void refetch()} /> : !items ? <Loading rows={3} /> : items.length === 0 ? <Nothing title={t('retention.none')} /> : (
        <ul className="rows">
          {items.map((each) => (
            <li key={each.customer}>
              <RecordLink kind="customer" id={each.customer}><code>{each.customer.slice(-8)}</code></RecordLink>
              <Tone tone={each.swept_at ? 'good' : 'warn'}>{t(each.swept_at ? 'retention.swept' : 'retention.sweeping')}</Tone>
              <span className="muted rows-end">{formatTime(each.at)}</span>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

export function RetentionPage() {
  const { t } = useTranslation();
  const [months, setMonths] = useState<number>();
  const { data: found, error, refetch } = useQuery(retentionQuery(months));
  return (
    <>
      <PageHeader title={t('nav.retention')} />
      <p className="page-lead">{t('retention.lead')}</p>
      {error && !found ? <Panel><Failure error={error} onRetry={() => void refetch()} /></Panel> : !found ? <Loading rows={6} /> : (
        <div className="columns">
          <div className="column"><Rules rules={found.rules} onTry={setMonths} /><Erased /></div>
          <div className="column"><Due found={found} /></div>
        </div>
      )}
    </>
  );
}
