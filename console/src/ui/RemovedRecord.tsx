// A record that is gone: what it was, and the way back. Loaded when somebody comes upon one.
import { DeleteOutlined, UndoOutlined } from '@ant-design/icons';
import { App, Button } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { records, useHistory, useRefreshRecords } from '../api/queries.ts';
import { History } from './History.tsx';
import { PageHeader } from './PageHeader.tsx';
import { Panel } from './Panel.tsx';
import { Failure, Loading } from './states.tsx';
import { useErrorText } from './text.ts';

export function RemovedRecord({ kind, id, error, onRetry }: { kind: string; id: string; error: unknown; onRetry: () => void }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const { message } = App.useApp();
  const refresh = useRefreshRecords();
  const history = useHistory(kind, id);
  const [busy, setBusy] = useState(false);
  if (history.isPending) return <Loading />;
  if (!history.data?.pages[0]?.items.length) return <Failure error={error} onRetry={onRetry} />;
  const restore = async () => {
    setBusy(true);
    try {
      await records.restore(kind, id);
      await refresh(kind);
      message.success(t('history.restored'));
    } catch (refusal) {
      message.error(errorText(refusal));
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <PageHeader title={t('history.removed')} />
      <Panel>
        <div className="state">
          <DeleteOutlined className="state-icon" aria-hidden />
          <div className="state-title">{t('history.removed_title')}</div>
          <div className="muted">{t('history.removed_hint')}</div>
          <Button type="primary" icon={<UndoOutlined />} loading={busy} onClick={() => void restore()}>{t('history.restore')}</Button>
        </div>
      </Panel>
      <Panel title={t('history.title')}><History kind={kind} id={id} isRemoved /></Panel>
    </>
  );
}
