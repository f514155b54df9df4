// The page of any record: in the layout its plugin describes, else in the console's own.
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Navigate } from '@tanstack/react-router';
import { recordQuery, screensQuery, useKind } from '../../api/queries.ts';
import { ViewBoundary } from '../../descriptor/boundary.tsx';
import { RecordView } from '../../descriptor/RecordView.tsx';
import type { Document, RecordSpec } from '../../descriptor/types.ts';
import { recordView } from '../../descriptor/views.ts';
import { RemovedOr } from '../../ui/Removed.tsx';
import { Failure, Loading } from '../../ui/states.tsx';

const route = getRouteApi('/shell/records/$kind/$id');

export function RecordPage() {
  const { kind: name, id } = route.useParams();
  const { view: wanted } = route.useSearch();
  const { data: kind, error: kindError } = useKind(name);
  const { data: item, error, refetch } = useQuery(recordQuery(name, id));
  const { data: docs, error: docsError } = useQuery(screensQuery);
  if (name === 'data_request') return <Navigate to="/requests/$id" params={{ id }} replace />;
  if (name === 'customer') return <Navigate to="/customers/$id" params={{ id }} replace />;
  if (name === 'user') return <Navigate to="/people/$id" params={{ id }} replace />;
  if (name === 'org') return <Navigate to="/orgs" search={{ id }} replace />;
  if (name === 'role') return <Navigate to="/roles/$id" params={{ id }} replace />;
  if (!item && kind && error) return <RemovedOr kind={name} id={id} error={error} onRetry={() => void refetch()} />;
  if (!item || !kind) return error || kindError ? <Failure error={error ?? kindError} onRetry={() => void refetch()} /> : <Loading rows={12} />;
  // Without screens the record can still be read.
  if (!docs && !docsError) return <Loading rows={12} />;
  const found = recordView(docs ?? [], kind, wanted);
  const own: Document = { ui: 1, plugin: kind.plugin ?? 'core', views: {} };
  const spec: RecordSpec = found ? (found.doc.views[found.name] as RecordSpec) : { view: 'record', kind: name };
  const doc = found?.doc ?? own;
  return <ViewBoundary key={id} doc={doc}><RecordView doc={doc} spec={spec} kind={kind} item={item} /></ViewBoundary>;
}
