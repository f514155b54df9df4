// Imports of the last time: where one left off can be gone on with.
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { Job } from '../../api/types.ts';
import { Ago } from '../../ui/FieldValue.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { Tone } from '../../ui/Tone.tsx';
import { jobsQuery } from './queries.ts';

export const TONES: Record<Job['state'], string> = { running: 'info', done: 'good', failed: 'bad', cancelled: 'warn', undone: 'plain' };

export function RecentJobs() {
  const { t, i18n } = useTranslation();
  const { data: jobs = [] } = useQuery(jobsQuery);
  const shown = jobs.filter((job) => job.kind.startsWith('import')).slice(0, 8);
  if (shown.length === 0) return null;
  return (
    <Panel title={t('import.recent')} extra={<Link to="/jobs">{t('jobs.all')}</Link>} flush>
      <ul className="rows">
        {shown.map((job) => {
          const isApply = job.detail?.mode === 'apply';
          const kind = typeof job.detail?.kind === 'string' && job.detail.kind !== 'customer' ? job.detail.kind : undefined;
          return (
            <li key={job.id}>
              <Link to="/imports" search={isApply ? { kind, apply: job.id } : { kind, preview: job.id }}>{typeof job.detail?.filename === 'string' ? job.detail.filename : job.id.slice(0, 8)}</Link>
              <span className="muted">{t(isApply ? 'import.step_apply' : 'import.step_preview')}</span>
              <Tone tone={TONES[job.state]}>{t(`job.${job.state}`)}</Tone>
              <span className="muted number">{t('import.rows', { n: job.total.toLocaleString(i18n.language) })}</span>
              <span className="muted rows-end">{job.created_at && <Ago at={job.created_at} />}</span>
            </li>
          );
        })}
      </ul>
    </Panel>
  );
}
