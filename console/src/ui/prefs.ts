// What a person chose on this machine: language, light or dark. Kept in local storage, read before the first render.
import { useSyncExternalStore } from 'react';

export const LOCALES = ['zh-CN', 'en'] as const;
export type Locale = (typeof LOCALES)[number];
export type Mode = 'light' | 'dark';

export interface Prefs {
  locale: Locale;
  mode: Mode;
}

const KEY = 'marque.prefs';
const listeners = new Set<() => void>();

/** The language nearest to what a browser or a user record asks for. */
export function nearestLocale(tags: readonly string[]): Locale {
  for (const tag of tags) {
    if (/^zh\b/i.test(tag)) return 'zh-CN';
    if (/^en\b/i.test(tag)) return 'en';
  }
  return 'zh-CN';
}

function read(): Prefs & { chosen: boolean } {
  let stored: Partial<Prefs> = {};
  try {
    stored = JSON.parse(localStorage.getItem(KEY) ?? '{}') as Partial<Prefs>;
  } catch {
    // Storage is off or holds something else: the defaults will do.
  }
  const isLocale = LOCALES.includes(stored.locale as Locale);
  return {
    locale: isLocale ? (stored.locale as Locale) : 'zh-CN',
    mode: stored.mode === 'dark' ? 'dark' : 'light',
    chosen: isLocale,
  };
}

let current = read();

export const prefs = {
  get: (): Prefs => current,
  /** Whether a language was chosen here, which outranks the one in the user's record. */
  hasChosenLocale: () => current.chosen,
  set(change: Partial<Prefs>, remember = true) {
    current = { ...current, ...change, chosen: current.chosen || (remember && change.locale !== undefined) };
    try {
      if (remember) localStorage.setItem(KEY, JSON.stringify({ locale: current.chosen ? current.locale : undefined, mode: current.mode }));
    } catch {
      // Private windows may refuse; the choice then lasts for this page.
    }
    for (const listener of listeners) listener();
  },
  subscribe(listener: () => void) {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  },
};

export const usePrefs = () => useSyncExternalStore(prefs.subscribe, prefs.get);
