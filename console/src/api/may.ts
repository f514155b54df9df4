// What the person signed in may do, as the server told with the session. It decides again at every request; this only spares useless buttons.
import { useQuery } from '@tanstack/react-query';
import { sessionQuery } from './queries.ts';
import type { Session } from './types.ts';

export function mayDo(session: Session | null | undefined, kind: string, verb: string): boolean {
  return session?.rights?.[kind]?.verbs.includes(verb) ?? false;
}

/** Whether the person's roles let them do what stands on no kind: one of these powers. */
export function hasPower(session: Session | null | undefined, ...powers: string[]): boolean {
  return powers.some((power) => session?.powers?.includes(power));
}

export function usePower(...powers: string[]): boolean {
  const { data } = useQuery(sessionQuery);
  return hasPower(data, ...powers);
}

/** Whether one of these roles is wanted and held: administrators have all, an empty list means anybody. */
export function hasRole(wanted: string[] | undefined, mine: string[]): boolean {
  return !wanted || wanted.length === 0 || mine.includes('admin') || wanted.some((role) => mine.includes(role));
}

export function useMay(kind: string, verb: string): boolean {
  const { data } = useQuery(sessionQuery);
  return mayDo(data, kind, verb);
}
