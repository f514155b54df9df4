// One request: its steps and clocks, the tool that carries it out, what happened.
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { Alert, App, Button } from 'antd';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { recordQuery, records, useKind, useRefreshRecords } from '../../api/queries.ts';
import type { Item } from '../../api/types.ts';
import { RecordView } from '../../descriptor/RecordView.tsx';
import type { Document, RecordSpec } from '../../descriptor/types.ts';
import { RemovedOr } from '../../ui/Removed.tsx';
import { Failure, Loading } from '../../ui/states.tsx';
import { useErrorText, useText } from '../../ui/text.ts';
import { isReady, OPEN_STATES, toolOf } from './requests.ts';

const CopyDialog = lazy(() => import('../../ui/CopyDialog.tsx').then(({ CopyDialog }) => ({ default: CopyDialog })));
const EraseDialog = lazy(() => import('../../ui/EraseDialog.tsx').then(({ EraseDialog }) => ({ default: EraseDialog })));

const route = getRouteApi('/shell/requests/$id');
const OWN: Document = { ui: 1, plugin: 'core', views: {} };

function Tool({ item }: { item: Item }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const errorText = useErrorText();
  const refresh = useRefreshRecords();
  const [open, setOpen] = useState<'erase' | 'copy'>();
  const [busy, setBusy] = useState(false);
  const tool = toolOf(item.data.kind);
  const customer = String(item.data.customer ?? '');
  const name = item.refs?.[customer]?.title ?? customer.slice(-8);
  const isWaiting = OPEN_STATES.includes(String(item.data.state));
  if (!tool || !isWaiting) return null;
  if (!isReady(item.data)) return <Alert type="info" showIcon className="form-problems" title={t('requests.check_first')} />;
  async function restrict() {
    setBusy(true);
    try {
      await records.change('customer', customer, { restricted: true });
      message.success(t('requests.restricted'));
      void refresh('customer', 'data_request');
    } catch (error) {
      message.error(errorText(error));
    } finally {
      setBusy(false);
    }
  }
  return (
    <div className="form-buttons form-problems">
      {tool === 'erase' && <Button danger onClick={() => setOpen('erase')}>{t('requests.erase', { name })}</Button>}
      {tool === 'copy' && <Button type="primary" onClick={() => setOpen('copy')}>{t('requests.copy', { name })}</Button>}
      {tool === 'restrict' && <Button type="primary" loading={busy} onClick={() => void restrict()}>{t('requests.restrict', { name })}</Button>}
      <Suspense>
      {open === 'erase' && <EraseDialog id={customer} name={name} request={item.id} onClose={() => setOpen(undefined)} />}
      {open === 'copy' && <CopyDialog id={customer} name={name} request={item.id} onClose={() => setOpen(undefined)} />}
      </Suspense>
    </div>
  );
}

export function RequestPage() {
  const { id } = route.useParams();
  const text = useText();
  const { data: kind, error: kindError } = useKind('data_request');
  const { data: item, error, refetch } = useQuery(recordQuery('data_request', id));
  if (!item && kind && error) return <RemovedOr kind="data_request" id={id} error={error} onRetry={() => void refetch()} />;
  if (!item || !kind) return error || kindError ? <Failure error={error ?? kindError} onRetry={() => void refetch()} /> : <Loading rows={12} />;
  const running = { state: OPEN_STATES };
  const label = (name: string) => kind.fields[name]?.label ?? name;
  const spec: RecordSpec = {
    view: 'record',
    kind: kind.kind,
    layout: [
      { steps: true },
      { clocks: [{ label: label('due'), due: 'due', while: running }, { label: label('limit'), due: 'limit', while: running }] },
      { card: { title: text(kind.label), fields: Object.keys(kind.fields).filter((name) => name !== 'number' && name !== kind.states?.field) } },
      { timeline: true },
    ],
  };
  return <RecordView key={id} doc={OWN} spec={spec} kind={kind} item={item} notice={<Tool item={item} />} />;
}
