// A chart with the data itself behind a switch: every number that is drawn, and those there was no room for, as a table.
import { BarChartOutlined, TableOutlined } from '@ant-design/icons';
import { Link } from '@tanstack/react-router';
import { Button } from 'antd';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Table } from './Table.tsx';

/** A line of the table: what it is about, a link to the rows behind it, its numbers as people read them. */
export interface DataRow {
  key: string;
  name: string;
  link?: { to: never; search?: never };
  cells: string[];
}

/** Whether the table is shown instead of the picture, as the chart keeps it. */
export interface Switched {
  isTable: boolean;
  onTable: (isTable: boolean) => void;
}

interface Props {
  switched: Switched;
  label: string;
  /** Of the name, then of each cell. */
  columns: string[];
  rows: DataRow[];
  children: ReactNode;
}

const PER_PAGE = 20;

export function Charted({ switched: { isTable, onTable }, label, columns, rows, children }: Props) {
  const { t } = useTranslation();
  const [first = '', ...rest] = columns;
  return (
    <div className="charted">
      {!isTable ? children : (
        <Table<DataRow>
          size="small"
          label={label || t('list.table')}
          rowKey="key"
          dataSource={rows}
          pagination={{ defaultPageSize: PER_PAGE }}
          columns={[
            { key: 'name', title: first, render: (_, row) => (row.link ? <Link {...row.link}>{row.name}</Link> : row.name) },
            ...rest.map((title, index) => ({ key: `${index} ${title}`, title, align: 'right' as const, render: (_: unknown, row: DataRow) => <span className="number">{row.cells[index]}</span> })),
          ]}
        />
      )}
      <Button type="text" size="small" className="charted-switch" icon={isTable ? <BarChartOutlined /> : <TableOutlined />} onClick={() => onTable(!isTable)}>{t(isTable ? 'chart.as_chart' : 'chart.as_table')}</Button>
    </div>
  );
}
