// A copy of everything we know of a person: made in the background, fetched when it is there.
import { useMutation, useQuery } from '@tanstack/react-query';
import { Alert, Button, Modal, Progress } from 'antd';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { privacy } from '../api/privacy.ts';
import { useErrorText } from './text.ts';

interface Props {
  id: string;
  name: string;
  request?: string;
  onClose: () => void;
}

export function CopyDialog({ id, name, request, onClose }: Props) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const begin = useMutation({ mutationFn: () => privacy.copy(id, request) });
  const isBegun = useRef(false);
  const start = begin.mutate;
  useEffect(() => {
    if (isBegun.current) return;
    isBegun.current = true;
    start();
  }, [start]);
  const job = begin.data?.reply.job;
  const { data, error } = useQuery({
    queryKey: ['copy', job],
    queryFn: ({ signal }) => privacy.job(job!, signal),
    enabled: job !== undefined,
    refetchInterval: ({ state }) => (state.data && state.data.state !== 'running' ? false : 500),
    retry: false,
  });
  const fetching = useMutation({ mutationFn: () => privacy.fetchCopy(job!) });
  const problem = begin.error ?? error ?? fetching.error;
  const isReady = data?.state === 'done';
  return (
    <Modal
      open
      title={t('copy.title', { name })}
      onCancel={onClose}
      footer={<><Button onClick={onClose}>{t('common.close')}</Button><Button type="primary" disabled={!isReady} loading={fetching.isPending} onClick={() => fetching.mutate()}>{t('copy.fetch')}</Button></>}
    >
      {problem && <Alert type="error" showIcon className="form-problems" title={errorText(problem)} />}
      {data?.state === 'failed' && <Alert type="error" showIcon className="form-problems" title={data.faults?.[0]?.message ?? t('job.failed')} />}
      <p>{t('copy.what')}</p>
      <Progress percent={data && data.total > 0 ? Math.round((100 * data.done) / data.total) : 0} status={isReady ? 'success' : undefined} aria-label={t('job.running')} />
      <p className="muted">{t('copy.kept')}</p>
    </Modal>
  );
}
