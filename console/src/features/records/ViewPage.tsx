// A page a plugin put into the side menu.
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useCallback } from 'react';
import { useTranslation } from 'react-i18next';
import { kindQuery, screensQuery } from '../../api/queries.ts';
import { ListActions, type ListState } from '../../descriptor/ListView.tsx';
import { Newer, ViewBoundary } from '../../descriptor/boundary.tsx';
import { PluginView } from '../../descriptor/PluginView.tsx';
import type { Document, ListSpec } from '../../descriptor/types.ts';
import { findView } from '../../descriptor/views.ts';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { Failure, Loading } from '../../ui/states.tsx';
import { useText } from '../../ui/text.ts';

const route = getRouteApi('/shell/views/$plugin/$view');

function HeadActions({ doc, spec }: { doc: Document; spec: ListSpec }) {
  const { data: kind } = useQuery(kindQuery(spec.kind));
  return kind ? <ListActions doc={doc} spec={spec} kind={kind} /> : null;
}

export function ViewPage() {
  const { t } = useTranslation();
  const text = useText();
  const { plugin, view } = route.useParams();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const { data: docs, error, refetch } = useQuery(screensQuery);
  const change = useCallback((next: Partial<ListState>) => void navigate({ search: (old) => ({ ...old, ...next }), replace: 'q' in next }), [navigate]);
  if (!docs) return error ? <Failure error={error} onRetry={() => void refetch()} /> : <Loading rows={10} />;
  const doc = docs.find((each) => each.plugin === plugin);
  if (!doc) return <Newer doc={{ ui: 1, plugin, views: {} }} what={t('view.no_plugin')} isMissing />;
  const found = findView(doc, view);
  const title = text(doc.views[view]?.title ?? doc.title) || doc.plugin;
  return (
    <>
      <PageHeader title={title} actions={found.sort === 'list' || found.sort === 'board' || found.sort === 'calendar' ? <ViewBoundary doc={doc}><HeadActions doc={doc} spec={{ ...found.spec, view: 'list' } as ListSpec} /></ViewBoundary> : undefined} />
      <PluginView key={`${plugin} ${view}`} doc={doc} name={view} state={search} onState={change} />
    </>
  );
}
