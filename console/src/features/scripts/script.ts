// Reading a script as the server tells it.
import type { Json, Schema } from '../../api/types.ts';
import type { Known } from '../../ui/rhai.ts';
import type { Definitions } from './queries.ts';
import type { ScriptDetail, ScriptExample, ScriptItem } from './types.ts';

/** Scripts of fields rather than of decisions. */
export const isComputed = (script: Pick<ScriptItem, 'name'>) => script.name.startsWith('computed/');

/** Scripts that hear what happens and ask for something. */
export const isReaction = (script: Pick<ScriptItem, 'name'>) => script.name.startsWith('reaction/');

/** A script with what the server tells of reactions and of versions on trial. */
export type Detail = ScriptDetail & { asks?: string[]; canary?: { version: number; share: number } | null; status?: { parked: number; events: number; faults: number } | null };

const BLANK_REACTION = 'fn on_customer_created(event) {\n    []\n}\n';

/** What the editor starts a rule of this role with. */
const blankOf = (script: Pick<ScriptItem, 'name'>) => (isComputed(script) ? BLANK : isReaction(script) ? BLANK_REACTION : '');

/** A reaction that nobody has written yet: the server does not know it before its first draft. */
export function unwritten(name: string, org: string | undefined): Detail {
  return { name, label: name, org: org ?? '', owner: org ?? '', version: 0, state: 'draft', has_draft: false, failures: 0, source: null, draft: null, asks: [] };
}

/** What a computed field's rule begins with. */
const BLANK = 'fn compute(record) {\n    #{ value: 0, reasons: [] }\n}\n';

/** What the editor starts from: the draft, else the published source, else the built-in rule. */
export function startOf(script: Detail): { source: string; parameters: Json; examples: ScriptExample[]; asks: string[] } {
  const draft = typeof script.draft === 'string' ? { source: script.draft } : script.draft;
  return {
    source: draft?.source ?? (script.source || script.builtin_source || blankOf(script)),
    parameters: (draft && 'parameters' in draft ? draft.parameters : undefined) ?? script.parameters ?? {},
    examples: (draft && 'examples' in draft ? draft.examples : undefined) ?? script.examples ?? [],
    asks: script.asks ?? [],
  };
}

/** What a reaction is told. */
const EVENT = ['kind', 'at', 'org', 'subject', 'actor', 'data', 'record', 'customer'].map((name) => ({ name }));

const properties = (schema: Schema | null | undefined) =>
  Object.entries(schema?.properties ?? {}).map(([name, part]) => ({ name, info: typeof part.description === 'string' ? part.description : typeof part.title === 'string' ? part.title : undefined }));

function words(schema: Schema | null | undefined): string[] {
  return Object.values(schema?.properties ?? {}).flatMap((part) => [...(part.enum ?? []), ...(part.items?.enum ?? [])].filter((value) => typeof value === 'string'));
}

/** What completion offers for this point. */
export function knownOf(script: ScriptDetail, parameters: Json, definitions?: Definitions): Known {
  return {
    functions: definitions?.functions.map(({ call, answers, example }) => ({ call, info: `${call} → ${answers}\n${example}` })),
    ears: isReaction(script) ? definitions?.ears : undefined,
    entry: isReaction(script) ? 'event' : isComputed(script) ? 'record' : 'input',
    input: isReaction(script) ? EVENT : properties(script.input),
    output: properties(script.output),
    words: [...new Set([...words(script.output), ...words(script.input)])],
    parameters: parameters && typeof parameters === 'object' && !Array.isArray(parameters) ? Object.keys(parameters) : [],
  };
}

export function scriptFault(script: ScriptItem): string | undefined {
  const { fault } = script;
  if (!fault) return undefined;
  return typeof fault === 'string' ? fault : fault.message || fault.code;
}

/** Whether the built-in rule answers although a script is published: it failed too often. */
export const isPassedOver = (script: ScriptItem) => script.state === 'published' && (script.failures > 0 || scriptFault(script) !== undefined);
