// Sections of a page behind tabs; on a phone a row one can swipe, where antd's tabs would hide some behind a button that readers miss.
import { Segmented, Tabs } from 'antd';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useNarrow } from './useNarrow.ts';

export interface Section {
  key: string;
  label: ReactNode;
  children?: ReactNode;
}

interface Props {
  items: Section[];
  active?: string;
  onChange?: (key: string) => void;
}

export function Sections({ items, active: given, onChange }: Props) {
  const { t } = useTranslation();
  const narrow = useNarrow();
  const [own, setOwn] = useState(items[0]?.key ?? '');
  const active = given ?? own;
  const change = (key: string) => {
    setOwn(key);
    onChange?.(key);
  };
  if (!narrow) return <Tabs activeKey={active} onChange={change} destroyOnHidden items={items} />;
  return (
    <div className="sections">
      <div className="sections-row"><Segmented aria-label={t('common.sections')} value={active} onChange={change} options={items.map(({ key, label }) => ({ value: key, label }))} /></div>
      {items.find(({ key }) => key === active)?.children}
    </div>
  );
}
