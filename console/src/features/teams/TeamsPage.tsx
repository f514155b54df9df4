// Teams: the list, and a new one at an organisation.
import { PlusOutlined } from '@ant-design/icons';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { App, Button, Drawer } from 'antd';
import { useCallback, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useMay } from '../../api/may.ts';
import { records, useKind, useRefreshRecords, useUser } from '../../api/queries.ts';
import type { Data, Kind } from '../../api/types.ts';
import { FieldsForm } from '../../ui/FieldsForm.tsx';
import { kindInputs, type FormField } from '../../ui/form.ts';
import { KindList } from '../../ui/KindList.tsx';
import type { ListSearch } from '../../ui/listSearch.ts';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { recordPath } from '../../ui/RecordLink.tsx';
import { Failure, Loading } from '../../ui/states.tsx';

const route = getRouteApi('/shell/teams');
const COLUMNS = ['name', 'org', 'kind', 'members'];

function CreateTeam({ kind, open, onClose }: { kind: Kind; open: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  const user = useUser();
  const navigate = useNavigate();
  const { message } = App.useApp();
  const refresh = useRefreshRecords();
  const fields = useMemo<FormField[]>(() => [...kindInputs(kind), { path: ['org'], input: 'ref', to: 'org', label: t('common.org'), required: true, initial: user?.org.id }], [kind, t, user?.org.id]);
  return (
    <Drawer open={open} onClose={onClose} size={560} destroyOnHidden mask={{ closable: false }} title={t('teams.new')}>
      <FieldsForm
        fields={fields}
        layout={[['name', 'kind'], ['org', 'code'], ['members']]}
        autoFocus
        submitLabel={t('common.create')}
        onCancel={onClose}
        onSubmit={async ({ org, ...data }: Data, extras) => {
          const { item } = await records.create('team', data, extras, String(org));
          void refresh('team', 'user');
          message.success(t('record.created'));
          onClose();
          void navigate({ to: recordPath('team', item.id) as never });
        }}
      />
    </Drawer>
  );
}

export function TeamsPage() {
  const { t, i18n } = useTranslation();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const { data: kind, error, refetch } = useKind('team');
  const canCreate = useMay('team', 'create');
  const [count, setCount] = useState<number>();
  const change = useCallback((next: Partial<ListSearch>, replace?: boolean) => void navigate({ search: (old) => ({ ...old, ...next }), replace }), [navigate]);
  if (!kind) return error ? <Failure error={error} onRetry={() => void refetch()} /> : <Loading rows={10} />;
  const setNew = (isNew: boolean) => void navigate({ search: (old) => ({ ...old, new: isNew || undefined }), replace: true });
  const create = canCreate ? <Button type="primary" icon={<PlusOutlined />} onClick={() => setNew(true)}>{t('teams.new')}</Button> : undefined;
  return (
    <>
      <PageHeader title={t('nav.teams')} note={count === undefined ? undefined : t('list.count', { count: count.toLocaleString(i18n.language) })} actions={create} />
      <Panel flush><KindList kind={kind} search={search} onSearch={change} onCount={setCount} emptyAction={create} columns={COLUMNS} /></Panel>
      <CreateTeam kind={kind} open={search.new === true} onClose={() => setNew(false)} />
    </>
  );
}
