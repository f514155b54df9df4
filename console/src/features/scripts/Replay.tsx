// "This rule in that time": a published version, or the one being written, held against days that have passed. Nothing is written.
import { useMutation, useQuery } from '@tanstack/react-query';
import { Alert, Button, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useServerNow } from '../../api/clock.ts';
import { useJob } from '../../api/jobs.ts';
import { orgsQuery } from '../../api/queries.ts';
import { DatePicker, RangePicker } from '../../ui/dates.tsx';
import { useErrorText } from '../../ui/text.ts';
import { formatTime, fromPicker, toPicker, zoneOf } from '../../ui/time.ts';
import { Effects } from './Effects.tsx';
import { tryRule, versionsQuery } from './queries.ts';
import { type Days, isInReach, lastMonth, trialOf, WRITTEN, type Written } from './replay.ts';
import { isComputed, isReaction } from './script.ts';
import type { ScriptDetail } from './types.ts';

const HOUR_MS = 3_600_000;

interface Props {
  script: ScriptDetail;
  org: string | undefined;
  written: Written;
  version: number;
  onVersion: (version: number) => void;
}

export function Replay({ script, org, written, version: wanted, onVersion }: Props) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const now = useServerNow(HOUR_MS);
  const { data: versions = [] } = useQuery(versionsQuery(script.name, org));
  // What an organisation above has published is not its own to ask for.
  const version = versions.some((each) => each.version === wanted) ? wanted : WRITTEN;
  const { data: orgs = [] } = useQuery(orgsQuery);
  const own = orgs.find(({ id }) => id === org)?.data.time_zone;
  const zone = typeof own === 'string' ? own : zoneOf();
  const [chosen, setDays] = useState<Days>();
  const [moment, setMoment] = useState<string>();
  const days = chosen ?? lastMonth(now, zone);
  const trial = trialOf(script, version, { days, moment }, written, zone);
  const asked = JSON.stringify(trial);
  const [tried, setTried] = useState('');
  const start = useMutation({ mutationFn: () => tryRule(script.name, org, trial), onMutate: () => setTried(asked) });
  const { data: job } = useJob(start.data?.job);
  const options = [
    { value: WRITTEN, label: t('replay.written') },
    ...versions.map((each) => {
      const at = each.published_at ?? each.at;
      return { value: each.version, label: [t('scripts.version', { version: each.version }), at && formatTime(at, 'date')].filter(Boolean).join(' · ') };
    }),
  ];
  return (
    <div className="tryout">
      <p className="muted">{t(isComputed(script) ? 'replay.records_hint' : isReaction(script) ? 'replay.events_hint' : 'replay.decisions_hint')}</p>
      <div className="tryout-bar">
        <Select className="replay-version" aria-label={t('replay.rule')} value={version} onChange={onVersion} options={options} />
        {isComputed(script) ? (
          <DatePicker
            showTime={{ format: 'HH:mm' }}
            format="YYYY-MM-DD HH:mm"
            value={toPicker(moment, zone)}
            placeholder={t('replay.moment')}
            aria-label={t('replay.moment')}
            disabledDate={(day) => !isInReach(day, now, zone)}
            onChange={(at) => setMoment(fromPicker(at, zone))}
          />
        ) : (
          <RangePicker
            allowClear={false}
            value={days}
            placeholder={[t('replay.from'), t('replay.to')]}
            disabledDate={(day) => !isInReach(day, now, zone)}
            onChange={(picked) => { if (picked?.[0] && picked[1]) setDays([picked[0], picked[1]]); }}
          />
        )}
        <Button type="primary" loading={start.isPending || job?.state === 'running'} onClick={() => start.mutate()}>{t(isComputed(script) ? 'tryout.start' : 'replay.start')}</Button>
        <span className="muted">{t(isComputed(script) ? 'replay.clock' : 'replay.zone', { zone })}</span>
        {job?.state === 'done' && tried !== asked && <span className="muted" role="status">{t('replay.outdated')}</span>}
      </div>
      {start.error && <Alert type="error" showIcon title={errorText(start.error)} />}
      <Effects job={job} />
    </div>
  );
}
