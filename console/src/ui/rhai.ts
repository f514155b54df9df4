// Rhai for CodeMirror: highlighting with nested comments and `${}` in templates, indentation, completion.
import { autocompletion, type Completion, type CompletionContext, type CompletionResult, snippetCompletion } from '@codemirror/autocomplete';
import { LanguageSupport, StreamLanguage, type StringStream } from '@codemirror/language';

const KEYWORDS = new Set(['let', 'const', 'if', 'else', 'switch', 'do', 'while', 'until', 'loop', 'for', 'in', 'continue', 'break', 'return', 'throw', 'try', 'catch', 'fn', 'private', 'is_def_var', 'is_def_fn']);
const ATOMS = new Set(['true', 'false', 'this', 'PARAMETERS']);
/** Words Rhai keeps for itself or our sandbox has switched off: shown as errors while typing, not only by the check. */
const REFUSED = new Set(['eval', 'import', 'export', 'print', 'debug', 'Fn', 'call', 'curry', 'is_shared', 'goto', 'spawn', 'thread', 'async', 'await', 'yield', 'new', 'match', 'case', 'static', 'var', 'global', 'use', 'module', 'package']);

export interface RhaiState {
  comment: number;
  /** Open templates, each with the depth of braces inside its `${`. */
  templates: number[];
  inTemplate: boolean;
  afterFn: boolean;
  /** Open brackets, for indentation. */
  depth: number;
}

function comment(stream: StringStream, state: RhaiState): string {
  while (!stream.eol()) {
    if (stream.match('/*')) state.comment++;
    else if (stream.match('*/')) {
      state.comment--;
      if (state.comment === 0) break;
    } else stream.next();
  }
  return 'comment';
}

function template(stream: StringStream, state: RhaiState): string {
  while (!stream.eol()) {
    if (stream.match('${')) {
      state.inTemplate = false;
      state.depth++;
      state.templates.push(0);
      return 'string';
    }
    if (stream.next() === '`') {
      state.inTemplate = false;
      return 'string';
    }
  }
  return 'string';
}

function text(stream: StringStream): string {
  let escaped = false;
  for (let char = stream.next(); char != null; char = stream.next()) {
    if (char === '"' && !escaped) break;
    escaped = !escaped && char === '\\';
  }
  return 'string';
}

function brace(char: string, state: RhaiState): string {
  state.depth = Math.max(0, state.depth + (char === '{' ? 1 : -1));
  const last = state.templates.length - 1;
  if (last < 0) return 'bracket';
  if (char === '{') state.templates[last]!++;
  else if (state.templates[last] === 0) {
    state.templates.pop();
    state.inTemplate = true;
    return 'string';
  } else state.templates[last]!--;
  return 'bracket';
}

export function rhaiToken(stream: StringStream, state: RhaiState): string | null {
  if (state.comment > 0) return comment(stream, state);
  if (state.inTemplate) return template(stream, state);
  if (stream.eatSpace()) return null;
  if (stream.match('//')) {
    stream.skipToEnd();
    return 'comment';
  }
  if (stream.match('/*')) {
    state.comment = 1;
    return comment(stream, state);
  }
  if (stream.match(/^(0x[\da-fA-F_]+|0o[0-7_]+|0b[01_]+|\d[\d_]*(\.\d[\d_]*)?([eE][+-]?\d+)?)/u)) return 'number';
  const word = stream.match(/^[A-Za-z_][A-Za-z0-9_]*/u) as RegExpMatchArray | null;
  if (word) {
    const [name] = word;
    const isDefinition = state.afterFn;
    state.afterFn = name === 'fn';
    if (isDefinition) return 'def';
    if (KEYWORDS.has(name)) return 'keyword';
    if (ATOMS.has(name)) return 'atom';
    if (REFUSED.has(name)) return 'invalid';
    return stream.peek() === '(' ? 'variableName.function' : 'variableName';
  }
  const char = stream.next();
  if (char === '"') return text(stream);
  if (char === "'") {
    stream.match(/^(\\.|[^'\\])'/u);
    return 'string';
  }
  if (char === '`') {
    state.inTemplate = true;
    return template(stream, state);
  }
  if (char === '{' || char === '}') return brace(char, state);
  if (char === '#' && stream.peek() === '{') return 'bracket';
  if (char && '()[]'.includes(char)) {
    state.depth = Math.max(0, state.depth + ('(['.includes(char) ? 1 : -1));
    return 'bracket';
  }
  return 'operator';
}

export const rhaiStart = (): RhaiState => ({ comment: 0, templates: [], inTemplate: false, afterFn: false, depth: 0 });

export const rhaiLanguage = StreamLanguage.define<RhaiState>({
  name: 'rhai',
  startState: rhaiStart,
  copyState: (state) => ({ ...state, templates: [...state.templates] }),
  token: rhaiToken,
  indent: (state, after, { unit }) => Math.max(0, (state.depth - (/^\s*[}\])]/u.test(after) ? 1 : 0)) * unit),
  languageData: { commentTokens: { line: '//', block: { open: '/*', close: '*/' } }, closeBrackets: { brackets: ['(', '[', '{', '"', '`'] } },
});

const SNIPPETS: Completion[] = [
  snippetCompletion('fn decide(input) {\n    #{ ${} }\n}', { label: 'fn decide', type: 'function', detail: 'entry' }),
  snippetCompletion('if ${condition} {\n    ${}\n}', { label: 'if', type: 'keyword' }),
  snippetCompletion('for ${item} in ${list} {\n    ${}\n}', { label: 'for', type: 'keyword' }),
  snippetCompletion('switch ${value} {\n    ${} => ${},\n    _ => ${}\n}', { label: 'switch', type: 'keyword' }),
];

const FUNCTIONS = ['contains', 'len', 'push', 'is_empty', 'keys', 'values', 'filter', 'map', 'some', 'all', 'trim', 'to_lower', 'split', 'index_of', 'sub_string', 'starts_with', 'ends_with', 'replace', 'round', 'floor', 'ceiling', 'abs', 'min', 'max', 'parse_int', 'parse_float', 'to_string', 'type_of', 'hour', 'weekday', 'days_between'];

export interface Known {
  /** Fields of the point's input, offered after `input.`. */
  input: { name: string; info?: string }[];
  /** Fields of its output, offered inside `#{`. */
  output: { name: string; info?: string }[];
  /** Words of enumerations, offered inside quotes. */
  words: string[];
  parameters: string[];
  /** What the server says can be called; the usual names until it has. */
  functions?: { call: string; info: string }[];
  /** The functions by which a reaction hears. */
  ears?: string[];
  /** What the entry function calls its argument. */
  entry?: string;
}

/** `text.contains(part)` is offered as `contains`. */
export const nameOf = (call: string) => /([a-z_]+)\(/u.exec(call)?.[1] ?? call;

export function complete(known: Known) {
  return (context: CompletionContext): CompletionResult | null => {
    const member = context.matchBefore(/\b(input|record|event|PARAMETERS)\.\w*/u);
    if (member) {
      const isInput = !member.text.startsWith('PARAMETERS');
      const names = isInput ? known.input : known.parameters.map((name) => ({ name, info: undefined }));
      return { from: member.from + member.text.indexOf('.') + 1, options: names.map(({ name, info }) => ({ label: name, type: 'property', info })), validFor: /^\w*$/u };
    }
    const quoted = context.matchBefore(/"\w*/u);
    if (quoted) return { from: quoted.from + 1, options: known.words.map((label) => ({ label, type: 'enum' })), validFor: /^\w*$/u };
    const word = context.matchBefore(/\w+/u);
    if (!word && !context.explicit) return null;
    return {
      from: word?.from ?? context.pos,
      options: [
        ...SNIPPETS,
        ...known.output.map(({ name, info }) => ({ label: name, type: 'property', info, apply: `${name}: ` })),
        { label: known.entry ?? 'input', type: 'variable' },
        ...(known.ears ?? []).map((ear) => snippetCompletion(`fn ${ear}(event) {\n    ${'${}'}\n}`, { label: ear, type: 'function', detail: 'event' })),
        { label: 'NOW', type: 'constant' },
        { label: 'PARAMETERS', type: 'constant' },
        ...[...KEYWORDS].map((label) => ({ label, type: 'keyword' })),
        ...(known.functions?.map(({ call, info }) => ({ label: nameOf(call), type: 'function', detail: call, info })) ?? FUNCTIONS.map((label) => ({ label, type: 'function' }))),
      ],
      validFor: /^\w*$/u,
    };
  };
}

export const rhai = (known: Known) => new LanguageSupport(rhaiLanguage, [autocompletion({ override: [complete(known)] })]);
