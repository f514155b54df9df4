// A board: one column a value, cards dragged where the kind lets them go. Every card has the same ways in a menu, for keyboards and thumbs.
import { MoreOutlined } from '@ant-design/icons';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { App, Button, Dropdown } from 'antd';
import { useState, type DragEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { titleOf } from '../api/kind.ts';
import { aggregateQuery, boardQuery, COUNT, countQuery, kindQuery, records, useRefreshRecords, useUser } from '../api/queries.ts';
import type { Filter, Item, Kind, Refs } from '../api/types.ts';
import { bind, both, isOpenEnded } from '../ui/filter.ts';
import { CellValue } from '../ui/RecordTable.tsx';
import { recordPath, rowsLink } from '../ui/RecordLink.tsx';
import { Scroll } from '../ui/Scroll.tsx';
import { Failure, Loading } from '../ui/states.tsx';
import { useErrorText, useText } from '../ui/text.ts';
import { Tone } from '../ui/Tone.tsx';
import { useUndoOffer } from '../ui/undo.tsx';
import { useOffered, useRunner, type Offered, type Subject } from './actions.tsx';
import type { BoardSpec, Column, Document } from './types.ts';
import { waysTo } from './views.ts';

interface Props {
  doc: Document;
  spec: BoardSpec;
  subject?: Subject;
  /** More conditions, from the list the board stands for. */
  filter?: Filter;
  q?: string;
}

export function BoardView(props: Props) {
  const { data: kind, error } = useQuery(kindQuery(props.spec.kind));
  if (!kind) return error ? <Failure error={error} /> : <Loading rows={8} />;
  return <Board {...props} kind={kind} />;
}

/** What cards show under their title unless the plugin says: the first few telling fields. */
function cardLines(kind: Kind, spec: BoardSpec, by: string): Column[] {
  if (spec.card) return spec.card;
  const due = Object.keys(kind.fields).find((name) => /(^|_)due$/u.test(name));
  const rest = Object.entries(kind.fields).filter(([name, field]) => name !== by && name !== kind.title && name !== due && ['ref', 'enum', 'money', 'date'].includes(field.type)).map(([name]) => name);
  return [...(due ? [{ field: due, format: 'clock' as const, while: kind.states ? { [kind.states.field]: kind.states.open ?? [] } : undefined }] : []), ...rest.slice(0, due ? 2 : 3).map((field) => ({ field }))];
}

interface Ways {
  /** Where the record may go from here; empty for one that stays. */
  targets: (item: Item) => string[];
  go: (item: Item, value: string) => void;
}

/** By state the kind's own moves and actions; by any other choice a plain change, which can be taken back. */
function useWays(kind: Kind, by: string, values: string[]): Ways & { drawer: React.ReactNode } {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const errorText = useErrorText();
  const text = useText();
  const roles = useUser()?.roles ?? [];
  const refresh = useRefreshRecords();
  const offerUndo = useUndoOffer();
  const offeredOf = useOffered(kind);
  const [moving, setMoving] = useState<Item>();
  const { start, drawer } = useRunner(kind, moving ? offeredOf(moving) : []);
  const isState = kind.states?.field === by;
  const isFree = !isState && kind.written_by !== 'plugin' && !kind.fields[by]?.readonly;
  const targets = (item: Item) => values.filter((value) => value !== item.data[by] && (isState ? waysTo(kind, item, value, roles).length > 0 : isFree));
  const change = async (item: Item, value: string) => {
    try {
      const changed = await records.change(kind.kind, item.id, { [by]: value }, item.rev);
      void refresh(kind.kind);
      offerUndo(t('board.moved', { to: text(kind.fields[by]?.values?.find((each) => each.value === value)?.label) || value }), async () => {
        await records.undo(kind.kind, item.id, changed.rev, undefined, undefined);
        await refresh(kind.kind);
      });
    } catch (error) {
      message.error(errorText(error));
      void refresh(kind.kind);
    }
  };
  const go = (item: Item, value: string) => {
    if (!isState) return void change(item, value);
    const [key] = waysTo(kind, item, value, roles);
    const offered: Offered | undefined = offeredOf(item).find((each) => each.key === key);
    if (!offered) return message.info(t('board.closed'));
    setMoving(item);
    start(offered);
  };
  return { targets, go, drawer };
}

function Card({ kind, item, refs, lines, ways, open, onDrag, labelOf }: { kind: Kind; item: Item; refs?: Refs; lines: Column[]; ways: Ways; open?: string; onDrag: (item: Item | undefined) => void; labelOf: (value: string) => string }) {
  const { t } = useTranslation();
  const targets = ways.targets(item);
  const title = titleOf(kind, item);
  return (
    // What the mouse drags the menu moves, for everybody else.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <li
      className="board-card"
      draggable={targets.length > 0}
      onDragStart={(event: DragEvent) => {
        event.dataTransfer.setData('text/plain', item.id);
        event.dataTransfer.effectAllowed = 'move';
        onDrag(item);
      }}
      onDragEnd={() => onDrag(undefined)}
    >
      <div className="board-card-head">
        <Link to={recordPath(item.kind, item.id) as never} search={(open ? { view: open } : {}) as never} className="title-link" draggable={false}>{title}</Link>
        {targets.length > 0 && (
          <Dropdown trigger={['click']} placement="bottomRight" menu={{ items: targets.map((value) => ({ key: value, label: t('board.to', { to: labelOf(value) }), onClick: () => ways.go(item, value) })) }}>
            <Button type="text" size="small" icon={<MoreOutlined />} aria-label={t('board.move', { title })} />
          </Dropdown>
        )}
      </div>
      {lines.filter(({ field }) => item.data[field] != null).map((column) => <div key={column.field} className="board-line"><CellValue kind={kind} item={item} column={column} refs={refs} /></div>)}
    </li>
  );
}

interface LaneProps {
  kind: Kind;
  by: string;
  value: string;
  label: string;
  tone?: string;
  filter: Filter | undefined;
  q?: string;
  order: string;
  lines: Column[];
  ways: Ways;
  open?: string;
  dragged: Item | undefined;
  onDrag: (item: Item | undefined) => void;
  labelOf: (value: string) => string;
  isOn: boolean;
  /** How many stand in it, where one question answered for all columns. */
  counted?: number;
}

function Lane({ kind, by, value, label, tone, filter, q, order, lines, ways, open, dragged, onDrag, labelOf, isOn, counted }: LaneProps) {
  const { t, i18n } = useTranslation();
  const whole = both(filter, { [by]: value });
  const query = useInfiniteQuery({ ...boardQuery(kind.kind, { filter: whole, order, q }), enabled: isOn });
  const { data: found } = useQuery({ ...countQuery(kind.kind, { filter: whole, q }), enabled: isOn && q !== undefined });
  const count = q === undefined ? counted : found;
  const [isOver, setOver] = useState(false);
  const items = query.data?.pages.flatMap((page) => page.items) ?? [];
  const refs = Object.assign({}, ...(query.data?.pages.map((page) => page.refs ?? {}) ?? [])) as Refs;
  const takes = dragged !== undefined && ways.targets(dragged).includes(value);
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <section
      className={`board-lane ${dragged ? (takes ? 'board-open' : 'board-closed') : ''} ${isOver && takes ? 'board-over' : ''}`}
      aria-label={label}
      onDragOver={(event) => { if (takes) { event.preventDefault(); setOver(true); } }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        if (dragged && takes) ways.go(dragged, value);
        onDrag(undefined);
      }}
    >
      <h3 className="board-head"><Tone tone={tone}>{label}</Tone> {count != null && <Link {...rowsLink(kind.kind, whole)} className="muted number" aria-label={t('chart.open', { label, value: count })}>{count.toLocaleString(i18n.language)}</Link>}</h3>
      {query.error && !query.data ? <Failure error={query.error} onRetry={() => void query.refetch()} /> : query.isPending && isOn ? <Loading rows={3} /> : (
        <Scroll className="board-scroll" label={label}>
          {items.length === 0 ? <p className="muted board-none">{t('board.none')}</p> : <ul className="board-cards">{items.map((item) => <Card key={item.id} kind={kind} item={item} refs={refs} lines={lines} ways={ways} open={open} onDrag={onDrag} labelOf={labelOf} />)}</ul>}
          {query.hasNextPage && <Button block size="small" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>{t('board.more')}</Button>}
        </Scroll>
      )}
    </section>
  );
}

function Board({ doc, spec, kind, subject, filter: narrowed, q }: Props & { kind: Kind }) {
  const { t } = useTranslation();
  const text = useText();
  const by = spec.by ?? kind.states?.field ?? Object.entries(kind.fields).find(([, field]) => field.type === 'enum')?.[0] ?? '';
  const known = kind.fields[by]?.values?.filter(({ retired }) => !retired) ?? [];
  const values = spec.values ?? known.map(({ value }) => value);
  const labelOf = (value: string) => text(known.find((each) => each.value === value)?.label) || value;
  const ways = useWays(kind, by, values);
  const [dragged, setDragged] = useState<Item>();
  const filter = both(bind(spec.filter, { subject: subject?.id, id: subject?.id }), narrowed);
  const isOn = !isOpenEnded(filter);
  // Words to look for go with rows only; without them one question counts every column.
  const { data: counts } = useQuery({ ...aggregateQuery(kind.kind, { filter, group: by, measures: { n: COUNT } }), enabled: isOn && q === undefined && values.length > 0 });
  const countOf = (value: string) => counts && Number(counts.find((row) => row[by] === value)?.n ?? 0);
  if (values.length === 0) return <p className="muted list-none">{t('board.no_columns')}</p>;
  const lines = cardLines(kind, spec, by);
  return (
    <>
      <div className="board">
        {values.map((value) => (
          <Lane
            key={value}
            kind={kind}
            by={by}
            value={value}
            label={labelOf(value)}
            tone={known.find((each) => each.value === value)?.tone}
            filter={filter}
            q={q}
            order={spec.order ?? '-created_at'}
            lines={lines}
            ways={ways}
            open={spec.open ? `${doc.plugin}:${spec.open}` : undefined}
            dragged={dragged}
            onDrag={setDragged}
            labelOf={labelOf}
            isOn={isOn}
            counted={countOf(value)}
          />
        ))}
      </div>
      {ways.drawer}
    </>
  );
}
