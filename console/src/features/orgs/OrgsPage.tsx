// Organisations: the tree beside the one that is chosen; on a phone one after the other.
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { UploadOutlined } from '@ant-design/icons';
import { useTranslation } from 'react-i18next';
import { useKind } from '../../api/queries.ts';
import { LinkButton } from '../../ui/LinkButton.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { Failure, Loading } from '../../ui/states.tsx';
import { useNarrow } from '../../ui/useNarrow.ts';
import { OrgDetails } from './OrgDetails.tsx';
import { treeQuery } from './queries.ts';
import { TreePanel } from './TreePanel.tsx';

const route = getRouteApi('/shell/orgs');

export function OrgsPage() {
  const { t } = useTranslation();
  const narrow = useNarrow();
  const { id: asked } = route.useSearch();
  const { data: kind, error: kindError } = useKind('org');
  const { data: tree, error, refetch } = useQuery(treeQuery);
  if (!tree || !kind) return error || kindError ? <><PageHeader title={t('nav.orgs')} /><Panel><Failure error={error ?? kindError} onRetry={() => void refetch()} /></Panel></> : <Loading rows={12} />;
  const id = asked ?? (narrow ? undefined : tree.items[0]?.id);
  const panel = <Panel flush className="org-panel"><TreePanel nodes={tree.items} kind={kind} active={id} /></Panel>;
  const count = t('list.count', { count: tree.items.length });
  if (narrow) {
    if (id) return <OrgDetails key={id} id={id} kind={kind} tree={tree} />;
    return <><PageHeader title={t('nav.orgs')} note={count} />{panel}</>;
  }
  return (
    <div className="org-sides">
      <div>
        <div className="org-head"><strong>{t('nav.orgs')}</strong> <span className="muted">{count}</span> <LinkButton to="/imports" search={{ kind: 'org' }} size="small" icon={<UploadOutlined />} className="rows-end">{t('nav.imports')}</LinkButton></div>
        {panel}
      </div>
      <div className="column">{id && <OrgDetails key={id} id={id} kind={kind} tree={tree} />}</div>
    </div>
  );
}
