// People: the list with its conditions and views, and a new colleague with a first password.
import { PlusOutlined, UploadOutlined } from '@ant-design/icons';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { App, Button, Drawer } from 'antd';
import { useCallback, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useMay } from '../../api/may.ts';
import { records, useKind, useRefreshRecords, useUser } from '../../api/queries.ts';
import type { Data, Kind } from '../../api/types.ts';
import { FieldsForm } from '../../ui/FieldsForm.tsx';
import { fieldInput, type FormField } from '../../ui/form.ts';
import { KindList } from '../../ui/KindList.tsx';
import type { ListSearch } from '../../ui/listSearch.ts';
import { LinkButton } from '../../ui/LinkButton.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { Failure, Loading } from '../../ui/states.tsx';
import { useErrorText } from '../../ui/text.ts';
import { accounts, useRoleChoices } from './queries.ts';

const route = getRouteApi('/shell/people');
const COLUMNS = ['name', 'login', 'org', 'roles', 'team', 'status', 'capacity'];
const ASKED = ['name', 'login', 'roles', 'phone', 'email', 'team', 'capacity', 'locale'];
const LAYOUT = [['name', 'login'], ['org', 'roles'], ['password'], ['phone', 'email'], ['team', 'capacity'], ['locale']];

function CreatePerson({ kind, open, onClose }: { kind: Kind; open: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  const user = useUser();
  const navigate = useNavigate();
  const errorText = useErrorText();
  const { message, notification } = App.useApp();
  const refresh = useRefreshRecords();
  const roles = useRoleChoices(kind);
  const fields = useMemo<FormField[]>(
    () => [
      ...ASKED.filter((name) => kind.fields[name]).map((name) => (name === 'roles' ? { ...fieldInput(name, kind.fields[name]!), input: 'enum_list' as const, choices: roles } : fieldInput(name, kind.fields[name]!))),
      { path: ['org'], input: 'ref', to: 'org', label: t('common.org'), required: true, initial: user?.org.id },
      { path: ['password'], input: 'password', label: t('people.first_password'), help: t('people.first_password_hint'), required: false, maxLength: 128 },
    ],
    [kind, roles, t, user?.org.id],
  );
  return (
    <Drawer open={open} onClose={onClose} size={560} destroyOnHidden mask={{ closable: false }} title={t('people.new')}>
      <FieldsForm
        fields={fields}
        layout={LAYOUT}
        autoFocus
        submitLabel={t('common.create')}
        onCancel={onClose}
        onSubmit={async ({ org, password, ...data }: Data, extras) => {
          const { item } = await records.create('user', data, extras, String(org));
          void refresh('user', 'team');
          // The person is there from here on: a password that is refused is told, and set on their page.
          if (typeof password === 'string' && password !== '') {
            await accounts.setPassword(item.id, password).then(() => message.success(t('people.created')), (error: unknown) => notification.warning({ title: t('people.no_password_yet'), description: errorText(error) }));
          } else {
            message.success(t('record.created'));
          }
          onClose();
          void navigate({ to: '/people/$id', params: { id: item.id } });
        }}
      />
    </Drawer>
  );
}

export function PeoplePage() {
  const { t, i18n } = useTranslation();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const { data: kind, error, refetch } = useKind('user');
  const canCreate = useMay('user', 'create');
  const [count, setCount] = useState<number>();
  const change = useCallback((next: Partial<ListSearch>, replace?: boolean) => void navigate({ search: (old) => ({ ...old, ...next }), replace }), [navigate]);
  if (!kind) return error ? <Failure error={error} onRetry={() => void refetch()} /> : <Loading rows={10} />;
  const setNew = (isNew: boolean) => void navigate({ search: (old) => ({ ...old, new: isNew || undefined }), replace: true });
  const create = canCreate ? <Button type="primary" icon={<PlusOutlined />} onClick={() => setNew(true)}>{t('people.new')}</Button> : undefined;
  return (
    <>
      <PageHeader title={t('nav.users')} note={count === undefined ? undefined : t('list.count', { count: count.toLocaleString(i18n.language) })} actions={<>{canCreate && <LinkButton to="/imports" search={{ kind: 'user' }} icon={<UploadOutlined />}>{t('nav.imports')}</LinkButton>}{create}</>} />
      <Panel flush><KindList kind={kind} search={search} onSearch={change} onCount={setCount} emptyAction={create} columns={COLUMNS} /></Panel>
      <CreatePerson kind={kind} open={search.new === true} onClose={() => setNew(false)} />
    </>
  );
}
