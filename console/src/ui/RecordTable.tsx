// Records as a table, or as cards on a phone.
import { CaretDownOutlined, CaretUpOutlined } from '@ant-design/icons';
import { Checkbox } from 'antd';
import { Link, useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { titleOf } from '../api/kind.ts';
import type { Field, Item, Kind, Refs } from '../api/types.ts';
import type { Column } from '../descriptor/types.ts';
import { EditableCell, rowsWith, toPencils, type Cells } from './cells.tsx';
import { holds } from './clock.ts';
import { Clock } from './Clock.tsx';
import { columnField, columnWidth } from './columns.ts';
import { Ago, FieldValue, Nothing } from './FieldValue.tsx';
import { isMasked, MaskedValue } from './Masked.tsx';
import { recordPath } from './RecordLink.tsx';
import { Scroll } from './Scroll.tsx';
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
  /** Where a cell is being edited; without it none can be. */
  cells?: Cells;
  /** Buttons at the end of each row. */
  rowActions?: (item: Item) => React.ReactNode;
}

function valueOf(item: Item, name: string) {
  if (name === 'created_at' || name === 'updated_at' || (name === 'org' && item.data.org === undefined)) return item[name];
  return item.data[name];
}

export function CellValue({ kind, item, column, refs }: { kind: Kind; item: Item; column: Column; refs?: Refs }) {
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

/** What the link of a row says: its first column, or the record's own title where nothing stands there, for a link without words is none. */
function LinkText({ kind, item, column, field, refs }: { kind: Kind; item: Item; column: Column; field: Field; refs?: Refs }) {
  if (isMasked(item, column.field)) return <MaskedValue item={item} name={column.field} />;
  const value = valueOf(item, column.field);
  return value == null || value === '' ? <>{titleOf(kind, item)}</> : <FieldValue field={field} value={value} refs={refs} plain />;
}

function Cards({ kind, items, refs, columns, open, rowActions }: Props) {
  const text = useText();
  const [title, ...rest] = columns;
  const openItem = useOpen(open);
  return (
    <ul className="cards">
      {items.map((item) => (
        // The title inside is the link for keyboards and readers; the whole card is only a larger target for thumbs.
        // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/no-noninteractive-element-interactions
        <li key={item.id} className="card" onClick={() => openItem(item)}>
          {title && <TitleLink item={item} open={open}><LinkText kind={kind} item={item} column={title} field={{ ...columnField(title, kind), type: 'text' }} /></TitleLink>}
          <dl>
            {rest.slice(0, 5).filter((column) => valueOf(item, column.field) != null || isMasked(item, column.field)).map((column) => (
              <div key={column.field}>
                <dt>{text(column.label ?? columnField(column, kind).label)}</dt>
                <dd><CellValue kind={kind} item={item} column={column} refs={refs} /></dd>
              </div>
            ))}
          </dl>
          {rowActions && <div className="card-actions">{rowActions(item)}</div>}
        </li>
      ))}
    </ul>
  );
}

interface HeadProps {
  name: string;
  label: string;
  width: number;
  isRight: boolean;
  order: 'ascending' | 'descending' | undefined;
  onOrder?: (order: string | undefined) => void;
}

/** A column's head; one that can be ordered by is a button: up, down, as before. */
function Head({ name, label, width, isRight, order, onOrder }: HeadProps) {
  const next = order === undefined ? name : order === 'ascending' ? `-${name}` : undefined;
  return (
    <th scope="col" style={{ width, minWidth: width }} className={isRight ? 'cell-right' : undefined} aria-sort={onOrder ? (order ?? 'none') : undefined}>
      {onOrder ? (
        <button type="button" className="table-order" onClick={() => onOrder(next)}>
          {label} <span className="table-arrow" aria-hidden="true">{order === 'ascending' ? <CaretUpOutlined /> : order === 'descending' ? <CaretDownOutlined /> : <CaretDownOutlined className="table-arrow-idle" />}</span>
        </button>
      ) : label}
    </th>
  );
}

const isNumber = (type: Field['type']) => type === 'money' || type === 'int' || type === 'decimal';

export function RecordTable(props: Props) {
  const { kind, items, refs, columns, order, sortable, onOrder, loading, empty, open, compact, selected = [], onSelect, rowActions, cells } = props;
  const { t } = useTranslation();
  const text = useText();
  const narrow = useNarrow();
  const openItem = useOpen(open);
  const [by, direction] = order?.startsWith('-') ? [order.slice(1), 'descending' as const] : [order, 'ascending' as const];
  if (narrow && items.length > 0) return <Cards {...props} />;
  const titleField = columns.some((column) => column.field === kind.title) ? kind.title : columns[0]?.field;
  const isAll = items.length > 0 && items.every(({ id }) => selected.includes(id));
  const isSome = items.some(({ id }) => selected.includes(id));
  const mark = (id: string) => onSelect?.(selected.includes(id) ? selected.filter((each) => each !== id) : [...selected, id]);
  const drawn = columns.map((column) => ({ column, field: columnField(column, kind), isTitle: column.field === titleField }));
  return (
    <Scroll className={`table-scroll ${loading ? 'table-stale' : ''}`} label={text(kind.plural ?? kind.label)} isBusy={loading}>
      <table className={`table ${compact ? 'table-compact' : ''}`}>
        <thead>
          <tr>
            {onSelect && <th scope="col" className="table-mark"><Checkbox aria-label={t('bulk.all')} checked={isAll} indeterminate={isSome && !isAll} onChange={() => onSelect(isAll ? [] : items.map(({ id }) => id))} /></th>}
            {drawn.map(({ column, field }) => (
              <Head
                key={column.field}
                name={column.field}
                label={text(column.label ?? field.label)}
                width={columnWidth(column, field)}
                isRight={isNumber(field.type)}
                order={by === column.field ? direction : undefined}
                onOrder={onOrder && sortable?.has(column.field) ? onOrder : undefined}
              />
            ))}
            {rowActions && <th scope="col" className="table-actions"><span className="visually-hidden">{t('list.actions')}</span></th>}
          </tr>
        </thead>
        <tbody>
          {items.length === 0 && !cells?.editing && <tr><td colSpan={columns.length + 2}>{empty}</td></tr>}
          {rowsWith(items, cells).map((item) => (
            // The title inside is the link for keyboards and readers; the row is only a larger target for the mouse.
            // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/no-noninteractive-element-interactions
            <tr key={item.id} className={`row-link ${selected.includes(item.id) ? 'row-marked' : ''}`} onClick={() => openItem(item)} onKeyDown={cells && toPencils}>
              {/* oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/no-noninteractive-element-interactions */}
              {onSelect && <td className="table-mark" onClick={(event) => event.stopPropagation()}><Checkbox aria-label={t('bulk.one', { title: titleOf(kind, item) })} checked={selected.includes(item.id)} onChange={() => mark(item.id)} /></td>}
              {drawn.map(({ column, field, isTitle }) => (
                <td key={column.field} className={`${isNumber(field.type) ? 'cell-right' : ''} ${field.type === 'text' || field.type === 'long_text' ? 'cell-cut' : ''}`}>
                  <EditableCell kind={kind} item={item} name={column.field} cells={cells}>{isTitle ? (
                    <TitleLink item={item} open={open}><LinkText kind={kind} item={item} column={column} field={field.type === 'ref' ? field : { ...field, type: 'text' }} refs={refs} /></TitleLink>
                  ) : (
                    <CellValue kind={kind} item={item} column={column} refs={refs} />
                  )}</EditableCell>
                </td>
              ))}
              {rowActions && <td className="table-actions">{rowActions(item)}</td>}
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}
