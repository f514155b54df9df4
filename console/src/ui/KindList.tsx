// The list of any kind: search, conditions, order, columns, pages; all of it in the address.
import { ControlOutlined, ReloadOutlined, SearchOutlined } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { Button, Checkbox, Input, Popover } from 'antd';
import { useEffect, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { countQuery, listQuery } from '../api/queries.ts';
import type { Filter, Kind } from '../api/types.ts';
import { defaultColumns, OWN_FIELDS, storeColumns, storedColumns } from './columns.ts';
import { sortable } from './filter.ts';
import { FilterBar } from './FilterBar.tsx';
import { Pager } from './Pager.tsx';
import { RecordTable } from './RecordTable.tsx';
import { Failure, Loading, Nothing } from './states.tsx';
import { useText } from './text.ts';

export interface ListSearch {
  q?: string;
  filter?: Filter;
  order?: string;
  cursor?: string;
  limit?: number;
}

/** Reads a list's state from an address; anything odd is dropped. */
export function readListSearch(search: Record<string, unknown>): ListSearch {
  const text = (value: unknown) => (typeof value === 'string' && value !== '' ? value : typeof value === 'number' ? String(value) : undefined);
  const { filter, limit } = search;
  return {
    q: text(search.q),
    filter: typeof filter === 'object' && filter !== null && !Array.isArray(filter) ? (filter as Filter) : undefined,
    order: text(search.order),
    cursor: text(search.cursor),
    limit: typeof limit === 'number' && limit > 0 && limit <= 500 ? limit : undefined,
  };
}

function ColumnChooser({ kind, columns, onChange }: { kind: Kind; columns: string[]; onChange: (names: string[] | undefined) => void }) {
  const { t } = useTranslation();
  const text = useText();
  const names = [...Object.keys(kind.fields).filter((name) => kind.fields[name]!.type !== 'json'), ...Object.keys(OWN_FIELDS)];
  return (
    <Popover
      trigger="click"
      placement="bottomRight"
      title={t('columns.title')}
      content={
        <div className="column-chooser">
          <Checkbox.Group
            value={columns}
            onChange={(next) => onChange(names.filter((name) => name === kind.title || next.includes(name)))}
            options={names.map((name) => ({ value: name, label: text((kind.fields[name] ?? OWN_FIELDS[name]!).label), disabled: name === kind.title }))}
          />
          <Button type="link" size="small" onClick={() => onChange(undefined)}>{t('columns.reset')}</Button>
        </div>
      }
    >
      <Button icon={<ControlOutlined />} aria-label={t('columns.title')} title={t('columns.title')} />
    </Popover>
  );
}

interface Props {
  kind: Kind;
  search: ListSearch;
  onSearch: (change: Partial<ListSearch>, replace?: boolean) => void;
  /** Told apart from an empty search result: nothing is there at all yet. */
  emptyAction?: ReactNode;
  onCount?: (count: number | undefined) => void;
  /** Columns shown before anyone has chosen, where the page knows better than the kind tells. */
  columns?: string[];
}

const DEFAULT_LIMIT = 25;
const TYPING_MS = 300;

export function KindList({ kind, search, onSearch, emptyAction, onCount, columns: wanted }: Props) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState(search.q ?? '');
  const usual = wanted?.filter((name) => name in kind.fields || name in OWN_FIELDS) ?? defaultColumns(kind);
  const [columns, setColumns] = useState(() => storedColumns(kind) ?? usual);
  const limit = search.limit ?? DEFAULT_LIMIT;
  const order = search.order ?? '-created_at';
  const list = useQuery(listQuery(kind.kind, { q: search.q, filter: search.filter, order, cursor: search.cursor, limit }));
  const { data: count } = useQuery(countQuery(kind.kind, { q: search.q, filter: search.filter }));
  const isNarrowed = Boolean(search.q) || Object.keys(search.filter ?? {}).length > 0;

  useEffect(() => onCount?.(count ?? undefined), [count, onCount]);
  // The address may change under us: back button, a link with a search.
  const [seen, setSeen] = useState(search.q);
  if (seen !== search.q) {
    setSeen(search.q);
    if ((search.q ?? '') !== typed.trim()) setTyped(search.q ?? '');
  }
  useEffect(() => {
    const text = typed.trim();
    if (text === (search.q ?? '')) return undefined;
    const timer = setTimeout(() => onSearch({ q: text || undefined, cursor: undefined }, true), TYPING_MS);
    return () => clearTimeout(timer);
  }, [typed, search.q, onSearch]);

  const choose = (names: string[] | undefined) => {
    storeColumns(kind.kind, names);
    setColumns(names ?? usual);
  };
  const items = list.data?.items ?? [];
  return (
    <div className="list">
      <div className="toolbar">
        <Input
          className="toolbar-search"
          prefix={<SearchOutlined className="muted" />}
          allowClear
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
          placeholder={t('list.search')}
          aria-label={t('list.search')}
          type="search"
        />
        <FilterBar kind={kind} filter={search.filter ?? {}} onChange={(filter) => onSearch({ filter: Object.keys(filter).length > 0 ? filter : undefined, cursor: undefined })} />
        <span className="toolbar-end">
          <Button icon={<ReloadOutlined spin={list.isFetching && !list.isPending} />} aria-label={t('common.reload')} title={t('common.reload')} onClick={() => void list.refetch()} />
          <ColumnChooser kind={kind} columns={columns} onChange={choose} />
        </span>
      </div>
      {list.error && !list.data ? (
        <Failure error={list.error} onRetry={() => void list.refetch()} />
      ) : list.isPending ? (
        <Loading rows={10} />
      ) : items.length === 0 ? (
        <Nothing title={isNarrowed ? t('list.no_match') : t('list.empty')} hint={isNarrowed ? t('list.no_match_hint') : undefined} action={isNarrowed ? <Button onClick={() => { setTyped(''); onSearch({ q: undefined, filter: undefined, cursor: undefined }); }}>{t('filter.clear')}</Button> : emptyAction} />
      ) : (
        <>
          <RecordTable
            kind={kind}
            items={items}
            refs={list.data?.refs}
            columns={columns.map((field) => ({ field }))}
            order={order}
            sortable={sortable(kind)}
            onOrder={(next) => onSearch({ order: next, cursor: undefined })}
            loading={list.isPlaceholderData}
          />
          <Pager cursor={search.cursor} next={list.data?.next} limit={limit} shown={items.length} count={count ?? undefined} onMove={(cursor) => onSearch({ cursor })} onLimit={(size) => onSearch({ limit: size, cursor: undefined })} />
        </>
      )}
    </div>
  );
}
