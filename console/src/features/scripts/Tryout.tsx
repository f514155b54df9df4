// What a draft would change, before anybody is affected: tried on every record, or on the decisions of the last days.
import { useMutation } from '@tanstack/react-query';
import { Alert, Button, InputNumber } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useJob } from '../../api/jobs.ts';
import type { Json } from '../../api/types.ts';
import { useErrorText } from '../../ui/text.ts';
import { Effects } from './Effects.tsx';
import { tryRule } from './queries.ts';
import { isComputed, isReaction } from './script.ts';
import type { ScriptDetail } from './types.ts';

const DAYS = 30;

interface Props {
  script: ScriptDetail;
  org: string | undefined;
  source: string;
  parameters: Json;
  asks: string[];
}

export function Tryout({ script, org, source, parameters, asks }: Props) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const [days, setDays] = useState(DAYS);
  const [tried, setTried] = useState('');
  const draft = { source, parameters, ...(isReaction(script) ? { asks } : {}), ...(isComputed(script) ? {} : { days }) };
  const asked = JSON.stringify(draft);
  const start = useMutation({ mutationFn: () => tryRule(script.name, org, draft), onMutate: () => setTried(asked) });
  const { data: job } = useJob(start.data?.job);
  const isBusy = start.isPending || job?.state === 'running';
  return (
    <div className="tryout">
      <p className="muted">{t(isComputed(script) ? 'tryout.records_hint' : isReaction(script) ? 'tryout.events_hint' : 'tryout.decisions_hint')}</p>
      <div className="tryout-bar">
        {!isComputed(script) && <InputNumber aria-label={t('tryout.days')} min={1} max={761} value={days} onChange={(value) => setDays(value ?? DAYS)} suffix={t('tryout.days')} />}
        <Button type="primary" loading={isBusy} onClick={() => start.mutate()}>{t('tryout.start')}</Button>
        {job?.state === 'done' && tried !== asked && <span className="muted" role="status">{t('tryout.outdated')}</span>}
      </div>
      {start.error && <Alert type="error" showIcon title={errorText(start.error)} />}
      <Effects job={job} />
    </div>
  );
}
