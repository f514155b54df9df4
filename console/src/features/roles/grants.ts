// A role's grants as rows of a matrix: kind × verb, how far each reaches, how much of a field it shows.
import type { Field, Filter, Json, Kind } from '../../api/types.ts';
import type { Level, Scope, Verb } from '../../ui/rights.ts';

export interface Grant {
  /** A kind, all of a plugin (`complaints.*`), or all (`*`). */
  kind: string;
  verbs: Verb[];
  scope: Scope;
  when?: Filter;
  /** Field, `personal` or `*` → level. */
  fields?: Record<string, Level>;
  reveal?: boolean;
}

export function readGrants(value: Json | undefined): Grant[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((each) => (each && typeof each === 'object' && !Array.isArray(each) && typeof each.kind === 'string' ? [{ ...(each as unknown as Grant), verbs: (each.verbs ?? []) as unknown as Verb[], scope: (each.scope ?? 'own') as Scope }] : []));
}

/** What is sent: rows that allow something, without what says nothing. */
export function writeGrants(grants: Grant[]): Json {
  const kept = grants.filter(({ verbs }) => verbs.length > 0).map(({ fields, when, reveal, ...grant }) => ({
    ...grant,
    ...(fields && Object.keys(fields).length > 0 ? { fields } : {}),
    ...(when && Object.keys(when).length > 0 ? { when } : {}),
    ...(reveal ? { reveal } : {}),
  }));
  return kept as unknown as Json;
}

/** Nothing can be done with what cannot be read: the first other right brings reading along, and reading gone takes all along. */
export function toggleVerb(grant: Grant, verb: Verb): Grant {
  const has = grant.verbs.includes(verb);
  if (has) return { ...grant, verbs: verb === 'read' ? [] : grant.verbs.filter((each) => each !== verb) };
  const verbs = verb === 'read' || verb === 'create' || grant.verbs.includes('read') ? [...grant.verbs, verb] : [...grant.verbs, 'read' as Verb, verb];
  return { ...grant, verbs };
}

/** The kinds a new row may be for: all, all that no other row names, all of a plugin, each by itself. */
export function grantKinds(kinds: Kind[]): string[] {
  const plugins = [...new Set(kinds.flatMap(({ kind }) => (kind.includes('.') ? [`${kind.split('.')[0]}.*`] : [])))];
  return ['*', 'other', ...plugins.sort(), ...kinds.map(({ kind }) => kind)];
}

/** The fields one would give a level: what is about a person first. */
export function fieldsToShow(kind: Kind | undefined): [string, Field][] {
  const fields = Object.entries(kind?.fields ?? {}).filter(([, field]) => !field.retired);
  return [...fields.filter(([, field]) => field.personal), ...fields.filter(([, field]) => !field.personal)];
}

export function setLevel(grant: Grant, field: string, level: Level | undefined): Grant {
  const { [field]: _old, ...rest } = grant.fields ?? {};
  const fields = level ? { ...rest, [field]: level } : rest;
  return { ...grant, fields: Object.keys(fields).length > 0 ? fields : undefined };
}
