// Language, and light or dark.
import { MoonOutlined, SunOutlined } from '@ant-design/icons';
import { Button, Segmented } from 'antd';
import { useTranslation } from 'react-i18next';
import { prefs, usePrefs, type Locale } from './prefs.ts';

export function LanguageSwitch() {
  const { t } = useTranslation();
  const { locale } = usePrefs();
  return (
    <Segmented<Locale>
      aria-label={t('top.language')}
      value={locale}
      onChange={(next) => prefs.set({ locale: next })}
      options={[{ value: 'zh-CN', label: '中文' }, { value: 'en', label: 'EN' }]}
    />
  );
}

export function ModeSwitch() {
  const { t } = useTranslation();
  const { mode } = usePrefs();
  const label = t(mode === 'dark' ? 'top.light' : 'top.dark');
  return <Button type="text" icon={mode === 'dark' ? <SunOutlined /> : <MoonOutlined />} aria-label={label} title={label} onClick={() => prefs.set({ mode: mode === 'dark' ? 'light' : 'dark' })} />;
}
