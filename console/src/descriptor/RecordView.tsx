// One record: head, steps, clocks, cards, lists, timeline; in a plugin's layout or the console's own.
import { QuestionCircleOutlined, SyncOutlined } from '@ant-design/icons';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Button, Steps, Tooltip } from 'antd';
import { Link } from '@tanstack/react-router';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useLive } from '../api/events.ts';
import { keys } from '../api/keys.ts';
import { useWhy } from '../api/queries.ts';
import type { Field, Item, Kind, Text } from '../api/types.ts';
import { holds } from '../ui/clock.ts';
import { ClockCard } from '../ui/Clock.tsx';
import { FieldValue } from '../ui/FieldValue.tsx';
import { InlineField } from '../ui/InlineField.tsx';
import { isMasked, RevealField } from '../ui/Masked.tsx';
import { PageHeader } from '../ui/PageHeader.tsx';
import { Panel } from '../ui/Panel.tsx';
import { ReceiptDrawer } from '../ui/Receipt.tsx';
import { useRecent } from '../ui/recent.ts';
import { Sections } from '../ui/Sections.tsx';
import { useText } from '../ui/text.ts';
import { Attachments } from '../ui/Attachments.tsx';
import { History } from '../ui/History.tsx';
import { Timeline, useExplained } from '../ui/Timeline.tsx';
import { Tone } from '../ui/Tone.tsx';
import { useNarrow } from '../ui/useNarrow.ts';
import { kindQuery } from '../api/queries.ts';
import { RecordActions, type Subject } from './actions.tsx';
import type { Block, Document, RecordSpec } from './types.ts';
import { stepsOf } from './views.ts';
import { ListView } from './ListView.tsx';
import { PluginView } from './PluginView.tsx';

/** Whose events a record's page follows: its subject's, as the kind says. */
export function subjectOf(kind: Kind, item: Item): Subject {
  const id = kind.subject ? item.data[kind.subject] : undefined;
  const to = kind.subject ? kind.fields[kind.subject]?.to : undefined;
  return typeof id === 'string' && to ? { kind: to, id } : { kind: item.kind, id: item.id };
}

/** Reads everything about the record again when something happens to its subject. */
export function useLiveRecord(kind: string, id: string, subject: string | undefined) {
  const client = useQueryClient();
  useLive(subject, (events) => {
    void client.invalidateQueries({ queryKey: keys.record(kind, id) });
    // `complaints.case.accepted` → lists of `complaints.case` on the page.
    const kinds = new Set(events.map(({ type }) => type.split('.').slice(0, -1).join('.')));
    for (const each of kinds) void client.invalidateQueries({ queryKey: [...keys.records(each), 'list'] });
  });
}

function StepBar({ kind, item }: { kind: Kind; item: Item }) {
  const text = useText();
  const narrow = useNarrow();
  const steps = stepsOf(kind, item);
  if (!steps || !kind.states) return null;
  const field = kind.fields[kind.states.field];
  const labelOf = (value: string): Text => field?.values?.find((each) => each.value === value)?.label ?? value;
  if (narrow) {
    const value = steps.aside ?? steps.steps[steps.at]!;
    return <div className="steps-narrow"><strong>{text(labelOf(value))}</strong> <span className="muted">{steps.at + 1} / {steps.steps.length}</span></div>;
  }
  return (
    <div className="steps">
      <Steps size="small" titlePlacement="vertical" current={steps.at} status={steps.aside ? 'error' : 'process'} items={steps.steps.map((value) => ({ title: text(labelOf(value)) }))} />
      {steps.aside && <Tone tone="bad">{text(labelOf(steps.aside))}</Tone>}
    </div>
  );
}

function WhyField({ kind, item, name }: { kind: Kind; item: Item; name: string }) {
  const { t } = useTranslation();
  const [asked, setAsked] = useState(false);
  const { data, error } = useWhy(kind.kind, item.id, asked ? name : undefined);
  return (
    <>
      {asked && error && <span className="muted" role="alert">{t('why.none')}</span>}
      <Button type="link" size="small" className="why" icon={<QuestionCircleOutlined />} onClick={() => setAsked(true)}>{t('why.ask')}</Button>
      <ReceiptDrawer receipt={asked ? data : undefined} kind={kind} onClose={() => setAsked(false)} />
    </>
  );
}

/** What only a plugin can fill in is left out while empty; an empty field one can edit is an invitation. */
function shownFields(kind: Kind, item: Item, names: string[]): string[] {
  return kind.written_by === 'plugin' ? names.filter((name) => item.data[name] != null && item.data[name] !== '') : names;
}

/** Fields of a record, each edited where it stands if the kind is open to people. */
export function FieldList({ kind, item, names }: { kind: Kind; item: Item; names: string[] }) {
  const text = useText();
  const { t } = useTranslation();
  const explained = useExplained(kind.kind, item.id);
  return (
    <dl className="field-list">
      {names.flatMap((name) => {
        const field: Field | undefined = kind.fields[name];
        if (!field || (field.retired && item.data[name] == null)) return [];
        const isEditable = kind.written_by !== 'plugin' && !field.readonly && !field.retired && name !== kind.states?.field;
        return [
          <div key={name} className={`field ${field.type === 'long_text' ? 'field-wide' : ''}`}>
            <dt>{text(field.label)}</dt>
            <dd>
              {isMasked(item, name) ? <RevealField item={item} name={name} field={field} /> : isEditable ? <InlineField kind={kind} item={item} name={name} field={field} /> : <FieldValue field={field} value={item.data[name]} refs={item.refs} />}
              {item.stale?.includes(name) && <Tooltip title={t('derived.stale')}><SyncOutlined className="stale-mark" tabIndex={0} role="img" aria-label={t('derived.stale')} /></Tooltip>}
              {(explained.has(name) || field.derived === 'computed') && <WhyField kind={kind} item={item} name={name} />}
              {field.rollup && <Link to={`/records/${field.rollup.kind}` as never} search={{ filter: { ...field.rollup.filter, [field.rollup.via]: item.id } } as never} className="rollup-link">{t('derived.records')}</Link>}
            </dd>
          </div>,
        ];
      })}
    </dl>
  );
}

function TimelineTabs({ kind, item }: { kind: Kind; item: Item }) {
  const { t } = useTranslation();
  return (
    <Panel className="panel-tabs">
      <Sections
        items={[
          { key: 'timeline', label: t('timeline.title'), children: <Timeline kind={kind.kind} id={item.id} /> },
          { key: 'history', label: t('history.title'), children: <History kind={kind.kind} id={item.id} /> },
          { key: 'attachments', label: t('attachments.title'), children: <Attachments kind={kind.kind} id={item.id} /> },
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
  if ('timeline' in block) return <TimelineTabs kind={kind} item={item} />;
  if ('list' in block) return <InnerList doc={doc} name={block.list} filter={block} kind={kind} item={item} />;
  if ('view' in block) return <InnerList doc={doc} name={block.view} filter={block} kind={kind} item={item} />;
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
  const title = String(item.data[kind.title] ?? item.hints?.[kind.title] ?? item.id);
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

