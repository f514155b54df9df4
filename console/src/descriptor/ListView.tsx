// A list a plugin describes: tabs, columns, order, what opens, what can be done.
import { PlusOutlined } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { Button, Input } from 'antd';
import { useDeferredValue, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { countQuery, kindQuery, listQuery, useUser } from '../api/queries.ts';
import type { Data, Filter, Item, Kind, Text } from '../api/types.ts';
import { useCells } from '../ui/cells.tsx';
import { defaultColumns } from '../ui/columns.ts';
import { bind, both, isOpenEnded, sortable } from '../ui/filter.ts';
import { FilterBar } from '../ui/FilterBar.tsx';
import { Pager } from '../ui/Pager.tsx';
import { RecordTable } from '../ui/RecordTable.tsx';
import { Sections } from '../ui/Sections.tsx';
import { Failure, Loading, Nothing } from '../ui/states.tsx';
import { useText } from '../ui/text.ts';
import { FormDrawer, type Subject } from './actions.tsx';
import type { ActionRef, Document, FormSpec, ListSpec } from './types.ts';
import { findView, offeredActions } from './views.ts';

/** Buttons above a list: its forms and the actions on the kind itself. */
export function ListActions({ doc, spec, kind, subject, size }: { doc: Document; spec: ListSpec; kind: Kind; subject?: Subject; size?: 'small' }) {
  const text = useText();
  const user = useUser();
  const [open, setOpen] = useState<number>();
  const offered = offeredActions(kind, undefined, user?.roles ?? []);
  const refs: ActionRef[] = spec.actions === true ? offered.map(({ name }) => ({ action: name })) : (spec.actions ?? []);
  const buttons = refs.flatMap((ref) => {
    const found = ref.form ? findView(doc, ref.form) : undefined;
    const form: FormSpec | undefined = found?.sort === 'form' ? found.spec : ref.action ? { view: 'form', kind: kind.kind, action: ref.action } : undefined;
    if (!form) return [];
    // A form of an action this person may not use is not offered; a form of plain fields always is.
    const action = form.action && form.kind === kind.kind ? offered.find(({ name }) => name === form.action) : undefined;
    if (form.action && form.kind === kind.kind && !action) return [];
    return [{ form, label: ref.label ?? form.title ?? action?.label ?? form.kind }];
  });
  return (
    <>
      {buttons.map(({ label }, index) => (
        <Button key={index} type={index === 0 && !size ? 'primary' : 'default'} size={size} icon={<PlusOutlined />} onClick={() => setOpen(index)}>{text(label)}</Button>
      ))}
      {buttons.map(({ form, label }, index) => (
        <FormDrawer key={index} title={label} spec={form} subject={subject} open={open === index} onClose={() => setOpen(undefined)} follow />
      ))}
    </>
  );
}

interface Opened {
  form: FormSpec;
  label: Text;
  given: Data;
  target?: Item;
}

/** The buttons of each row: a form of the plugin, with what the row knows filled in; of an action on the row's own record where that may be done now. */
function useRowActions(doc: Document, spec: ListSpec, kind: Kind) {
  const text = useText();
  const user = useUser();
  const [opened, setOpened] = useState<Opened>();
  const refs = (spec.row ?? []).flatMap((ref) => {
    const found = ref.form ? findView(doc, ref.form) : undefined;
    return found?.sort === 'form' ? [{ form: found.spec, label: ref.label ?? found.spec.title ?? ref.form ?? '', with: ref.with ?? {} }] : [];
  });
  const draw = (item: Item) => {
    const offered = offeredActions(kind, item, user?.roles ?? []);
    return refs.map(({ form, label, with: wanted }, index) => {
      const action = form.kind === kind.kind ? kind.actions?.find(({ name }) => name === form.action) : undefined;
      const target = action?.target ? item : undefined;
      if (target && !offered.some(({ name }) => name === form.action)) return null;
      const given: Data = Object.fromEntries(Object.entries(wanted).flatMap(([input, field]) => { const value = field === 'id' ? item.id : item.data[field]; return value == null ? [] : [[input, value]]; }));
      return <Button key={index} size="small" onClick={(event) => { event.stopPropagation(); setOpened({ form, label, given, target }); }}>{text(label)}</Button>;
    });
  };
  const drawer = opened && <FormDrawer title={opened.label} spec={opened.form} given={opened.given} target={opened.target} open onClose={() => setOpened(undefined)} />;
  return { draw: refs.length > 0 ? draw : undefined, drawer };
}

function Count({ kind, filter }: { kind: string; filter: Filter | undefined }) {
  const { data } = useQuery(countQuery(kind, { filter }));
  return data == null ? null : <span className="tab-count">{data}</span>;
}

export interface ListState {
  tab?: number;
  q?: string;
  filter?: Filter;
  order?: string;
  cursor?: string;
  limit?: number;
}

interface Props {
  doc: Document;
  spec: ListSpec;
  subject?: Subject;
  recordId?: string;
  /** More conditions from the place the list stands in. */
  filter?: Filter;
  /** A card on another page rather than a page of its own. */
  compact?: boolean;
  state?: ListState;
  onState?: (change: Partial<ListState>) => void;
}

export function ListView(props: Props) {
  const { data: kind, error } = useQuery(kindQuery(props.spec.kind));
  if (!kind) return error ? <Failure error={error} /> : <Loading rows={3} />;
  return <ListBody {...props} kind={kind} />;
}

function ListBody({ doc, spec, kind, subject, recordId, filter, compact, state: given, onState }: Props & { kind: Kind }) {
  const { t } = useTranslation();
  const text = useText();
  const [own, setOwn] = useState<ListState>({});
  const state = given ?? own;
  const change = (next: Partial<ListState>) => (onState ? onState(next) : setOwn((old) => ({ ...old, ...next })));
  const [typed, setTyped] = useState(state.q ?? '');
  const q = useDeferredValue(typed.trim()) || undefined;
  const tab = Math.min(state.tab ?? 0, Math.max(0, (spec.tabs?.length ?? 0) - 1));
  const fixed = both(bind(spec.filter, { subject: subject?.id, id: recordId }), bind(filter, { subject: subject?.id, id: recordId }));
  const tabFilter = (index: number) => both(fixed, bind(spec.tabs?.[index]?.filter, { subject: subject?.id, id: recordId }));
  const whole = both(tabFilter(tab), state.filter);
  const order = state.order ?? spec.order ?? '-created_at';
  const limit = compact ? (spec.limit ?? 10) : (state.limit ?? 25);
  const isAskable = !isOpenEnded(whole);
  const list = useQuery({ ...listQuery(kind.kind, { q, filter: whole, order, cursor: state.cursor, limit }), enabled: isAskable });
  const { data: count } = useQuery({ ...countQuery(kind.kind, { q, filter: whole }), enabled: isAskable && !compact });
  const items = list.data?.items ?? [];
  const columns = spec.columns ?? defaultColumns(kind).map((field) => ({ field }));
  const row = useRowActions(doc, spec, kind);
  const cells = useCells(kind);
  const isNarrowed = Boolean(q) || Object.keys(state.filter ?? {}).length > 0;
  return (
    <div className="list">
      {spec.tabs && spec.tabs.length > 0 && (
        <Sections
          active={String(tab)}
          onChange={(key) => change({ tab: Number(key), cursor: undefined })}
          items={spec.tabs.map((each, index) => ({ key: String(index), label: <span>{text(each.label)} {!compact && <Count kind={kind.kind} filter={tabFilter(index)} />}</span> }))}
        />
      )}
      {!compact && (
        <div className="toolbar">
          <Input className="toolbar-search" type="search" allowClear value={typed} aria-label={t('list.search')} placeholder={t('list.search')} onChange={(event) => { setTyped(event.target.value); change({ q: event.target.value.trim() || undefined, cursor: undefined }); }} />
          <FilterBar kind={kind} filter={state.filter ?? {}} onChange={(next) => change({ filter: Object.keys(next).length > 0 ? next : undefined, cursor: undefined })} />
        </div>
      )}
      {list.error && !list.data ? (
        <Failure error={list.error} onRetry={() => void list.refetch()} />
      ) : list.isPending && isAskable ? (
        <Loading rows={compact ? 2 : 8} />
      ) : items.length === 0 && !cells?.editing ? (
        compact ? <p className="muted list-none">{text(spec.empty) || t('list.none')}</p> : <Nothing title={isNarrowed ? t('list.no_match') : text(spec.empty) || t('list.none')} />
      ) : (
        <>
          <RecordTable
            kind={kind}
            items={items}
            refs={list.data?.refs}
            columns={columns}
            order={order}
            sortable={sortable(kind)}
            onOrder={compact ? undefined : (next) => change({ order: next, cursor: undefined })}
            loading={list.isPlaceholderData}
            open={spec.open ? `${doc.plugin}:${spec.open}` : undefined}
            compact={compact}
            rowActions={row.draw}
            cells={compact ? undefined : cells}
          />
          {(!compact || list.data?.next || state.cursor) && (
            <Pager cursor={state.cursor} next={list.data?.next} limit={limit} shown={items.length} count={count ?? undefined} onMove={(cursor) => change({ cursor })} onLimit={(size) => change({ limit: size, cursor: undefined })} />
          )}
        </>
      )}
      {/* Outside the rows: what is typed in it outlives a list that somebody else has emptied. */}
      {row.drawer}
    </div>
  );
}
