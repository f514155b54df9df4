import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import en from '../src/locales/en.json';
import zh from '../src/locales/zh-CN.json';

const SRC = join(import.meta.dirname, '../src');
const slots = (text: string) => [...text.matchAll(/\{\{(\w+)\}\}/gu)].map((match) => match[1]).sort();

function sources(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) return sources(path);
    return /\.tsx?$/u.test(name) && !name.includes('.test.') ? [path] : [];
  });
}

describe('messages', () => {
  it('are the same list in both languages, in the same order', () => {
    expect(Object.keys(en)).toEqual(Object.keys(zh));
  });

  it('fill the same slots in both languages', () => {
    for (const [key, text] of Object.entries(zh)) expect(slots((en as Record<string, string>)[key]!), key).toEqual(slots(text));
  });

  it('are never empty', () => {
    for (const [key, text] of [...Object.entries(zh), ...Object.entries(en)]) expect(text.trim() || text, key).not.toBe('');
  });

  it('are all used', () => {
    const code = sources(SRC).map((path) => readFileSync(path, 'utf8')).join('\n');
    // Keys made from a prefix and a name: `import.count.${name}`.
    const prefixes = [...code.matchAll(/`([a-z_.]+\.)\$\{/gu)].map((match) => match[1]!);
    const unused = Object.keys(zh).filter((key) => !code.includes(`'${key}'`) && !prefixes.some((prefix) => key.startsWith(prefix)));
    expect(unused).toEqual([]);
  });
});

describe('source', () => {
  it('has no Chinese outside the messages, so that English is complete', () => {
    // Labels that carry both languages, the name of the language itself, and comments.
    const allowed = /'zh-CN':|label: '中文'|\/\/|\/\*|\* /u;
    const found = sources(SRC).flatMap((path) => readFileSync(path, 'utf8').split('\n').filter((line) => /\p{Script=Han}/u.test(line) && !allowed.test(line)).map((line) => `${path}: ${line.trim()}`));
    expect(found).toEqual([]);
  });

  it('keeps features apart: none imports another', () => {
    const found = sources(join(SRC, 'features')).flatMap((path) => {
      const own = path.slice(join(SRC, 'features').length + 1).split('/')[0];
      return [...readFileSync(path, 'utf8').matchAll(/from '(\.\.\/[^']+)'/gu)].map((match) => join(path, '..', match[1]!)).filter((target) => target.includes('/features/') && !target.includes(`/features/${own}/`)).map((target) => `${path} → ${target}`);
    });
    expect(found).toEqual([]);
  });

  it('lets a failed read stand in the place of what was read only when nothing was', () => {
    // `if (error) return` and `error ? <Failure …` throw a page away, and what is typed in it, at the first gap in the network.
    const early = /^\s*if \([\w.]*(?:[eE]rror|closed|failure)(?: (?:\?\?|\|\|) \w+)?\) return|[{]\(?(?:[\w.]*[eE]rror(?: \?\? [\w.]+)?) \? <(?:Failure|Alert)/u;
    const found = sources(SRC).flatMap((path) => readFileSync(path, 'utf8').split('\n').filter((line) => early.test(line)).map((line) => `${path}: ${line.trim().slice(0, 90)}`));
    expect(found).toEqual([]);
  });

  it('keys no part by what the server says, which would throw away what is typed in it', () => {
    const keyed = /<[A-Z]\w* [^>]*\bkey=\{[^}]*(?:JSON\.stringify|\.rev\b)/u;
    expect(sources(SRC).flatMap((path) => readFileSync(path, 'utf8').split('\n').filter((line) => keyed.test(line)).map((line) => `${path}: ${line.trim()}`))).toEqual([]);
  });

  it('draws every slot that plugins are told of', () => {
    const told = [...readFileSync(join(SRC, '../../docs/PLUGINS.md'), 'utf8').matchAll(/^\| (`[a-z]+\.[a-z]+`(?:, `[a-z]+\.[a-z]+`)*) \| [^|]+ \| [^|]+ \|$/gmu)].flatMap(([, names]) => names!.replaceAll('`', '').split(', '));
    const drawn = [...sources(SRC).map((path) => readFileSync(path, 'utf8')).join('\n').matchAll(/(?:slot="|useSlot\(')([a-z.]+)/gu)].map(([, name]) => name);
    expect(told).toContain('customer.profile');
    expect(told.filter((name) => !drawn.includes(name))).toEqual([]);
  });

  it('names no plugin', () => {
    // Those that ship with it; a dealer's own cannot be known here at all.
    // Two are words of the console's own as well: a section, the value of an input. They are looked for in front of a dot or a colon.
    const words = ['care', 'value'];
    const plugins = readdirSync(join(SRC, '../../plugins')).filter((name) => statSync(join(SRC, '../../plugins', name)).isDirectory());
    expect(plugins.length).toBeGreaterThan(0);
    const plain = plugins.filter((name) => !words.includes(name));
    const named = new RegExp(`['"\`/](?:(?:${plain.join('|')})[.:/'"\`]|(?:${words.join('|')})[.:])`, 'u');
    const found = sources(SRC).filter((path) => named.test(readFileSync(path, 'utf8').replaceAll(/^\s*(\/\/|\/?\*).*$/gmu, '').replaceAll(/\/\/.*$/gmu, '')));
    expect(found).toEqual([]);
  });
});
