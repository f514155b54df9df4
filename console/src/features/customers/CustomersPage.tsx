// All customers: search, conditions, columns, a new one.
import { PlusOutlined, UploadOutlined } from '@ant-design/icons';
import { getRouteApi } from '@tanstack/react-router';
import { Button } from 'antd';
import { useCallback, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useKind } from '../../api/queries.ts';
import { waysOf } from '../../descriptor/ways.tsx';
import { CreateDrawer } from '../../ui/CreateDrawer.tsx';
import { Shortcut } from '../../ui/shortcuts.tsx';
import { KindList } from '../../ui/KindList.tsx';
import type { ListSearch } from '../../ui/listSearch.ts';
import { LinkButton } from '../../ui/LinkButton.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { Failure, Loading } from '../../ui/states.tsx';
import { COLUMNS, CREATE_LAYOUT } from './layout.ts';

const route = getRouteApi('/shell/customers');

export function CustomersPage() {
  const { t, i18n } = useTranslation();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const { data: kind, error, refetch } = useKind('customer');
  const [count, setCount] = useState<number>();
  const change = useCallback(
    (next: Partial<ListSearch>, replace?: boolean) => void navigate({ search: (old) => ({ ...old, ...next }), replace }),
    [navigate],
  );
  const setNew = (isNew: boolean) => void navigate({ search: (old) => ({ ...old, new: isNew || undefined }), replace: true });
  const create = <Button type="primary" icon={<PlusOutlined />} onClick={() => setNew(true)}>{t('customers.new')}</Button>;
  return (
    <>
      <PageHeader
        title={t('nav.customers')}
        note={count === undefined ? undefined : t('customers.count', { count: count.toLocaleString(i18n.language) })}
        actions={<><LinkButton to="/imports" icon={<UploadOutlined />}>{t('nav.imports')}</LinkButton>{create}</>}
      />
      <Panel flush>
        {!kind && error ? <Failure error={error} onRetry={() => void refetch()} /> : kind ? <KindList kind={kind} search={search} onSearch={change} onCount={setCount} columns={COLUMNS} emptyAction={create} ways={waysOf(kind)} /> : <Loading rows={10} />}
      </Panel>
      <Shortcut keys="n" label={t('customers.new')} run={() => setNew(true)} />
      {kind && <CreateDrawer kind={kind} open={search.new === true} onClose={() => setNew(false)} layout={CREATE_LAYOUT} />}
    </>
  );
}
