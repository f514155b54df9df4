// The list of any kind: views, search, conditions, order, columns, pages; all of it in the address. Marked rows change together.
import { CalendarOutlined, ControlOutlined, DownloadOutlined, ProjectOutlined, ReloadOutlined, SearchOutlined, UnorderedListOutlined } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { Button, Checkbox, Input, Popover, Segmented, type InputRef } from 'antd';
import { lazy, Suspense, useEffect, useRef, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { fieldsInUse } from '../api/kind.ts';
import { countQuery, listQuery, useUser } from '../api/queries.ts';
import type { Filter, Kind } from '../api/types.ts';
import { useCells } from './cells.tsx';
import { defaultColumns, OWN_FIELDS, storeColumns, storedColumns } from './columns.ts';
import { sortable } from './filter.ts';
import { FilterBar } from './FilterBar.tsx';
import type { ListSearch } from './listSearch.ts';
import { Pager } from './Pager.tsx';
import { RecordTable } from './RecordTable.tsx';
import { SavedViews } from './SavedViews.tsx';
import { Shortcut } from './shortcuts.tsx';
import { Failure, Loading, Nothing } from './states.tsx';
import { useText } from './text.ts';
import { useNarrow } from './useNarrow.ts';
import { defaultView, viewColumns, viewsQuery, type View } from './views.ts';

const ExportDialog = lazy(() => import('./ExportDialog.tsx').then(({ ExportDialog }) => ({ default: ExportDialog })));
const BulkChange = lazy(() => import('./BulkChange.tsx').then(({ BulkChange }) => ({ default: BulkChange })));

function ColumnChooser({ kind, columns, onChange }: { kind: Kind; columns: string[]; onChange: (names: string[] | undefined) => void }) {
  const { t } = useTranslation();
  const text = useText();
  const names = [...fieldsInUse(kind).flatMap(([name, field]) => (field.type === 'json' ? [] : [name])), ...Object.keys(OWN_FIELDS)];
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
  /** Other ways to show the rows that meet the conditions. */
  ways?: Partial<Record<'board' | 'calendar', (filter: Filter | undefined, q: string | undefined) => ReactNode>>;
  /** Columns shown before anyone has chosen, where the page knows better than the kind tells. */
  columns?: string[];
}

const DEFAULT_LIMIT = 25;
const TYPING_MS = 300;

/** The views of a list, the one that is open, and the columns it shows. */
function useViews(kind: Kind, search: ListSearch, onSearch: Props['onSearch'], wanted: string[] | undefined) {
  const user = useUser();
  const { data: views } = useQuery(viewsQuery(kind.kind));
  const usual = wanted?.filter((name) => name in kind.fields || name in OWN_FIELDS) ?? defaultColumns(kind);
  const view = views?.find(({ id }) => id === search.view);
  // Columns chosen by hand, by view; those of the plain list are kept on this machine.
  const [chosen, setChosen] = useState<Record<string, string[] | undefined>>(() => ({ '': storedColumns(kind) }));
  const own = chosen[view?.id ?? ''];
  const choose = (names: string[] | undefined) => {
    if (!view) storeColumns(kind.kind, names);
    setChosen((old) => ({ ...old, [view?.id ?? '']: names }));
  };
  const goTo = (next: View | undefined, replace?: boolean) =>
    onSearch({ view: next?.id ?? 'all', filter: next && Object.keys(next.filter).length > 0 ? next.filter : undefined, order: next?.order, q: next?.search, cursor: undefined }, replace);
  const open = (next: View | undefined) => {
    if (next) setChosen((old) => ({ ...old, [next.id]: undefined }));
    goTo(next);
  };
  // A list opened without a wish of its own opens with the person's default view; a view's bare link opens with all it says.
  const isBare = search.filter === undefined && search.q === undefined && search.order === undefined && search.cursor === undefined;
  const wish = search.view ?? defaultView(user?.id ?? '', kind.kind);
  const first = isBare && wish !== 'all' ? views?.find(({ id }) => id === wish) : undefined;
  const saysMore = first !== undefined && (search.view === undefined || Object.keys(first.filter).length > 0 || first.order !== undefined || first.search !== undefined);
  const isOpened = useRef(false);
  useEffect(() => {
    if (isOpened.current || !views) return;
    isOpened.current = true;
    if (first && saysMore) goTo(first, true);
  });
  return { views: views ?? undefined, view, usual, own: own ?? viewColumns(view, kind), columns: own ?? viewColumns(view, kind) ?? usual, choose, open };
}

export function KindList({ kind, search, onSearch, emptyAction, onCount, columns: wanted, ways = {} }: Props) {
  const { t } = useTranslation();
  const narrow = useNarrow();
  const [typed, setTyped] = useState(search.q ?? '');
  const { views, view, usual, own, columns, choose, open } = useViews(kind, search, onSearch, wanted);
  const [selected, setSelected] = useState<string[]>([]);
  const [isChanging, setChanging] = useState<boolean>();
  const [isExporting, setExporting] = useState(false);
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

  const cells = useCells(kind);
  const input = useRef<InputRef>(null);
  const drawn = search.as ? ways[search.as] : undefined;
  const items = list.data?.items ?? [];
  // Only what is on screen can be marked: nobody changes what they cannot see.
  const marked = items.filter(({ id }) => selected.includes(id));
  const canChange = kind.written_by !== 'plugin';
  return (
    <div className="list">
      {views && <SavedViews kind={kind} views={views} active={view} shown={{ filter: search.filter, order: search.order, q: search.q, columns: view ? columns : own }} usual={usual} onOpen={open} />}
      <div className="toolbar">
        <Shortcut keys="/" label={t('keys.search')} run={() => input.current?.focus()} />
        <Input
          ref={input}
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
          {Object.keys(ways).length > 0 && (
            <Segmented
              aria-label={t('list.as')}
              value={drawn ? search.as : 'table'}
              onChange={(as) => onSearch({ as: as === 'board' || as === 'calendar' ? as : undefined })}
              options={[
                { value: 'table' as const, icon: <UnorderedListOutlined />, title: t('list.as_table'), label: <span className="visually-hidden">{t('list.as_table')}</span> },
                ...(ways.board ? [{ value: 'board' as const, icon: <ProjectOutlined />, title: t('list.as_board'), label: <span className="visually-hidden">{t('list.as_board')}</span> }] : []),
                ...(ways.calendar ? [{ value: 'calendar' as const, icon: <CalendarOutlined />, title: t('list.as_calendar'), label: <span className="visually-hidden">{t('list.as_calendar')}</span> }] : []),
              ]}
            />
          )}
          <Button icon={<ReloadOutlined spin={list.isFetching && !list.isPending} />} aria-label={t('common.reload')} title={t('common.reload')} onClick={() => void list.refetch()} />
          <ColumnChooser kind={kind} columns={columns} onChange={choose} />
          <Button icon={<DownloadOutlined />} aria-label={t('export.open')} title={t('export.open')} onClick={() => setExporting(true)} />
        </span>
      </div>
      {marked.length > 0 && (
        <div className="bulk-bar" role="status">
          <span>{t('bulk.selected', { n: marked.length })}</span>
          <Button size="small" type="primary" onClick={() => setChanging(true)}>{t('bulk.open')}</Button>
          <Button size="small" type="text" onClick={() => setSelected([])}>{t('bulk.clear')}</Button>
        </div>
      )}
      {drawn ? <Suspense fallback={<Loading rows={8} />}>{drawn(search.filter, search.q)}</Suspense> : list.error && !list.data ? (
        <Failure error={list.error} onRetry={() => void list.refetch()} />
      ) : list.isPending ? (
        <Loading rows={10} />
      ) : items.length === 0 && !cells?.editing ? (
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
            selected={selected}
            onSelect={canChange && !narrow ? setSelected : undefined}
            cells={cells}
          />
          <Pager cursor={search.cursor} next={list.data?.next} limit={limit} shown={items.length} count={count ?? undefined} onMove={(cursor) => onSearch({ cursor })} onLimit={(size) => onSearch({ limit: size, cursor: undefined })} />
        </>
      )}
      <Suspense>
        {isExporting && <ExportDialog kind={kind} filter={search.filter} q={search.q} order={order} columns={columns} count={count ?? undefined} onClose={() => setExporting(false)} />}
        {isChanging !== undefined && <BulkChange kind={kind} items={marked} open={isChanging} onClose={() => setChanging(false)} onDone={() => setSelected([])} />}
      </Suspense>
    </div>
  );
}
