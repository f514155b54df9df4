// Reading a script as the server tells it.
import type { Json, Schema, ScriptDetail, ScriptExample, ScriptItem } from '../../api/types.ts';
import type { Known } from '../../ui/rhai.ts';

/** Scripts of fields rather than of decisions. */
export const isComputed = (script: Pick<ScriptItem, 'name'>) => script.name.startsWith('computed/');

/** What a computed field's rule begins with. */
const BLANK = 'fn compute(record) {\n    #{ value: 0, reasons: [] }\n}\n';

/** What the editor starts from: the draft, else the published source, else the built-in rule. */
export function startOf(script: ScriptDetail): { source: string; parameters: Json; examples: ScriptExample[] } {
  const draft = typeof script.draft === 'string' ? { source: script.draft } : script.draft;
  return {
    source: draft?.source ?? (script.source || script.builtin_source || (isComputed(script) ? BLANK : '')),
    parameters: (draft && 'parameters' in draft ? draft.parameters : undefined) ?? script.parameters ?? {},
    examples: (draft && 'examples' in draft ? draft.examples : undefined) ?? script.examples ?? [],
  };
}

const properties = (schema: Schema | null | undefined) =>
  Object.entries(schema?.properties ?? {}).map(([name, part]) => ({ name, info: typeof part.description === 'string' ? part.description : typeof part.title === 'string' ? part.title : undefined }));

function words(schema: Schema | null | undefined): string[] {
  return Object.values(schema?.properties ?? {}).flatMap((part) => [...(part.enum ?? []), ...(part.items?.enum ?? [])].filter((value) => typeof value === 'string'));
}

/** What completion offers for this point. */
export function knownOf(script: ScriptDetail, parameters: Json): Known {
  return {
    input: properties(script.input),
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
