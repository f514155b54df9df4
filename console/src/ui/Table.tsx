// A plain table: columns drawn by the page, pages of rows where there are many, rows that open where there is more to say.
import { DownOutlined, LeftOutlined, RightOutlined } from '@ant-design/icons';
import { Button } from 'antd';
import { Fragment, useState, type CSSProperties, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Scroll } from './Scroll.tsx';

export interface TableColumn<T> {
  key?: string;
  title?: ReactNode;
  width?: number;
  align?: 'left' | 'right' | 'center';
  ellipsis?: boolean;
  /** Stays while the others scroll. */
  fixed?: 'left';
  render: (value: unknown, row: T) => ReactNode;
}

interface Props<T> {
  columns: TableColumn<T>[];
  dataSource: T[] | undefined;
  rowKey: keyof T | ((row: T) => string);
  className?: string;
  size?: 'small' | 'medium';
  pagination?: false | { defaultPageSize: number };
  /** How wide it is at least, how tall at most. */
  scroll?: { x?: number; y?: number };
  rowClassName?: (row: T) => string;
  expandable?: { expandedRowRender: (row: T) => ReactNode };
  label?: string;
}

export function Table<T>({ columns, dataSource = [], rowKey, className = '', size, pagination = false, scroll, rowClassName, expandable, label }: Props<T>) {
  const { t } = useTranslation();
  const [at, setAt] = useState(0);
  const [open, setOpen] = useState<string[]>([]);
  const perPage = pagination ? pagination.defaultPageSize : dataSource.length || 1;
  const n = Math.max(1, Math.ceil(dataSource.length / perPage));
  const page = Math.min(at, n - 1);
  const rows = dataSource.slice(page * perPage, (page + 1) * perPage);
  const keyOf = (row: T) => (typeof rowKey === 'function' ? rowKey(row) : String(row[rowKey]));
  const styleOf = ({ width, align }: TableColumn<T>): CSSProperties => ({ width, minWidth: width, textAlign: align });
  const classOf = ({ fixed, ellipsis }: TableColumn<T>) => `${fixed ? 'table-fixed' : ''} ${ellipsis ? 'cell-cut' : ''}`;
  return (
    <>
      <Scroll className="table-scroll" style={{ maxHeight: scroll?.y }} label={label ?? t('list.table')}>
        <table className={`table ${size === 'small' ? 'table-compact' : ''} ${className}`} style={{ minWidth: scroll?.x }}>
          <thead>
            <tr>
              {expandable && <th scope="col" className="table-mark"><span className="visually-hidden">{t('list.details')}</span></th>}
              {columns.map((column, index) => <th key={column.key ?? index} scope="col" style={styleOf(column)} className={classOf(column)}>{column.title}</th>)}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => {
              const key = keyOf(row);
              const isOpen = open.includes(key);
              return (
                <Fragment key={key}>
                  <tr className={rowClassName?.(row)}>
                    {expandable && <td className="table-mark"><Button type="text" size="small" icon={isOpen ? <DownOutlined /> : <RightOutlined />} aria-expanded={isOpen} aria-label={t('list.details')} onClick={() => setOpen(isOpen ? open.filter((each) => each !== key) : [...open, key])} /></td>}
                    {columns.map((column, index) => <td key={column.key ?? index} style={{ textAlign: column.align }} className={classOf(column)}>{column.render(undefined, row)}</td>)}
                  </tr>
                  {expandable && isOpen && <tr className="table-more"><td colSpan={columns.length + 1}>{expandable.expandedRowRender(row)}</td></tr>}
                </Fragment>
              );
            })}
          </tbody>
        </table>
      </Scroll>
      {n > 1 && (
        <nav className="pager" aria-label={t('pager.title')}>
          <span className="muted number">{page + 1} / {n}</span>
          <span className="pager-buttons">
            <Button icon={<LeftOutlined />} disabled={page === 0} aria-label={t('pager.previous')} onClick={() => setAt(page - 1)} />
            <Button icon={<RightOutlined />} disabled={page === n - 1} aria-label={t('pager.next')} onClick={() => setAt(page + 1)} />
          </span>
        </nav>
      )}
    </>
  );
}
