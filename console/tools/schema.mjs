// From the server's OpenAPI document to `src/api/schema.d.ts`: its paths by method and the shapes of its answers. Plain node, no dependency.
// Usage: npm run api [-- --check], against MARQUE_SERVER.
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const FILE = fileURLToPath(new URL('../src/api/schema.d.ts', import.meta.url));
const BASE = '/api/v1';
const METHODS = ['get', 'post', 'put', 'patch', 'delete'];

const quote = (name) => (/^[a-z_$][\w$]*$/iu.test(name) ? name : `'${name}'`);

/** A schema as a type. What it does not say is unknown rather than anything. */
function typeOf(schema, depth = 1) {
  if (!schema || Object.keys(schema).length === 0) return 'unknown';
  if (schema.$ref) return `Schemas['${schema.$ref.split('/').at(-1)}']`;
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  const several = schema.oneOf ?? schema.anyOf;
  if (several) return several.map((each) => typeOf(each, depth)).join(' | ');
  if (Array.isArray(schema.type)) return schema.type.map((type) => typeOf({ ...schema, type }, depth)).join(' | ');
  switch (schema.type) {
    case 'string':
      return 'string';
    case 'integer':
    case 'number':
      return 'number';
    case 'boolean':
      return 'boolean';
    case 'null':
      return 'null';
    case 'array':
      return `(${typeOf(schema.items, depth)})[]`;
    default:
      return objectOf(schema, depth);
  }
}

function objectOf({ properties, required = [], additionalProperties }, depth) {
  if (!properties) return `Record<string, ${additionalProperties && additionalProperties !== true ? typeOf(additionalProperties, depth) : 'unknown'}>`;
  const pad = '  '.repeat(depth);
  const lines = Object.keys(properties).sort().map((name) => `${pad}  ${quote(name)}${required.includes(name) ? '' : '?'}: ${typeOf(properties[name], depth + 1)};`);
  return `{\n${lines.join('\n')}\n${pad}}`;
}

/** Kinds come and go with plugins: what is said of each by name is left out, the general paths hold for all. */
function coreOf(document) {
  const all = Object.keys(document.components.schemas);
  const isKind = (name) => name.endsWith('.item') || all.includes(`${name}.item`);
  const schemas = all.filter((name) => !isKind(name)).sort();
  const isOfKind = (path) => /^\/records\/[^/{]+\.[^/]+/u.test(path);
  const paths = Object.entries(document.paths).filter(([path]) => path.startsWith(`${BASE}/`)).map(([path, methods]) => [path.slice(BASE.length), methods]).filter(([path]) => !isOfKind(path) && path !== '/test/clock').sort(([a], [b]) => (a < b ? -1 : 1));
  return { schemas, paths };
}

export function write(document) {
  const { schemas, paths } = coreOf(document);
  const pattern = (path) => (path.includes('{') ? `\`${path.replaceAll(/\{[^}]+\}/gu, '${string}')}\`` : `'${path}'`);
  const parts = [
    '// Generated from the server\'s OpenAPI document by `npm run api`. Not to be edited; the browser walk fails when it is behind.',
    '',
    '/** The shapes the document names. */',
    'export interface Schemas {',
    ...schemas.map((name) => `  ${quote(name)}: ${typeOf(document.components.schemas[name])};`),
    '}',
    '',
    '/** Where each method may go. */',
    'export interface Paths {',
    ...METHODS.map((method) => `  ${method}:\n${paths.filter(([, methods]) => methods[method]).map(([path]) => `    | ${pattern(path)}`).join('\n')};`),
    '}',
    '',
  ];
  return parts.join('\n');
}

/** Whether the file says what a server says now. */
export const isCurrent = async (document) => (await readFile(FILE, 'utf8').catch(() => '')) === write(document);

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const server = process.env.MARQUE_SERVER ?? 'http://127.0.0.1:8080';
  const document = await (await fetch(`${server}/api/openapi.json`)).json();
  if (process.argv.includes('--check')) {
    if (!(await isCurrent(document))) {
      process.stderr.write('src/api/schema.d.ts is behind the server: run `npm run api`\n');
      process.exit(1);
    }
  } else await writeFile(FILE, write(document));
}
