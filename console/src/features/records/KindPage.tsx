// The list of any kind, with or without screens of its own.
import { PlusOutlined } from '@ant-design/icons';
import { getRouteApi, Navigate } from '@tanstack/react-router';
import { Button } from 'antd';
import { useCallback, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useKind } from '../../api/queries.ts';
import { waysOf } from '../../descriptor/ways.tsx';
import { CreateDrawer } from '../../ui/CreateDrawer.tsx';
import { Shortcut } from '../../ui/shortcuts.tsx';
import { KindList } from '../../ui/KindList.tsx';
import type { ListSearch } from '../../ui/listSearch.ts';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { Failure, Loading } from '../../ui/states.tsx';
import { useText } from '../../ui/text.ts';

const route = getRouteApi('/shell/records/$kind');

export function KindPage() {
  const { t, i18n } = useTranslation();
  const text = useText();
  const { kind: name } = route.useParams();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const { data: kind, error, refetch } = useKind(name);
  const [count, setCount] = useState<number>();
  const change = useCallback(
    (next: Partial<ListSearch>, replace?: boolean) => void navigate({ search: (old) => ({ ...old, ...next }), replace }),
    [navigate],
  );
  if (name === 'customer') return <Navigate to="/customers" search={search} replace />;
  if (name === 'user') return <Navigate to="/people" search={search} replace />;
  if (name === 'team') return <Navigate to="/teams" search={search} replace />;
  if (name === 'org') return <Navigate to="/orgs" search={{}} replace />;
  if (name === 'role') return <Navigate to="/roles" replace />;
  if (!kind) return error ? <Failure error={error} onRetry={() => void refetch()} /> : <Loading rows={10} />;
  const setNew = (isNew: boolean) => void navigate({ search: (old) => ({ ...old, new: isNew || undefined }), replace: true });
  const isOpen = kind.written_by !== 'plugin' || kind.create_action !== undefined;
  const create = isOpen ? <Button type="primary" icon={<PlusOutlined />} onClick={() => setNew(true)}>{t('record.new', { label: text(kind.label) })}</Button> : undefined;
  return (
    <>
      <PageHeader title={text(kind.plural ?? kind.label)} note={count === undefined ? undefined : t('list.count', { count: count.toLocaleString(i18n.language) })} actions={create} />
      <Panel flush><KindList key={name} kind={kind} search={search} onSearch={change} onCount={setCount} emptyAction={create} ways={waysOf(kind)} /></Panel>
      {isOpen && <Shortcut keys="n" label={t('record.new', { label: text(kind.label) })} run={() => setNew(true)} />}
      <CreateDrawer kind={kind} open={search.new === true} onClose={() => setNew(false)} />
    </>
  );
}
