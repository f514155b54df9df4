// All roles: what each is for and what it may, in a line.
import { PlusOutlined } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Input } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useMay } from '../../api/may.ts';
import type { Item, Text } from '../../api/types.ts';
import { LinkButton } from '../../ui/LinkButton.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { Failure, Loading, Nothing } from '../../ui/states.tsx';
import { useText } from '../../ui/text.ts';
import { Tone } from '../../ui/Tone.tsx';
import { readGrants } from './grants.ts';
import { rolesQuery } from './queries.ts';

function Row({ role }: { role: Item }) {
  const { t } = useTranslation();
  const text = useText();
  return (
    <li>
      <Link to="/roles/$id" params={{ id: role.id }} className="kind-row">
        <span className="script-title">{text(role.data.name as Text) || String(role.data.code)}</span>
        <code className="muted">{String(role.data.code)}</code>
        <span className="muted">{String(role.data.note ?? '')}</span>
        <span className="tags">{role.data.status === 'retired' && <Tone tone="warn">{t('roles.retired')}</Tone>}{role.data.like ? <Tone>{t('roles.like', { role: String(role.data.like) })}</Tone> : null}<Tone tone="info">{t('roles.grants_n', { n: readGrants(role.data.grants).length })}</Tone></span>
      </Link>
    </li>
  );
}

export function RolesPage() {
  const { t } = useTranslation();
  const text = useText();
  const { data: roles, error, refetch } = useQuery(rolesQuery);
  const canCreate = useMay('role', 'create');
  const [words, setWords] = useState('');
  const wanted = words.trim().toLowerCase();
  const shown = roles?.filter(({ data }) => !wanted || `${String(data.code)} ${text(data.name as Text)} ${String(data.note ?? '')}`.toLowerCase().includes(wanted));
  const add = canCreate && roles ? <LinkButton to="/roles/$id" params={{ id: 'new' }} look="primary" icon={<PlusOutlined />}>{t('roles.new')}</LinkButton> : undefined;
  return (
    <>
      <PageHeader title={t('nav.roles')} note={roles && t('list.count', { count: roles.length })} actions={add} />
      <p className="page-lead">{t('roles.lead')}</p>
      <Panel flush>
        {error && !roles ? <Failure error={error} onRetry={() => void refetch()} /> : !shown ? <Loading rows={10} /> : (
          <>
            <div className="org-search"><Input type="search" allowClear aria-label={t('roles.search')} placeholder={t('roles.search')} value={words} onChange={(event) => setWords(event.target.value)} /></div>
            {shown.length === 0 ? <Nothing title={t('list.no_match')} /> : <ul className="script-rows">{shown.map((role) => <Row key={role.id} role={role} />)}</ul>}
          </>
        )}
      </Panel>
    </>
  );
}
