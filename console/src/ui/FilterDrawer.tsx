// The builder beside a list: what it would find is counted while it is being made.
import { useQuery } from '@tanstack/react-query';
import { Button, Drawer } from 'antd';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { countQuery } from '../api/queries.ts';
import type { Filter, Kind } from '../api/types.ts';
import { readFilter, writeFilter, type Group } from './builder.ts';
import { FilterBuilder } from './FilterBuilder.tsx';
import { useErrorText } from './text.ts';

const TYPING_MS = 400;

/** A value that follows another once it has rested for a moment. */
export function useRested<T>(value: T, ms = TYPING_MS): T {
  const [rested, setRested] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setRested(value), ms);
    return () => clearTimeout(timer);
  }, [value, ms]);
  return rested;
}

/** How many a group of conditions finds, as it is being made. */
export function LiveCount({ kind, group }: { kind: string; group: Group }) {
  const { t, i18n } = useTranslation();
  const errorText = useErrorText();
  const filter = JSON.stringify(writeFilter(group));
  const rested = useRested(filter);
  const { data: n, error, isFetching } = useQuery({ ...countQuery(kind, { filter: JSON.parse(rested) as Filter }), retry: false });
  if (error && n === undefined) return <span className="bad-text" role="alert">{errorText(error)}</span>;
  return <span role="status" className={isFetching || filter !== rested ? 'muted' : ''}>{t('builder.finds', { n: n == null ? '…' : n.toLocaleString(i18n.language) })}</span>;
}

interface Props {
  kind: Kind;
  filter: Filter;
  open: boolean;
  onClose: () => void;
  onChange: (filter: Filter) => void;
}

function Body({ kind, filter, onClose, onChange }: Omit<Props, 'open'>) {
  const { t } = useTranslation();
  const [group, setGroup] = useState<Group>(() => {
    const read = readFilter(filter);
    return read.parts.length > 0 ? read : { ...read, parts: [{ sort: 'rule', path: '', op: 'eq' }] };
  });
  return (
    <>
      <FilterBuilder kind={kind.kind} value={group} onChange={setGroup} />
      <div className="form-buttons builder-foot">
        <span className="builder-count"><LiveCount kind={kind.kind} group={group} /></span>
        <Button onClick={onClose}>{t('common.cancel')}</Button>
        <Button type="primary" onClick={() => { onChange(writeFilter(group)); onClose(); }}>{t('builder.apply')}</Button>
      </div>
    </>
  );
}

export function FilterDrawer({ open, ...props }: Props) {
  const { t } = useTranslation();
  return (
    <Drawer open={open} onClose={props.onClose} size={760} destroyOnHidden title={t('builder.title')}>
      <Body {...props} />
    </Drawer>
  );
}
