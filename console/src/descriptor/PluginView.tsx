// A view of a plugin wherever it stands: drawn from data, behind a boundary of its own.
import { useQuery } from '@tanstack/react-query';
import { Alert } from 'antd';
import { lazy, Suspense, type ReactNode } from 'react';
import { titleOf } from '../api/kind.ts';
import { kindQuery, listQuery } from '../api/queries.ts';
import type { Filter, Text } from '../api/types.ts';
import { bind, isOpenEnded } from '../ui/filter.ts';
import { Panel } from '../ui/Panel.tsx';
import { RecordLink } from '../ui/RecordLink.tsx';
import { Loading } from '../ui/states.tsx';
import { useText } from '../ui/text.ts';
import { FormBody, type Subject } from './actions.tsx';
import { Newer, ViewBoundary } from './boundary.tsx';
import { ListActions, ListView, type ListState } from './ListView.tsx';
import type { Document, ListSpec, PageSpec } from './types.ts';
import { findView } from './views.ts';

// What only some screens draw comes when the first of them is opened.
const BoardView = lazy(() => import('./BoardView.tsx').then(({ BoardView }) => ({ default: BoardView })));
const CalendarView = lazy(() => import('./CalendarView.tsx').then(({ CalendarView }) => ({ default: CalendarView })));
const ChartView = lazy(() => import('./figures.tsx').then(({ ChartView }) => ({ default: ChartView })));
const StatView = lazy(() => import('./figures.tsx').then(({ StatView }) => ({ default: StatView })));
const TilesView = lazy(() => import('./tiles.tsx').then(({ TilesView }) => ({ default: TilesView })));
const CardView = lazy(() => import('./parts.tsx').then(({ CardView }) => ({ default: CardView })));
const StepsView = lazy(() => import('./parts.tsx').then(({ StepsView }) => ({ default: StepsView })));
const ClockListView = lazy(() => import('./parts.tsx').then(({ ClockListView }) => ({ default: ClockListView })));
const TimelineView = lazy(() => import('./parts.tsx').then(({ TimelineView }) => ({ default: TimelineView })));
const ActionView = lazy(() => import('./parts.tsx').then(({ ActionView }) => ({ default: ActionView })));

interface Props {
  doc: Document;
  name: string;
  subject?: Subject;
  recordId?: string;
  filter?: Filter;
  /** As a card with its title; else bare, for a page that has the title already. */
  panel?: boolean;
  state?: ListState;
  onState?: (change: Partial<ListState>) => void;
}

function ListPanel({ doc, spec, ...rest }: Props & { spec: ListSpec }) {
  const text = useText();
  const { data: kind } = useQuery(kindQuery(spec.kind));
  return (
    <Panel title={text(spec.title ?? kind?.plural ?? kind?.label)} extra={kind && <ListActions doc={doc} spec={spec} kind={kind} subject={rest.subject} size="small" />} flush>
      <ListView doc={doc} spec={spec} subject={rest.subject} recordId={rest.recordId} filter={rest.filter} compact />
    </Panel>
  );
}

/** Several views side by side, in twelfths of the width. */
function PageView({ doc, spec, subject }: { doc: Document; spec: PageSpec; subject?: Subject }) {
  return (
    <div className="page-grid">
      {spec.grid.map(({ view, w = 12 }, index) => (
        <div key={`${view} ${index}`} className="page-cell" style={{ gridColumn: `span ${Math.min(12, Math.max(1, w))}` }}>
          <PluginView doc={doc} name={view} subject={subject} panel />
        </div>
      ))}
    </div>
  );
}

/** Views that stand in a panel of their own wherever they are. */
function Boxed({ title, flush, panel, extra, children }: { title: Text | undefined; flush?: boolean; panel?: boolean; extra?: ReactNode; children: ReactNode }) {
  const text = useText();
  return <Panel title={panel ? text(title) : undefined} extra={panel ? extra : undefined} flush={flush}><Suspense fallback={<Loading rows={4} />}>{children}</Suspense></Panel>;
}

function Drawn(props: Props) {
  const { doc, name, panel, subject } = props;
  const text = useText();
  const found = findView(doc, name);
  switch (found.sort) {
    case 'list':
      if (panel) return <ListPanel {...props} spec={found.spec} />;
      return <Panel flush><ListView doc={doc} spec={found.spec} subject={subject} recordId={props.recordId} filter={props.filter} state={props.state} onState={props.onState} /></Panel>;
    case 'form':
      return <Panel title={panel ? text(found.spec.title) : undefined}><FormBody spec={found.spec} subject={subject} onDone={() => {}} /></Panel>;
    case 'board':
      return <Boxed title={found.spec.title} panel={panel} flush><BoardView doc={doc} spec={found.spec} subject={subject} filter={props.filter} /></Boxed>;
    case 'calendar':
      return <Boxed title={found.spec.title} panel={panel} flush><CalendarView doc={doc} spec={found.spec} subject={subject} filter={props.filter} /></Boxed>;
    case 'chart':
      return <Boxed title={found.spec.title} panel={panel}><ChartView spec={found.spec} subject={subject} /></Boxed>;
    case 'tiles':
      return <Boxed title={found.spec.title} panel={panel}><TilesView doc={doc} spec={found.spec} subject={subject} /></Boxed>;
    case 'stat':
      return <StatView spec={found.spec} subject={subject} />;
    case 'card':
      return <Boxed title={found.spec.title} panel={panel}><CardView spec={found.spec} subject={subject} /></Boxed>;
    case 'steps':
      return <Boxed title={found.spec.title} panel={panel}><StepsView spec={found.spec} subject={subject} /></Boxed>;
    case 'clock':
      return <Boxed title={found.spec.title} panel={panel}><ClockListView doc={doc} spec={found.spec} subject={subject} /></Boxed>;
    case 'timeline':
      return <Boxed title={found.spec.title} panel={panel}><TimelineView subject={subject} /></Boxed>;
    case 'action':
      return <ActionView spec={found.spec} subject={subject} />;
    case 'page':
      return <PageView doc={doc} spec={found.spec} subject={subject} />;
    case 'record':
      // A record view needs a record; it is drawn by the record's own page.
      return <Newer doc={doc} what={name} isMissing />;
    case 'newer':
      return <Newer doc={doc} what={found.what} />;
    case 'missing':
      return <Newer doc={doc} what={found.what} isMissing />;
  }
}

export function PluginView(props: Props) {
  return <ViewBoundary doc={props.doc}><Suspense fallback={<Loading rows={3} />}><Drawn {...props} /></Suspense></ViewBoundary>;
}

function BannerBody({ doc, spec, subject }: { doc: Document; spec: ListSpec; subject: Subject }) {
  const text = useText();
  const { data: kind } = useQuery(kindQuery(spec.kind));
  const filter = bind(spec.filter, { subject: subject.id, id: subject.id });
  const { data: page } = useQuery({ ...listQuery(spec.kind, { filter, order: spec.order ?? '-created_at', limit: 5 }), enabled: !isOpenEnded(filter) });
  if (!kind || !page || page.items.length === 0) return null;
  return (
    <Alert
      type="warning"
      showIcon
      className="banner"
      title={
        <span className="banner-line">
          <strong>{text(spec.title ?? doc.title ?? kind.plural ?? kind.label)}</strong>
          {page.items.map((item) => <RecordLink key={item.id} kind={item.kind} id={item.id}>{titleOf(kind, item)}</RecordLink>)}
        </span>
      }
    />
  );
}

/** A banner speaks only when its list has something in it. */
export function BannerView({ doc, name, subject }: { doc: Document; name: string; subject: Subject }) {
  const found = findView(doc, name);
  if (found.sort === 'newer' || found.sort === 'missing') return <Newer doc={doc} what={found.what} isMissing={found.sort === 'missing'} />;
  if (found.sort !== 'list') return <PluginView doc={doc} name={name} subject={subject} panel />;
  return <ViewBoundary doc={doc}><BannerBody doc={doc} spec={found.spec} subject={subject} /></ViewBoundary>;
}
