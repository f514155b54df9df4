// The records opened last on this machine: ids only, so that no personal data is left behind and names are shown as rights allow.
import { useEffect } from 'react';

const KEY = 'marque.recent';
const KEPT = 8;

export interface Recent {
  kind: string;
  id: string;
}

/** The list with one more at its head, each record once. */
export function withRecent(list: Recent[], one: Recent): Recent[] {
  return [one, ...list.filter(({ kind, id }) => kind !== one.kind || id !== one.id)].slice(0, KEPT);
}

const isRecent = (value: unknown): value is Recent => typeof value === 'object' && value !== null && typeof (value as Recent).kind === 'string' && typeof (value as Recent).id === 'string';

export function recent(): Recent[] {
  try {
    const list = JSON.parse(localStorage.getItem(KEY) ?? '[]') as unknown;
    return Array.isArray(list) ? list.filter(isRecent).slice(0, KEPT) : [];
  } catch {
    return [];
  }
}

export function forgetRecent() {
  try {
    localStorage.removeItem(KEY);
  } catch {
    // Nothing was kept where storage is refused.
  }
}

/** Remembers that a record's page was opened. */
export function useRecent(kind: string, id: string) {
  useEffect(() => {
    try {
      localStorage.setItem(KEY, JSON.stringify(withRecent(recent(), { kind, id })));
    } catch {
      // Private windows may refuse; then nothing is remembered.
    }
  }, [kind, id]);
}
