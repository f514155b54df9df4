// What the person signed in may do, as the server told with the session. It decides again at every request; this only spares useless buttons.
import { useQuery } from '@tanstack/react-query';
import { sessionQuery } from './queries.ts';
import type { Session } from './types.ts';

interface KindRights {
  verbs: string[];
  scope?: string;
  masked?: string[];
  hidden?: string[];
}

/** Who keeps organisations, people and roles where the server says nothing of rights. */
const KEEPERS = ['admin', 'hq_admin'];

export function mayDo(session: Session | null | undefined, kind: string, verb: string): boolean {
  if (!session) return false;
  const rights = (session as Session & { rights?: Record<string, KindRights> }).rights;
  const own = rights?.[kind] ?? rights?.['*'];
  if (rights && own) return own.verbs.includes(verb) || own.verbs.includes('*');
  return session.user.roles.some((role) => KEEPERS.includes(role));
}

export function useMay(kind: string, verb: string): boolean {
  const { data } = useQuery(sessionQuery);
  return mayDo(data, kind, verb);
}
