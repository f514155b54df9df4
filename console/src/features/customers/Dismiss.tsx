// Telling two customers apart, with the reason that keeps them from being asked about again.
import { Input, Modal } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { MAX_WHY } from '../../ui/Doubt.tsx';
import { useSending } from '../../ui/useSending.ts';

export function Dismiss({ onCancel, onDismiss }: { onCancel: () => void; onDismiss: (why: string) => Promise<void> }) {
  const { t } = useTranslation();
  const [why, setWhy] = useState('');
  const { isBusy, problem, send, tell } = useSending();
  const go = async () => {
    if (!why.trim()) return tell(t('form.required', { label: t('history.why') }));
    await send(() => onDismiss(why.trim()));
  };
  return (
    <Modal open title={t('review.dismiss_title')} onCancel={onCancel} onOk={() => void go()} okText={t('review.dismiss')} cancelText={t('common.cancel')} confirmLoading={isBusy} width={460}>
      <Input aria-label={t('history.why')} placeholder={t('review.dismiss_example')} autoFocus value={why} maxLength={MAX_WHY} status={problem ? 'error' : undefined} onChange={(event) => { setWhy(event.target.value); tell(undefined); }} onPressEnter={() => void go()} />
      {problem && <div className="input-error" role="alert">{problem}</div>}
    </Modal>
  );
}
