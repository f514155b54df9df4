// Messages of the console itself. Both languages are loaded before the first render, so that switching redraws and never remounts.
import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import { setLanguage } from '../api/client.ts';
import en from '../locales/en.json';
import zhCN from '../locales/zh-CN.json';
import { prefs } from '../ui/prefs.ts';

export const resources = { 'zh-CN': { translation: zhCN }, en: { translation: en } };

/** Every key there is; a test holds the two lists equal. */
export type MessageKey = keyof typeof zhCN;

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'translation';
    keySeparator: false;
    nsSeparator: false;
    resources: { translation: Record<keyof typeof zhCN, string> };
  }
}

function apply() {
  const { locale } = prefs.get();
  setLanguage(locale);
  document.documentElement.lang = locale;
  if (i18next.language !== locale) void i18next.changeLanguage(locale);
}

export function startI18n() {
  void i18next.use(initReactI18next).init({
    resources,
    lng: prefs.get().locale,
    fallbackLng: 'zh-CN',
    keySeparator: false,
    nsSeparator: false,
    interpolation: { escapeValue: false },
    initAsync: false,
  });
  apply();
  prefs.subscribe(apply);
}
