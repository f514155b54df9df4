// Search-as-you-type choice of records: never more than twenty are loaded, however many there are.
import { useQueries, useQuery } from '@tanstack/react-query';
import { Select } from 'antd';
import { useDeferredValue, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { kindQuery, pickQuery, recordQuery } from '../api/queries.ts';
import type { Item, Kind } from '../api/types.ts';
import { formatPhone } from './phone.ts';

interface Props {
  kind: string;
  id?: string;
  multiple?: boolean;
  value?: string | string[] | null;
  onChange?: (value: string | string[] | undefined) => void;
  disabled?: boolean;
  placeholder?: string;
  'aria-label'?: string;
  autoFocus?: boolean;
  size?: 'small' | 'medium' | 'large';
}

/** Title and, to tell namesakes apart, a phone or number beside it. */
function describe(item: Item, kind: Kind | undefined) {
  const title = String(item.data[kind?.title ?? 'name'] ?? item.id);
  const beside = Object.entries(kind?.fields ?? {}).find(([name, field]) => name !== kind?.title && ['phone', 'email', 'plate'].includes(field.type) && item.data[name]);
  const hint = beside ? String(item.data[beside[0]]) : '';
  return { title, hint: hint.startsWith('+') ? formatPhone(hint) : hint };
}

export function RecordPicker({ kind, multiple, value, onChange, ...rest }: Props) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState('');
  const text = useDeferredValue(typed);
  const [open, setOpen] = useState(false);
  const { data: spec } = useQuery(kindQuery(kind));
  const { data: page, isFetching } = useQuery({ ...pickQuery(kind, text), enabled: open });
  const chosen = value == null ? [] : Array.isArray(value) ? value : [value];
  const missing = chosen.filter((id) => !page?.items.some((item) => item.id === id));
  const named = useQueries({ queries: missing.map((id) => ({ ...recordQuery(kind, id), staleTime: 300_000, retry: false })) });
  const items = [...(page?.items ?? []), ...named.flatMap((query) => (query.data ? [query.data] : []))];
  const options = items.map((item) => ({ value: item.id, ...describe(item, spec) }));
  return (
    <Select
      {...rest}
      mode={multiple ? 'multiple' : undefined}
      value={multiple ? chosen : (chosen[0] ?? undefined)}
      onChange={(next: string | string[] | undefined) => onChange?.(next)}
      allowClear
      showSearch={{ filterOption: false, onSearch: setTyped }}
      onOpenChange={setOpen}
      loading={isFetching}
      placeholder={rest.placeholder ?? t('picker.placeholder')}
      notFoundContent={isFetching ? t('common.loading') : t('picker.none')}
      options={options.map(({ value: id, title, hint }) => ({ value: id, label: title, title: hint ? `${title} ${hint}` : title, hint }))}
      optionRender={(option) => (
        <span className="picker-option">
          <span>{option.data.label}</span>
          <span className="muted number">{option.data.hint}</span>
        </span>
      )}
      style={{ width: '100%' }}
    />
  );
}
