// Messages of the console itself. The language in use is loaded before the first render, another one before it is switched to, so
// that switching redraws and never remounts.
import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import { setLanguage } from '../api/client.ts';
import type { Locale as AntdLocale } from 'antd/es/locale';
import type zhCN from '../locales/zh-CN.json';
import { prefs } from '../ui/prefs.ts';

type Locale = ReturnType<typeof prefs.get>['locale'];

const messages: Record<Locale, () => Promise<{ default: Record<MessageKey, string> }>> = {
  'zh-CN': () => import('../locales/zh-CN.json'),
  en: () => import('../locales/en.json'),
};

/** The words of the parts themselves, in one language at a time too. */
const parts: Record<Locale, () => Promise<{ default: AntdLocale }>> = {
  'zh-CN': () => import('antd/es/locale/zh_CN'),
  en: () => import('antd/es/locale/en_US'),
};
const partWords = new Map<string, AntdLocale>();

/** Loaded with the messages: whatever language is in use has them. */
export const antdLocale = (language: string) => partWords.get(language);

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

async function load(locale: Locale) {
  if (!partWords.has(locale)) partWords.set(locale, (await parts[locale]()).default);
  if (!i18next.hasResourceBundle(locale, 'translation')) i18next.addResourceBundle(locale, 'translation', (await messages[locale]()).default);
}

async function apply() {
  const { locale } = prefs.get();
  await load(locale);
  // Somebody may have switched on meanwhile.
  if (prefs.get().locale !== locale) return;
  setLanguage(locale);
  document.documentElement.lang = locale;
  if (i18next.language !== locale) await i18next.changeLanguage(locale);
}

export async function startI18n() {
  const { locale } = prefs.get();
  await i18next.use(initReactI18next).init({
    resources: { [locale]: { translation: (await messages[locale]()).default } },
    lng: locale,
    // Both languages have every key, a test says so.
    fallbackLng: false,
    keySeparator: false,
    nsSeparator: false,
    interpolation: { escapeValue: false },
    initAsync: false,
  });
  await apply();
  prefs.subscribe(() => void apply());
}
