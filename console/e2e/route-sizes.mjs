// What each page costs over the wire, from the build's manifest; fails when a page grows past its budget.
import { readFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';

const DIST = fileURLToPath(new URL('../dist', import.meta.url));
/** KB gzipped: the sign-in page as a whole, what it fetches ahead while a person types, and what any further page may add to both. */
const BUDGET = { login: 415, ahead: 40, page: 15, 'ScriptPage.tsx': 145 };

const manifest = JSON.parse(await readFile(join(DIST, '.vite/manifest.json'), 'utf8'));
const sizes = new Map();

async function sizeOf(file) {
  if (!sizes.has(file)) sizes.set(file, gzipSync(await readFile(join(DIST, file)), { level: 9 }).length / 1024);
  return sizes.get(file);
}

function filesOf(key, seen = new Set()) {
  const entry = manifest[key];
  if (!entry || seen.has(key)) return new Set();
  seen.add(key);
  const files = new Set([entry.file, ...(entry.css ?? [])]);
  for (const next of entry.imports ?? []) for (const file of filesOf(next, seen)) files.add(file);
  return files;
}

async function total(files) {
  let sum = 0;
  for (const file of files) sum += await sizeOf(file);
  return sum;
}

const entry = Object.keys(manifest).find((key) => manifest[key].isEntry);
const base = new Set([...filesOf(entry), ...filesOf('src/features/auth/LoginPage.tsx')]);
const login = await total(base);
const ahead = new Set([...filesOf('src/ui/ahead.ts')].filter((file) => !base.has(file)));
const later = await total(ahead);
let isOver = login > BUDGET.login || later > BUDGET.ahead;
console.log(`login ${login.toFixed(1)} KB in ${base.size} files (budget ${BUDGET.login})`);
console.log(`ahead +${later.toFixed(1)} KB in ${ahead.size} files (budget ${BUDGET.ahead})`);
for (const key of Object.keys(manifest).filter((name) => name.startsWith('src/features/')).sort()) {
  const name = key.split('/').at(-1);
  const added = await total([...filesOf(key)].filter((file) => !base.has(file) && !ahead.has(file)));
  const budget = BUDGET[name] ?? BUDGET.page;
  isOver ||= added > budget;
  console.log(`${name.padEnd(22)} +${added.toFixed(1)} KB (budget ${budget})${added > budget ? ' OVER' : ''}`);
}
process.exit(isOver ? 1 : 0);
