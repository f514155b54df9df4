// The words of rights: verbs, how far they reach, how much of a field is shown.
export const VERBS = ['read', 'create', 'change', 'remove', 'act', 'export', 'import', 'attach'] as const;
export type Verb = (typeof VERBS)[number];

export const SCOPES = ['own', 'team', 'dealer', 'region', 'brand'] as const;
export type Scope = (typeof SCOPES)[number];

export const LEVELS = ['plain', 'masked', 'hidden'] as const;
export type Level = (typeof LEVELS)[number];

/** A word this console does not know yet is shown as a right of some kind, never as a broken text. */
export const verbKey = (verb: string) => `rights.verb.${VERBS.includes(verb as Verb) ? (verb as Verb) : 'other'}` as const;
export const scopeKey = (scope: string) => `rights.scope.${SCOPES.includes(scope as Scope) ? (scope as Scope) : 'other'}` as const;
