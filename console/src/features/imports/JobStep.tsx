// The third and fourth step: a running preview or import, its counts, its faults, what to do next.
import { DownloadOutlined } from '@ant-design/icons';
import { Alert, App, Button, Progress } from 'antd';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useRefreshRecords } from '../../api/queries.ts';
import type { Job, Kind } from '../../api/types.ts';
import { LinkButton } from '../../ui/LinkButton.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { Failure, Loading } from '../../ui/states.tsx';
import { faultText, useErrorText, useText } from '../../ui/text.ts';
import { percent } from './automations.ts';
import { download, faultsCsv } from './faults.ts';
import { kept } from './keep.ts';
import { AfterImport } from './AfterImport.tsx';
import { AutomationsChoice, Foreseen } from './Automations.tsx';
import { Notices } from './Notices.tsx';
import { useJob } from '../../api/jobs.ts';
import { ACCEPT, imports, type Automations } from './queries.ts';
import { Table } from '../../ui/Table.tsx';
import { Upload } from '../../ui/Upload.tsx';
import type { ImportCounts, RowFault } from './types.ts';

const COUNTS = ['new', 'known', 'review', 'repeated', 'invalid'] as const satisfies (keyof ImportCounts)[];

function Counts({ counts }: { counts: ImportCounts }) {
  const { t, i18n } = useTranslation();
  return (
    <dl className="counts">
      {COUNTS.map((name) => (
        <div key={name} className={`count count-${name} ${counts[name] === 0 ? 'count-zero' : ''}`}>
          <dt>{t(`import.count.${name}`)}</dt>
          <dd>{counts[name].toLocaleString(i18n.language)}</dd>
          <dd className="count-hint">{t(`import.count_hint.${name}`)}</dd>
        </div>
      ))}
    </dl>
  );
}

function Faults({ kind, job }: { kind: Kind; job: Job }) {
  const { t, i18n } = useTranslation();
  const text = useText();
  const labelOf = (name: string) => text(kind.fields[name]?.label) || name;
  const textOf = (fault: RowFault) => faultText(fault, i18n.language);
  const save = () => download(`${t('import.faults_file')}.csv`, faultsCsv([t('import.row'), t('import.field'), t('import.fault')], job.faults, labelOf, textOf));
  if (job.faults.length === 0) return null;
  return (
    <Panel title={t('import.faults', { n: job.faults.length.toLocaleString(i18n.language) })} extra={<Button size="small" icon={<DownloadOutlined />} onClick={save}>{t('import.download')}</Button>} flush>
      <Table<RowFault>
        size="small"
        rowKey={(fault) => `${fault.row} ${fault.field} ${fault.code}`}
        dataSource={job.faults}
        pagination={{ defaultPageSize: 20 }}
        columns={[
          { key: 'row', title: t('import.row'), width: 80, render: (_, fault) => <span className="number">{fault.row}</span> },
          { key: 'field', title: t('import.field'), width: 140, render: (_, fault) => (fault.field ? labelOf(fault.field) : '') },
          { key: 'fault', title: t('import.fault'), render: (_, fault) => textOf(fault) },
        ]}
      />
    </Panel>
  );
}

interface Props {
  kind: Kind;
  id: string;
  isApply: boolean;
  onApplied: (job: string) => void;
  onRestart: () => void;
}

/** The button that turns a preview into the import; asks for the file again only when the browser has lost it. */
function Apply({ kind, id, job, automations, onApplied }: { kind: Kind; id: string; job: Job; automations: Automations; onApplied: (job: string) => void }) {
  const { t, i18n } = useTranslation();
  const errorText = useErrorText();
  const [busy, setBusy] = useState(false);
  const [isLost, setLost] = useState(false);
  const [problem, setProblem] = useState<string>();
  const counts = job.counts;
  const lines = counts ? counts.new + counts.known + counts.review : 0;
  async function apply(again?: File) {
    setBusy(true);
    setProblem(undefined);
    try {
      const entry = await kept(id);
      const file = again ?? entry?.file;
      if (!file) {
        setLost(true);
        return;
      }
      const mapping = entry?.mapping ?? (job.detail?.mapping as Record<string, string | null> | undefined);
      const key = entry?.key ?? (typeof job.detail?.key === 'string' ? job.detail.key : undefined);
      onApplied((await imports.apply({ kind: kind.kind, file, mapping, key, automations })).job);
    } catch (error) {
      setProblem(errorText(error));
    } finally {
      setBusy(false);
    }
  }
  return (
    <>
      {problem && <Alert type="error" showIcon title={problem} className="form-problems" />}
      {isLost ? (
        <Alert
          type="info"
          showIcon
          title={t('import.lost')}
          action={<Upload accept={ACCEPT} onFile={(file) => void apply(file)}><Button size="small" loading={busy}>{t('import.choose_again')}</Button></Upload>}
        />
      ) : (
        <Button type="primary" loading={busy} disabled={lines === 0} onClick={() => void apply()}>{t('import.apply', { n: lines.toLocaleString(i18n.language) })}</Button>
      )}
    </>
  );
}

export function JobStep({ kind, id, isApply, onApplied, onRestart }: Props) {
  const { t, i18n } = useTranslation();
  const errorText = useErrorText();
  const { message } = App.useApp();
  const refresh = useRefreshRecords();
  const { data: job, error, refetch } = useJob(id);
  const [automations, setAutomations] = useState<Automations>('run');
  const isOver = job !== undefined && job.state !== 'running';
  const isUndoing = job?.state === 'running' && job.undo != null;
  useEffect(() => {
    if (isApply && isOver) void refresh(kind.kind);
  }, [isApply, isOver, kind.kind, refresh]);
  if (error && !job) return <Failure error={error} onRetry={() => void refetch()} />;
  if (!job) return <Loading />;
  const cancel = async () => {
    try {
      await imports.cancel(id);
    } catch (problem) {
      message.error(errorText(problem));
    }
    await refetch();
  };
  const filename = typeof job.detail?.filename === 'string' ? job.detail.filename : undefined;
  return (
    <>
      <Panel title={t(isApply ? 'import.applying' : 'import.previewing')} extra={<span className="muted">{filename}</span>}>
        <div className="job">
          <Progress percent={percent(job)} status={job.state === 'failed' || job.state === 'cancelled' ? 'exception' : job.state === 'running' ? 'active' : 'success'} aria-label={t(`job.${job.state}`)} />
          <div className="job-line" role="status">
            <strong>{isUndoing ? t('import.undoing') : t(`job.${job.state}`)}</strong>
            <span className="muted number">{t('import.progress', { done: job.done.toLocaleString(i18n.language), total: job.total.toLocaleString(i18n.language) })}</span>
          </div>
        </div>
        {job.state === 'failed' && <Alert type="error" showIcon title={t('import.failed')} description={failure(job, i18n.language)} />}
        {job.counts && <Counts counts={job.counts} />}
        {!isApply && job.state === 'done' && (
          <section className="along">
            <h3>{t('import.sets_off')}</h3>
            <Foreseen job={job} />
            <AutomationsChoice value={automations} onChange={setAutomations} />
          </section>
        )}
        {!isApply && job.state === 'done' && <p className="muted">{t('import.preview_note')}</p>}
        {isApply && job.state === 'done' && <Alert type="success" showIcon title={t('import.finished')} />}
        {isApply && job.state === 'cancelled' && <Alert type="warning" showIcon title={t('import.cancelled_note')} />}
        {isApply && <AfterImport kind={kind} job={job} onChanged={refetch} />}
        <div className="form-buttons">
          {job.state === 'running' && !isUndoing && <Button danger onClick={() => void cancel()}>{t('import.cancel')}</Button>}
          {isOver && <Button onClick={onRestart}>{t('import.another')}</Button>}
          {!isApply && job.state === 'done' && <Apply kind={kind} id={id} job={job} automations={automations} onApplied={onApplied} />}
          {isApply && isOver && <LinkButton to={(kind.kind === 'customer' ? '/customers' : `/records/${kind.kind}`) as never} look="primary">{t('import.see')}</LinkButton>}
        </div>
      </Panel>
      <Notices kind={kind} job={job} />
      <Faults kind={kind} job={job} />
    </>
  );
}

function failure(job: Job, locale: string): string {
  const fault = job.detail?.fault ?? job.detail?.error;
  if (typeof fault === 'string') return fault;
  if (fault && typeof fault === 'object' && !Array.isArray(fault)) return faultText({ code: String(fault.code ?? ''), message: String(fault.message ?? '') }, locale);
  return job.faults[0] ? faultText(job.faults[0], locale) : '';
}
