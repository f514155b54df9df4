// Records as a table, or as cards on a phone.
import { Table, type TableColumnType } from 'antd';
import { Link, useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { Item, Kind, Refs } from '../api/types.ts';
import type { Column } from '../descriptor/types.ts';
import { holds } from './clock.ts';
import { Clock } from './Clock.tsx';
import { columnField, columnWidth } from './columns.ts';
import { Ago, FieldValue, Nothing } from './FieldValue.tsx';
import { isMasked, MaskedValue } from './Masked.tsx';
import { recordPath } from './RecordLink.tsx';
import { useText } from './text.ts';
import { useNarrow } from './useNarrow.ts';

interface Props {
  kind: Kind;
  items: Item[];
  refs?: Refs;
  columns: Column[];
  order?: string;
  sortable?: Set<string>;
  onOrder?: (order: string | undefined) => void;
  loading?: boolean;
  empty?: React.ReactNode;
  /** Search parameters of the record's page, such as the view to open it with. */
  open?: string;
  compact?: boolean;
  /** Records marked for a change together, by id. */
  selected?: string[];
  onSelect?: (ids: string[]) => void;
}

function valueOf(item: Item, name: string) {
  if (name === 'created_at' || name === 'updated_at' || (name === 'org' && item.data.org === undefined)) return item[name];
  return item.data[name];
}

function Cell({ kind, item, column, refs }: { kind: Kind; item: Item; column: Column; refs?: Refs }) {
  const value = valueOf(item, column.field);
  if (isMasked(item, column.field)) return <MaskedValue item={item} name={column.field} />;
  if (column.format === 'clock') {
    return <Clock due={value} met={column.met ? item.data[column.met] : undefined} running={holds(column.while, item.data)} />;
  }
  if (column.format === 'ago') return typeof value === 'string' ? <Ago at={value} /> : <Nothing />;
  return <FieldValue field={columnField(column, kind)} value={value} refs={{ ...refs, ...item.refs }} />;
}

function useOpen(open: string | undefined) {
  const navigate = useNavigate();
  return (item: Item) => void navigate({ to: recordPath(item.kind, item.id), search: open ? { view: open } : {} } as never);
}

function TitleLink({ item, open, children }: { item: Item; open?: string; children: React.ReactNode }) {
  return (
    <Link to={recordPath(item.kind, item.id) as never} search={(open ? { view: open } : {}) as never} className="title-link" onClick={(event) => event.stopPropagation()}>
      {children}
    </Link>
  );
}

function Cards({ kind, items, refs, columns, open }: Props) {
  const text = useText();
  const [title, ...rest] = columns;
  const openItem = useOpen(open);
  return (
    <ul className="cards">
      {items.map((item) => (
        // The title inside is the link for keyboards and readers; the whole card is only a larger target for thumbs.
        // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/no-noninteractive-element-interactions
        <li key={item.id} className="card" onClick={() => openItem(item)}>
          {title && <TitleLink item={item} open={open}>{isMasked(item, title.field) ? <MaskedValue item={item} name={title.field} /> : <FieldValue field={{ ...columnField(title, kind), type: 'text' }} value={valueOf(item, title.field)} plain />}</TitleLink>}
          <dl>
            {rest.slice(0, 5).filter((column) => valueOf(item, column.field) != null || isMasked(item, column.field)).map((column) => (
              <div key={column.field}>
                <dt>{text(column.label ?? columnField(column, kind).label)}</dt>
                <dd><Cell kind={kind} item={item} column={column} refs={refs} /></dd>
              </div>
            ))}
          </dl>
        </li>
      ))}
    </ul>
  );
}

export function RecordTable(props: Props) {
  const { kind, items, refs, columns, order, sortable, onOrder, loading, empty, open, compact, selected, onSelect } = props;
  const { t } = useTranslation();
  const text = useText();
  const narrow = useNarrow();
  const openItem = useOpen(open);
  const [by, direction] = order?.startsWith('-') ? [order.slice(1), 'descend' as const] : [order, 'ascend' as const];
  if (narrow && items.length > 0) return <Cards {...props} />;
  const titleField = columns.some((column) => column.field === kind.title) ? kind.title : columns[0]?.field;
  const table: TableColumnType<Item>[] = columns.map((column) => {
    const field = columnField(column, kind);
    const isSortable = onOrder !== undefined && sortable?.has(column.field);
    return {
      key: column.field,
      title: text(column.label ?? field.label),
      width: columnWidth(column, field),
      ellipsis: field.type === 'long_text' || field.type === 'text',
      align: field.type === 'money' || field.type === 'int' || field.type === 'decimal' ? 'right' : undefined,
      fixed: column.field === titleField && !compact ? 'left' : undefined,
      sorter: isSortable ? true : undefined,
      sortOrder: isSortable && by === column.field ? direction : null,
      render: (_: unknown, item: Item) =>
        column.field === titleField ? (
          <TitleLink item={item} open={open}>{isMasked(item, column.field) ? <MaskedValue item={item} name={column.field} /> : <FieldValue field={field.type === 'ref' ? field : { ...field, type: 'text' }} value={valueOf(item, column.field)} refs={refs} plain />}</TitleLink>
        ) : (
          <Cell kind={kind} item={item} column={column} refs={refs} />
        ),
    };
  });
  return (
    <Table<Item>
      rowKey="id"
      size={compact ? 'small' : 'medium'}
      columns={table}
      dataSource={items}
      loading={loading ? { delay: 200 } : false}
      pagination={false}
      scroll={{ x: columns.reduce((sum, column) => sum + columnWidth(column, columnField(column, kind)), onSelect ? 44 : 0) }}
      locale={{ emptyText: empty }}
      showSorterTooltip={false}
      rowSelection={onSelect && {
        fixed: true,
        columnWidth: 44,
        selectedRowKeys: selected,
        onChange: (keys) => onSelect(keys.map(String)),
        getTitleCheckboxProps: () => ({ 'aria-label': t('bulk.all') }) as object,
        getCheckboxProps: (item) => ({ 'aria-label': t('bulk.one', { title: String(item.data[kind.title] ?? item.id) }) }) as object,
        onCell: () => ({ onClick: (event) => event.stopPropagation() }),
      }}
      onChange={(_pages, _filters, sorter) => {
        const one = Array.isArray(sorter) ? sorter[0] : sorter;
        onOrder?.(one?.order ? `${one.order === 'descend' ? '-' : ''}${String(one.columnKey)}` : undefined);
      }}
      onRow={(item) => ({ onClick: () => openItem(item), className: 'row-link' })}
    />
  );
}
