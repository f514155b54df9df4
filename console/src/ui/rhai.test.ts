import { StringStream } from '@codemirror/language';
import { describe, expect, it } from 'vitest';
import { diffLines } from './diff.ts';
import { rhaiStart, rhaiToken } from './rhai.ts';

function tokens(source: string): [string, string][] {
  const state = rhaiStart();
  return source.split('\n').flatMap((line) => {
    const stream = new StringStream(line, 4, 4);
    const found: [string, string][] = [];
    while (!stream.eol()) {
      stream.start = stream.pos;
      const style = rhaiToken(stream, state);
      if (style) found.push([stream.current(), style]);
    }
    return found;
  });
}

const styleOf = (source: string, text: string) => tokens(source).find(([token]) => token === text)?.[1];

describe('Rhai', () => {
  it('nests block comments over lines', () => {
    expect(tokens('/* a /* b */\n still */ let')).toEqual([['/* a /* b */', 'comment'], [' still */', 'comment'], ['let', 'keyword']]);
  });

  it('knows code inside templates, with braces of its own', () => {
    expect(tokens('`a ${#{x: 1}.x} b`').map(([, style]) => style)).toEqual(['string', 'bracket', 'bracket', 'variableName', 'operator', 'number', 'bracket', 'operator', 'variableName', 'string', 'string']);
  });

  it('keeps an escaped quote inside its text', () => {
    expect(tokens('"a \\" b" + 1')[0]).toEqual(['"a \\" b"', 'string']);
  });

  it('tells definitions, calls and refused words apart', () => {
    expect(styleOf('fn decide(input) { hour(input.now) }', 'decide')).toBe('def');
    expect(styleOf('fn decide(input) { hour(input.now) }', 'hour')).toBe('variableName.function');
    expect(styleOf('eval("1")', 'eval')).toBe('invalid');
  });
});

describe('a diff by lines', () => {
  it('names the lines only one side has', () => {
    expect(diffLines('a\nb\nc\nd', 'a\nx\nc\nd\ne')).toEqual({ onlyA: new Set([1]), onlyB: new Set([1, 4]) });
    expect(diffLines('same', 'same')).toEqual({ onlyA: new Set(), onlyB: new Set() });
  });
});
