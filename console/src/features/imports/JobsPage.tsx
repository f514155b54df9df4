// Everything that runs in the background, and what was taken out as files.
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { Button, Progress } from 'antd';
import { useTranslation } from 'react-i18next';
import { api } from '../../api/client.ts';
import { kindsQuery } from '../../api/queries.ts';
import type { Actor, Collection, Filter, Job } from '../../api/types.ts';
import { countRules, readFilter } from '../../ui/builder.ts';
import { Ago } from '../../ui/FieldValue.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { RefTitle } from '../../ui/RecordLink.tsx';
import { Sections } from '../../ui/Sections.tsx';
import { Failure, Loading, Nothing } from '../../ui/states.tsx';
import { useText } from '../../ui/text.ts';
import { Tone } from '../../ui/Tone.tsx';
import { percent } from './automations.ts';
import { exportKeys, jobsQuery } from './queries.ts';
import { TONES } from './RecentJobs.tsx';

const route = getRouteApi('/shell/jobs');

const JOB_KINDS = ['import', 'derive', 'find_duplicates', 'preview_script', 'personal_export'] as const;

function useLabelOf() {
  const text = useText();
  const { data: kinds = [] } = useQuery(kindsQuery);
  return (name: unknown) => (typeof name === 'string' ? text(kinds.find(({ kind }) => kind === name)?.label) || name : '');
}

function JobRow({ job }: { job: Job }) {
  const { t, i18n } = useTranslation();
  const labelOf = useLabelOf();
  const { mode, kind, filename } = job.detail ?? {};
  const known = JOB_KINDS.find((each) => job.kind === each || job.kind.startsWith(`${each}.`));
  const name = typeof filename === 'string' && filename ? filename : known ? t(`jobs.kind.${known}`) : job.kind;
  const search = { kind: typeof kind === 'string' && kind !== 'customer' ? kind : undefined, ...(mode === 'apply' ? { apply: job.id } : { preview: job.id }) };
  return (
    <li className="job-row">
      <span>
        {known === 'import' ? <Link to="/imports" search={search}>{name}</Link> : <strong>{name}</strong>}
        <span className="muted merge-line">{known === 'import' && t(mode === 'apply' ? 'import.step_apply' : 'import.step_preview')} {labelOf(kind)}</span>
      </span>
      <Tone tone={TONES[job.state]}>{t(`job.${job.state}`)}</Tone>
      {job.state === 'running' ? <Progress percent={percent(job)} size="small" aria-label={t('job.running')} /> : <span className="muted number">{t('import.progress', { done: job.done.toLocaleString(i18n.language), total: job.total.toLocaleString(i18n.language) })}</span>}
      <span className="muted rows-end">{job.created_at && <Ago at={job.created_at} />}</span>
    </li>
  );
}

function Jobs() {
  const { t } = useTranslation();
  const { data: jobs, error, refetch } = useQuery(jobsQuery);
  if (error && !jobs) return <Failure error={error} onRetry={() => void refetch()} />;
  if (!jobs) return <Loading />;
  if (jobs.length === 0) return <Nothing title={t('jobs.none')} hint={t('jobs.none_hint')} />;
  return <ul className="rows">{jobs.map((job) => <JobRow key={job.id} job={job} />)}</ul>;
}

interface ExportEntry {
  id: string;
  at?: string;
  created_at?: string;
  actor: Actor | string;
  kind: string;
  format: string;
  purpose: string;
  filter?: Filter | null;
  rows?: number | null;
  n_rows?: number | null;
  state?: string;
}

function Exports() {
  const { t, i18n } = useTranslation();
  const labelOf = useLabelOf();
  const query = useInfiniteQuery({
    queryKey: exportKeys.all,
    queryFn: ({ pageParam, signal }) => api.get<Collection<ExportEntry>>('/exports', { limit: 50, cursor: pageParam }, signal),
    initialPageParam: '',
    getNextPageParam: (page) => page.next ?? undefined,
    retry: false,
  });
  const items = query.data?.pages.flatMap((page) => page.items);
  if (query.error && !items) return <Failure error={query.error} onRetry={() => void query.refetch()} />;
  if (!items) return <Loading />;
  if (items.length === 0) return <Nothing title={t('jobs.no_exports')} />;
  return (
    <>
      <ul className="rows">
        {items.map((each) => {
          const n = each.n_rows ?? each.rows;
          const label = typeof each.actor === 'string' ? each.actor : (each.actor.name ?? each.actor.label);
          const at = each.at ?? each.created_at;
          return (
            <li key={each.id}>
              <span><strong>{each.purpose}</strong><span className="muted merge-line">{label.startsWith('user:') ? <RefTitle kind="user" id={label.slice(5)} /> : label} · {labelOf(each.kind)} · {each.format.toUpperCase()} · {t('segments.rules', { n: countRules(readFilter(each.filter ?? {})) })}</span></span>
              <span className="number">{n == null ? '' : t('import.rows', { n: n.toLocaleString(i18n.language) })}</span>
              <span className="muted rows-end">{at && <Ago at={at} />}</span>
            </li>
          );
        })}
      </ul>
      {query.hasNextPage && <Button block loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>{t('timeline.older')}</Button>}
    </>
  );
}

export function JobsPage() {
  const { t } = useTranslation();
  const { tab = 'jobs' } = route.useSearch();
  const navigate = route.useNavigate();
  return (
    <>
      <PageHeader title={t('nav.jobs')} note={t('jobs.note')} />
      <Panel className="panel-tabs">
        <Sections
          active={tab}
          onChange={(next) => void navigate({ search: { tab: next === 'jobs' ? undefined : next }, replace: true })}
          items={[{ key: 'jobs', label: t('jobs.jobs'), children: <Jobs /> }, { key: 'exports', label: t('jobs.exports'), children: <Exports /> }]}
        />
      </Panel>
    </>
  );
}
