// What the server tells, from its OpenAPI document: each shape names what may be missing, and the compiler holds it to the document.
import type { Schemas } from './schema.d.ts';

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** Everything in it told, and what the document leaves open is JSON. */
type Whole<T> = unknown extends T ? Json : T extends (infer Each)[] ? Whole<Each>[] : T extends object ? { [Name in keyof T]-?: Whole<Exclude<T[Name], undefined>> } : T;

/** A shape of the document, of which `Missing` may be left out. */
export type Told<Name extends keyof Schemas, Missing extends keyof Schemas[Name] = never> = Omit<Whole<Schemas[Name]>, Missing> & Partial<Pick<Whole<Schemas[Name]>, Missing & keyof Whole<Schemas[Name]>>>;

/** The same with `Instead` in place of what the document says less of, or what is told deeper in. */
export type But<Shape, Instead> = Omit<Shape, keyof Instead> & Instead;

export type Text = Schemas['Text'];
export type Data = Record<string, Json>;
export type Filter = { [key: string]: Json };
export type Refs = Whole<Schemas['Refs']>;

export type FieldError = Told<'Problem'>['errors'][number];
/** Somebody in between may answer with less than the server does. */
export type Problem = Partial<Told<'Problem'>>;

export type Item = Told<'Item', 'as_of' | 'hints' | 'masked' | 'refs' | 'stale'>;
export type Page = But<Told<'Page', 'count' | 'next' | 'refs'>, { items: Item[] }>;

/** Of what is `masked` that it changed is told, its values are not. */
export type Change = Told<'Change', 'masked' | 'new' | 'old'>;
/** `for`: for whom a plugin did it. */
export type Actor = But<Told<'Actor', 'name'>, { for?: { label: string; name?: string | null } | null }>;
export type Receipt = Told<'Receipt', 'fallback' | 'field'>;
export type TimelineEntry = But<Told<'TimelineEntry'>, { actor: Actor; changes: Change[]; receipts: Receipt[]; attachment?: Pick<Attachment, 'id' | 'name'> | null }>;
/** `overrides`: reasons for values that were doubtful, by field. `undoes`: the revision whose changes this one took back. */
export type Revision = But<Told<'Revision', 'overrides' | 'undoes' | 'why'>, { actor: Actor; changes: Change[] }>;
export type Attachment = But<Told<'Attachment'>, { actor: Actor | string }>;
/** A job; `undo` once somebody has begun to take it back, `held` while events wait for somebody to let them go. */
export type Job = But<Told<'Job', 'counts' | 'created_at' | 'held' | 'updated_at' | 'actor' | 'org'>, { detail?: Record<string, Json> | null; conflicts?: (Pick<Conflict, 'kind' | 'id'> & Partial<Conflict>)[]; undo?: Partial<Told<'Job'>['undo']> }>;
/** Something that taking an import back left alone. */
type Conflict = Told<'Job'>['conflicts'][number];
/** `details` come with a plugin's fault alone. An event that is not for these eyes is none. */
export type Parked = But<Told<'Parked'>, { fault: Told<'Parked'>['fault'] & { details?: string }; event: Json }>;
export type Segment = But<Told<'Segment', 'counted_at' | 'created_at' | 'is_filling' | 'n' | 'org' | 'owner' | 'updated_at'>, { filter: Filter }>;
/** A plugin as the list tells of it; its own page tells more. */
export type Plugin = But<Pick<Told<'Plugin', 'asks' | 'calls' | 'description' | 'hears'>, 'name' | 'version' | 'state' | 'label' | 'description' | 'lag' | 'parked' | 'calls' | 'asks' | 'hears'>, { fault?: { code?: string; message?: string; details?: string } | string | null; reads?: Json[] | string }>;
