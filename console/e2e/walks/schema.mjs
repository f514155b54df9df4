// The client is typed by the server's document: it must be the one of today.
import assert from 'node:assert/strict';
import { isCurrent } from '../../tools/schema.mjs';
import { baseUrl } from '../tools.mjs';

export async function walkSchema() {
  const document = await (await fetch(`${baseUrl}/api/openapi.json`)).json();
  assert.ok(await isCurrent(document), 'src/api/schema.d.ts is behind the server: run `npm run api`');
}
