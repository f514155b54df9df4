// What an entry says happened, in words; what is new to this console is shown as it is written.
import type { Entry } from './queries.ts';

/** What is asked for most, in the order of the list. */
export const WHATS = [
  'session.opened', 'session.refused', 'session.closed', 'password.set', 'refused', 'lookup', 'field.revealed', 'record.looked_up', 'record.read',
  'record.created', 'record.changed', 'record.moved', 'record.removed', 'record.merged', 'export.begun', 'export.ended', 'export.refused', 'token.made', 'token.ended', 'totp.reset',
] as const;
export type What = (typeof WHATS)[number];

export const isKnown = (what: string): what is What => WHATS.includes(what as What);

/** The id in `user:ID` or `plugin:NAME/user:ID`. */
export function userOf(actor: Entry['actor'] | null | undefined): string | undefined {
  const label = typeof actor === 'string' ? actor : actor?.label;
  return /(?:^|\/)user:([^/]+)$/u.exec(label ?? '')?.[1];
}

export const labelOf = (actor: Entry['actor'] | null | undefined) => (typeof actor === 'string' ? actor : (actor?.name ?? actor?.label ?? ''));

/** A record asked for by its id or by the address of its page. */
export function recordAsked(typed: string): string | undefined {
  const address = typed.trim().replace(/[?#].*$/u, '');
  return address.split('/').findLast((part) => part !== '');
}
