// The desk for people's requests about their data: what is due first stands first, with its clock.
import { PlusOutlined } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { Button, Segmented } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { countQuery, listQuery, useKind } from '../../api/queries.ts';
import type { Filter } from '../../api/types.ts';
import { CreateDrawer } from '../../ui/CreateDrawer.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { Pager } from '../../ui/Pager.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { RecordTable } from '../../ui/RecordTable.tsx';
import { Failure, Loading, Nothing } from '../../ui/states.tsx';
import { isOpen, OPEN_STATES } from './requests.ts';

const route = getRouteApi('/shell/requests');
const PAGE = 25;
const COLUMNS = [{ field: 'number' }, { field: 'kind' }, { field: 'customer' }, { field: 'state' }, { field: 'due', format: 'clock' as const, while: { state: OPEN_STATES } }, { field: 'limit', format: 'date' as const }, { field: 'owner' }];

export function RequestsPage() {
  const { t, i18n } = useTranslation();
  const { show = 'open', cursor } = route.useSearch();
  const navigate = route.useNavigate();
  const [isNew, setNew] = useState(false);
  const { data: kind, error: kindError } = useKind('data_request');
  const filter: Filter = { state: show === 'open' ? { in: OPEN_STATES } : { nin: OPEN_STATES } };
  const order = show === 'open' ? 'due' : '-due';
  const { data: page, error, refetch } = useQuery(listQuery('data_request', { filter, order, limit: PAGE, cursor }));
  const { data: count } = useQuery(countQuery('data_request', { filter }));
  const failure = error ?? kindError;
  return (
    <>
      <PageHeader
        title={t('nav.requests')}
        note={count == null ? undefined : t('list.count', { count: count.toLocaleString(i18n.language) })}
        actions={
          <>
            <Segmented aria-label={t('requests.show')} value={show} onChange={(next) => void navigate({ search: { show: isOpen(next) ? undefined : next } })} options={[{ value: 'open', label: t('requests.open') }, { value: 'done', label: t('requests.done') }]} />
            <Button type="primary" icon={<PlusOutlined />} disabled={!kind} onClick={() => setNew(true)}>{t('requests.new')}</Button>
          </>
        }
      />
      <p className="page-lead">{t('requests.lead')}</p>
      {failure && !page ? (
        <Panel><Failure error={failure} onRetry={() => void refetch()} /></Panel>
      ) : !page || !kind ? (
        <Loading rows={8} />
      ) : page.items.length === 0 ? (
        <Panel><Nothing title={t('requests.none')} hint={t('requests.none_hint')} /></Panel>
      ) : (
        <Panel flush>
          <RecordTable kind={kind} items={page.items} refs={page.refs} columns={COLUMNS} order={order} />
          <Pager cursor={cursor} next={page.next} limit={PAGE} sizes={[PAGE]} shown={page.items.length} count={count ?? undefined} onMove={(next) => void navigate({ search: (old) => ({ ...old, cursor: next }) })} onLimit={() => {}} />
        </Panel>
      )}
      {kind && isNew && <CreateDrawer kind={kind} open onClose={() => setNew(false)} />}
    </>
  );
}
