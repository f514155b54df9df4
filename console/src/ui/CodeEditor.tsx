// A code editor: our own colours, so that it belongs to the page in light and in dark.
import { closeBrackets, closeBracketsKeymap, completionKeymap } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands';
import { bracketMatching, HighlightStyle, indentOnInput, indentUnit, syntaxHighlighting, type LanguageSupport } from '@codemirror/language';
import { lintGutter, setDiagnostics, type Diagnostic } from '@codemirror/lint';
import { highlightSelectionMatches, searchKeymap } from '@codemirror/search';
import { Compartment, EditorState, RangeSetBuilder, StateEffect, StateField, type Extension } from '@codemirror/state';
import { Decoration, drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers, type DecorationSet } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import { useEffect, useRef } from 'react';

const colours = HighlightStyle.define([
  { tag: tags.comment, color: 'var(--code-comment)', fontStyle: 'italic' },
  { tag: tags.keyword, color: 'var(--code-keyword)', fontWeight: '600' },
  { tag: tags.string, color: 'var(--code-string)' },
  { tag: [tags.number, tags.atom, tags.bool], color: 'var(--code-number)' },
  { tag: tags.definition(tags.variableName), color: 'var(--code-function)', fontWeight: '600' },
  { tag: tags.function(tags.variableName), color: 'var(--code-function)' },
  { tag: tags.invalid, color: 'var(--bad)', textDecoration: 'underline wavy' },
]);

const look = EditorView.theme({
  '&': { fontSize: '13px', backgroundColor: 'var(--surface)', color: 'var(--text)', height: '100%' },
  '&.cm-focused': { outline: '2px solid var(--focus)', outlineOffset: '-2px' },
  '.cm-scroller': { fontFamily: 'var(--mono)', lineHeight: '1.65' },
  '.cm-gutters': { backgroundColor: 'var(--surface-2)', color: 'var(--muted)', border: 'none' },
  '.cm-activeLine': { backgroundColor: 'var(--hover)' },
  '.cm-activeLineGutter': { backgroundColor: 'var(--hover)' },
  '.cm-cursor': { borderLeftColor: 'var(--text)' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': { backgroundColor: 'var(--select) !important' },
  '.cm-matchingBracket': { backgroundColor: 'var(--select)', outline: '1px solid var(--border)' },
  '.cm-tooltip': { backgroundColor: 'var(--raised)', color: 'var(--text)', border: '1px solid var(--border)', borderRadius: '8px', overflow: 'hidden' },
  '.cm-tooltip-autocomplete ul li[aria-selected]': { backgroundColor: 'var(--brand)', color: '#fff' },
  '.cm-changed': { backgroundColor: 'var(--diff)' },
  '.cm-diagnostic-error': { borderLeftColor: 'var(--bad)' },
  '.cm-panels': { backgroundColor: 'var(--surface-2)', color: 'var(--text)' },
});

const setMarked = StateEffect.define<Set<number>>();
const mark = Decoration.line({ class: 'cm-changed' });

function decorate(state: EditorState, lines: Set<number>): DecorationSet {
  const builder = new RangeSetBuilder<Decoration>();
  for (const line of [...lines].sort((a, b) => a - b)) {
    if (line < state.doc.lines) builder.add(state.doc.line(line + 1).from, state.doc.line(line + 1).from, mark);
  }
  return builder.finish();
}

const marked = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update: (old, transaction) => {
    let next = old.map(transaction.changes);
    for (const effect of transaction.effects) if (effect.is(setMarked)) next = decorate(transaction.state, effect.value);
    return next;
  },
  provide: (field) => EditorView.decorations.from(field),
});

export interface Problem {
  message: string;
  /** One-based, as the server counts. */
  line?: number | null;
  column?: number | null;
}

/** Where a problem stands in the text: from its column to the end of its line, never outside. */
export function toDiagnostic(state: EditorState, problem: Problem): Diagnostic {
  const line = state.doc.line(Math.min(Math.max(problem.line ?? 1, 1), state.doc.lines));
  const from = Math.min(line.from + Math.max((problem.column ?? 1) - 1, 0), line.to);
  return { from, to: Math.max(from, line.to), severity: 'error', message: problem.message };
}

interface Props {
  value: string;
  onChange?: (value: string) => void;
  onSave?: () => void;
  language?: LanguageSupport;
  problems?: Problem[];
  marked?: Set<number>;
  label: string;
}

export function CodeEditor({ value, onChange, onSave, language, problems, marked: lines, label }: Props) {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(null);
  const slots = useRef({ language: new Compartment(), label: new Compartment() });
  const handlers = useRef({ onChange, onSave });
  useEffect(() => {
    handlers.current = { onChange, onSave };
  });
  const isReadOnly = onChange === undefined;

  useEffect(() => {
    const extensions: Extension[] = [
      lineNumbers(), history(), drawSelection(), indentOnInput(), bracketMatching(), closeBrackets(), highlightSelectionMatches(),
      indentUnit.of('    '), syntaxHighlighting(colours), look, marked, EditorView.lineWrapping,
      slots.current.language.of([]), slots.current.label.of([]),
      EditorState.readOnly.of(isReadOnly),
      // Escape, then Tab leaves the editor, so a keyboard is never caught in it.
      keymap.of([
        { key: 'Mod-s', run: () => { handlers.current.onSave?.(); return true; } },
        ...closeBracketsKeymap, ...completionKeymap, ...historyKeymap, ...searchKeymap, ...defaultKeymap, ...(isReadOnly ? [] : [indentWithTab]),
      ]),
      ...(isReadOnly ? [] : [highlightActiveLine(), lintGutter()]),
      EditorView.updateListener.of((update) => {
        if (update.docChanged) handlers.current.onChange?.(update.state.doc.toString());
      }),
    ];
    view.current = new EditorView({ parent: host.current!, state: EditorState.create({ doc: '', extensions }) });
    return () => view.current?.destroy();
  }, [isReadOnly]);

  useEffect(() => {
    const editor = view.current;
    if (editor && editor.state.doc.toString() !== value) editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: value } });
  }, [value, isReadOnly]);
  useEffect(() => {
    view.current?.dispatch({ effects: slots.current.language.reconfigure(language ?? []) });
  }, [language, isReadOnly]);
  useEffect(() => {
    view.current?.dispatch({ effects: slots.current.label.reconfigure(EditorView.contentAttributes.of({ 'aria-label': label, tabindex: '0' })) });
  }, [label, isReadOnly]);
  useEffect(() => {
    const editor = view.current;
    if (editor) editor.dispatch(setDiagnostics(editor.state, (problems ?? []).map((problem) => toDiagnostic(editor.state, problem))));
  }, [problems]);
  useEffect(() => {
    view.current?.dispatch({ effects: setMarked.of(lines ?? new Set()) });
  }, [lines, value]);

  return <div ref={host} className="code-editor" />;
}
