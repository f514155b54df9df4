// Forward and back through pages that only know their successor.
import { LeftOutlined, RightOutlined } from '@ant-design/icons';
import { Button, Select } from 'antd';
import { useTranslation } from 'react-i18next';

/** Which page led to which: the server's cursors only point forward. Kept for the life of the tab. */
const before = new Map<string, string | undefined>();

export const PAGE_SIZES = [25, 50, 100];

interface Props {
  cursor?: string;
  next?: string | null;
  limit: number;
  shown: number;
  count?: number;
  onMove: (cursor: string | undefined) => void;
  onLimit: (limit: number) => void;
  /** How many a page may hold; a single size is not offered. */
  sizes?: number[];
}

export function Pager({ cursor, next, limit, shown, count, onMove, onLimit, sizes = PAGE_SIZES }: Props) {
  const { t, i18n } = useTranslation();
  return (
    <nav className="pager" aria-label={t('pager.title')}>
      <span className="muted">
        {count === undefined ? t('pager.shown', { n: shown }) : t('pager.of', { n: shown, count: count.toLocaleString(i18n.language) })}
      </span>
      <span className="pager-buttons">
        {sizes.length > 1 && <Select aria-label={t('pager.size')} value={limit} onChange={onLimit} options={sizes.map((size) => ({ value: size, label: t('pager.per_page', { n: size }) }))} />}
        <Button icon={<LeftOutlined />} disabled={!cursor} onClick={() => onMove(before.get(cursor!))} aria-label={t('pager.previous')} />
        <Button icon={<RightOutlined />} disabled={!next} aria-label={t('pager.next')} onClick={() => { before.set(next!, cursor); onMove(next!); }} />
      </span>
    </nav>
  );
}
