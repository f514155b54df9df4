// Values of usable rows that were left out, or that stay as they are stored.

import { useTranslation } from 'react-i18next';
import type { Job, Kind } from '../../api/types.ts';
import { Panel } from '../../ui/Panel.tsx';
import { faultText, useText } from '../../ui/text.ts';
import { Table } from '../../ui/Table.tsx';
import type { RowNotice } from './types.ts';

/** A job's notices, as far as they are told one by one. */
export function noticesOf(job: Job): RowNotice[] {
  const { notices } = job.detail ?? {};
  return Array.isArray(notices) ? (notices as unknown as RowNotice[]) : [];
}

export function Notices({ kind, job }: { kind: Kind; job: Job }) {
  const { t, i18n } = useTranslation();
  const text = useText();
  const notices = noticesOf(job);
  if (notices.length === 0) return null;
  const n = typeof job.detail?.n_notices === 'number' ? job.detail.n_notices : notices.length;
  return (
    <Panel title={t('import.notices', { n: n.toLocaleString(i18n.language) })} flush>
      <p className="muted list-none">{t('import.notices_hint')}</p>
      <Table<RowNotice & { at: number }>
        size="small"
        rowKey="at"
        dataSource={notices.map((notice, at) => ({ ...notice, at }))}
        pagination={{ defaultPageSize: 10 }}
        columns={[
          { key: 'row', title: t('import.row'), width: 80, render: (_, notice) => <span className="number">{notice.row}</span> },
          { key: 'field', title: t('import.field'), width: 140, render: (_, notice) => (notice.field ? text(kind.fields[notice.field]?.label) || notice.field : '') },
          { key: 'notice', title: t('import.notice'), render: (_, notice) => faultText(notice, i18n.language) },
        ]}
      />
    </Panel>
  );
}
