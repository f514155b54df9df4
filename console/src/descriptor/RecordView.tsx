// One record: head, steps, clocks, cards, lists, timeline; in a plugin's layout or the console's own.
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { lazy, Suspense, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { titleOf } from '../api/kind.ts';
import type { Item, Kind, Text } from '../api/types.ts';
import { holds } from '../ui/clock.ts';
import { ClockCard } from '../ui/Clock.tsx';
import { FieldValue } from '../ui/FieldValue.tsx';
import { PageHeader } from '../ui/PageHeader.tsx';
import { Panel } from '../ui/Panel.tsx';
import { useRecent } from '../ui/recent.ts';
import { Sections } from '../ui/Sections.tsx';
import { Loading } from '../ui/states.tsx';
import { useText } from '../ui/text.ts';
import { Timeline } from '../ui/Timeline.tsx';
import { kindQuery } from '../api/queries.ts';
import { RecordActions } from './actions.tsx';
import { subjectOf, useLiveRecord } from './live.ts';
import { FieldList, shownFields, StepBar } from './fields.tsx';
import type { Block, Document, RecordSpec } from './types.ts';

const PluginView = lazy(() => import('./PluginView.tsx').then(({ PluginView }) => ({ default: PluginView })));
const ListView = lazy(() => import('./ListView.tsx').then(({ ListView }) => ({ default: ListView })));
const RowsOf = lazy(() => import('./tiles.tsx').then(({ RowsOf }) => ({ default: RowsOf })));
const Attachments = lazy(() => import('../ui/Attachments.tsx').then(({ Attachments }) => ({ default: Attachments })));
const History = lazy(() => import('../ui/History.tsx').then(({ History }) => ({ default: History })));

function TimelineTabs({ kind, item }: { kind: Kind; item: Item }) {
  const { t } = useTranslation();
  return (
    <Panel className="panel-tabs">
      <Sections
        items={[
          { key: 'timeline', label: t('timeline.title'), children: <Timeline kind={kind.kind} id={item.id} /> },
          { key: 'history', label: t('history.title'), children: <Suspense fallback={<Loading />}><History kind={kind.kind} id={item.id} /></Suspense> },
          { key: 'attachments', label: t('attachments.title'), children: <Suspense fallback={<Loading />}><Attachments kind={kind.kind} id={item.id} /></Suspense> },
        ]}
      />
    </Panel>
  );
}

/** A list inside a record's page: a list view of the same plugin, or the records of a kind. */
function InnerList({ doc, name, filter, kind, item }: { doc: Document; name: string; filter?: Block & object; kind: Kind; item: Item }) {
  const text = useText();
  const bound = (filter as { filter?: never } | undefined)?.filter;
  const isView = doc.views[name] !== undefined;
  const { data: other } = useQuery({ ...kindQuery(name), enabled: !isView });
  if (isView) return <PluginView doc={doc} name={name} subject={subjectOf(kind, item)} recordId={item.id} filter={bound} panel />;
  if (!other) return null;
  return (
    <Panel title={text(other.plural ?? other.label)} flush>
      <ListView doc={doc} spec={{ view: 'list', kind: name }} subject={subjectOf(kind, item)} recordId={item.id} filter={bound} compact />
    </Panel>
  );
}

function BlockView({ block, doc, kind, item }: { block: Block; doc: Document; kind: Kind; item: Item }) {
  const text = useText();
  const { t } = useTranslation();
  if ('steps' in block) return <Panel className="panel-steps"><StepBar kind={kind} item={item} /></Panel>;
  if ('clocks' in block) {
    // A clock that was never set, or ran for a step that is over, has nothing to say.
    const telling = block.clocks.filter(({ due, met, while: condition }) => item.data[due] != null && ((met && item.data[met] != null) || holds(condition, item.data)));
    if (telling.length === 0) return null;
    return (
      <div className="clock-cards">
        {telling.map((clock) => <ClockCard key={clock.due} label={text(clock.label)} due={item.data[clock.due]} met={clock.met ? item.data[clock.met] : undefined} running={holds(clock.while, item.data)} />)}
      </div>
    );
  }
  if ('card' in block) {
    const isSpec = typeof block.card === 'object' && ('fields' in block.card || 'title' in block.card);
    const card = isSpec ? (block.card as { title?: Text; fields?: string[] }) : { title: block.card as Text };
    const names = shownFields(kind, item, card.fields ?? block.fields ?? []);
    return names.length > 0 ? <Panel title={text(card.title)}><FieldList kind={kind} item={item} names={names} /></Panel> : null;
  }
  if ('rows' in block) return <Panel title={text(block.title)}><Suspense fallback={<Loading rows={2} />}><RowsOf value={item.data[block.rows]} /></Suspense></Panel>;
  if ('timeline' in block) return <TimelineTabs kind={kind} item={item} />;
  if ('list' in block) return <Suspense fallback={<Loading rows={3} />}><InnerList doc={doc} name={block.list} filter={block} kind={kind} item={item} /></Suspense>;
  if ('view' in block) return <Suspense fallback={<Loading rows={3} />}><InnerList doc={doc} name={block.view} filter={block} kind={kind} item={item} /></Suspense>;
  return <Panel><p className="muted">{t('view.newer', { what: Object.keys(block)[0] ?? '' })}</p></Panel>;
}

/** The console's own layout, for kinds no plugin has a record view for. */
export function ownLayout(kind: Kind): Block[] {
  return [
    ...(kind.states?.steps?.length ? [{ steps: true } as const] : []),
    { card: { 'zh-CN': '资料', en: 'Details' }, fields: Object.keys(kind.fields) },
    { timeline: true },
  ];
}

interface Props {
  doc: Document;
  spec: RecordSpec;
  kind: Kind;
  item: Item;
  /** What a page of its own has to say below the head. */
  notice?: ReactNode;
}

export function RecordView({ doc, spec, kind, item, notice }: Props) {
  const text = useText();
  useLiveRecord(kind.kind, item.id, subjectOf(kind, item).id);
  useRecent(kind.kind, item.id);
  const title = titleOf(kind, item);
  const state = kind.states ? kind.fields[kind.states.field] : undefined;
  const layout = spec.layout ?? ownLayout(kind);
  // What is read stands left, what happened stands right; on a phone one below the other.
  const isHead = (block: Block) => 'steps' in block || 'clocks' in block;
  const isSide = (block: Block) => 'timeline' in block;
  const only = Array.isArray(spec.actions) ? spec.actions.flatMap(({ action }) => (action ? [action] : [])) : undefined;
  const draw = (block: Block, index: number) => <BlockView key={index} block={block} doc={doc} kind={kind} item={item} />;
  const side = layout.filter(isSide);
  return (
    <>
      <PageHeader
        title={title}
        name={`${title} · ${text(kind.label)}`}
        note={<Link to={`/records/${kind.kind}` as never}>{text(kind.plural ?? kind.label)}</Link>}
        tags={kind.states && state ? <FieldValue field={state} value={item.data[kind.states.field]} plain /> : undefined}
        actions={spec.actions === false ? undefined : <RecordActions kind={kind} item={item} only={only} />}
      />
      {notice}
      {layout.filter(isHead).map(draw)}
      <div className={side.length > 0 ? 'columns' : ''}>
        <div className="column">{layout.filter((block) => !isHead(block) && !isSide(block)).map(draw)}</div>
        {side.length > 0 && <div className="column">{side.map(draw)}</div>}
      </div>
    </>
  );
}

