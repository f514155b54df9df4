// Erasing a person: first what goes, what stays and what stands in the way; only then the reason and the button.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Alert, App, Input, Modal } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { privacy, type EraseReport } from '../api/privacy.ts';
import { kindsQuery } from '../api/queries.ts';
import { RecordLink } from './RecordLink.tsx';
import { Failure, Loading } from './states.tsx';
import { faultText, useErrorText, useText } from './text.ts';
import { formatTime } from './time.ts';

function Report({ report }: { report: EraseReport }) {
  const { t } = useTranslation();
  const text = useText();
  const { data: kinds = [] } = useQuery(kindsQuery);
  const labelOf = (name: string) => text(kinds.find(({ kind }) => kind === name)?.label) || name;
  const customer = kinds.find(({ kind }) => kind === 'customer');
  const goes = Object.entries(report.goes).filter(([kind]) => kind !== 'customer');
  return (
    <>
      {report.blocks.length > 0 && (
        <Alert
          type="error"
          showIcon
          className="form-problems"
          title={t('erase.blocks')}
          description={<ul className="plain-list">{report.blocks.map((block) => <li key={block.id}><RecordLink kind={block.kind} id={block.id}>{labelOf(block.kind)} {typeof block.title === 'string' ? block.title : block.id.slice(-8)}</RecordLink></li>)}</ul>}
        />
      )}
      <dl className="values">
        <div><dt>{t('erase.goes')}</dt><dd>{t('erase.goes_customer')}{goes.map(([kind, n]) => <span key={kind}>{t('common.comma')}{labelOf(kind)} × {n}</span>)}{report.files > 0 && <span>{t('common.comma')}{t('erase.files', { n: report.files })}</span>}</dd></div>
        <div><dt>{t('erase.stays')}</dt><dd>{report.stays.length > 0 ? report.stays.map((name) => text(customer?.fields[name]?.label) || name).join(t('common.comma')) : t('erase.stays_nothing')}</dd></div>
        <div><dt>{t('erase.archive')}</dt><dd>{report.archive ? t('erase.archive_until', { n: report.archive.n_items, at: formatTime(report.archive.until, 'date') }) : t('erase.archive_none')}</dd></div>
        {report.merges > 0 && <div><dt>{t('erase.undo')}</dt><dd>{t('erase.undo_merges', { n: report.merges })}</dd></div>}
      </dl>
    </>
  );
}

interface Props {
  id: string;
  name: string;
  request?: string;
  onClose: () => void;
}

export function EraseDialog({ id, name, request, onClose }: Props) {
  const { t, i18n } = useTranslation();
  const { message } = App.useApp();
  const errorText = useErrorText();
  const client = useQueryClient();
  const [why, setWhy] = useState('');
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  const { data: run, error, refetch } = useQuery({ queryKey: ['erase', id, request], queryFn: () => privacy.tryErase(id, request), retry: false, staleTime: 0, gcTime: 0 });
  const report = run?.reply ?? undefined;
  const faults = (run?.faults ?? []).filter(({ code }) => code !== 'erase.open');
  const mayErase = report !== undefined && report.blocks.length === 0 && faults.length === 0 && why.trim().length >= 2;
  async function go() {
    setBusy(true);
    setProblem(undefined);
    try {
      await privacy.erase(id, why.trim(), request);
      message.success(t('erase.done'));
      onClose();
      void client.invalidateQueries();
    } catch (failed) {
      setProblem(errorText(failed));
    } finally {
      setBusy(false);
    }
  }
  return (
    <Modal open title={t('erase.title', { name })} onCancel={onClose} okText={t('erase.go')} cancelText={t('common.cancel')} confirmLoading={busy} okButtonProps={{ danger: true, disabled: !mayErase }} onOk={() => void go()} width={600}>
      {problem && <Alert type="error" showIcon className="form-problems" title={problem} />}
      {faults.map((fault) => <Alert key={fault.code} type="error" showIcon className="form-problems" title={faultText(fault, i18n.language)} />)}
      {error && !run ? <Failure error={error} onRetry={() => void refetch()} /> : !run ? <Loading rows={4} /> : report && <Report report={report} />}
      {report && (
        <>
          <Alert type="warning" showIcon className="form-problems" title={t('erase.final')} />
          <label className="erase-why" htmlFor="erase-why">{t('erase.why')}</label>
          <Input.TextArea id="erase-why" rows={2} maxLength={500} value={why} onChange={(event) => setWhy(event.target.value)} placeholder={t('erase.why_example')} />
        </>
      )}
    </Modal>
  );
}
