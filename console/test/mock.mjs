// A small server that follows docs/API.md, for work on the console without the real one. Plain node, no dependency.
// Usage: node test/mock.mjs [port]; sign in as admin / admin.
import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createData } from './mock/data.mjs';
import { answerRecords } from './mock/records.mjs';
import { Refused } from './mock/refused.mjs';
import { answerPlatform } from './mock/platform.mjs';
import { answerFiles } from './mock/attachments.mjs';
import { answerHouse } from './mock/house.mjs';
import { answerFields } from './mock/fields.mjs';
import { answerSegments } from './mock/segments.mjs';
import { answerContact } from './mock/contact.mjs';

const DIST = fileURLToPath(new URL('../dist', import.meta.url));
const CSP = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; connect-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
const TYPES = { html: 'text/html; charset=utf-8', js: 'text/javascript', css: 'text/css', svg: 'image/svg+xml', json: 'application/json' };

const data = createData();
/** Everybody here is an administrator. */
const POWERS = ['customer.merge', 'customer.erase', 'customer.copy', 'consent.give', 'message.send', 'contact.settle', 'records.export', 'retention.see', 'retention.set', 'audit.read', 'house.shape', 'segments.keep'];
const sessions = new Map();
const answers = new Map();

function send(response, status, body, headers = {}) {
  const type = status >= 400 ? 'application/problem+json' : 'application/json';
  if (body?.raw !== undefined) {
    response.writeHead(status, { 'content-type': body.type, ...headers });
    return response.end(body.raw);
  }
  response.writeHead(status, { 'content-type': type, ...headers });
  response.end(body === undefined ? undefined : JSON.stringify(body));
}

async function bodyOf(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function sessionOf(request) {
  const cookie = /(?:^|;\s*)marque=([a-z0-9]+)/u.exec(request.headers.cookie ?? '')?.[1];
  const bearer = /^Bearer (.+)$/u.exec(request.headers.authorization ?? '')?.[1];
  return sessions.get(cookie ?? bearer ?? '');
}

function describe(user) {
  const org = data.get('org', user.org);
  return { id: user.id, name: user.data.name, login: user.data.login, org: { id: org.id, name: org.data.name, time_zone: 'Asia/Shanghai' }, roles: user.data.roles, locale: 'zh-CN' };
}

function signIn({ login, password }) {
  const user = data.all('user').find((each) => each.data.login === login);
  if (!user || password !== 'admin') throw new Refused(401, 'session.refused', 'login or password is wrong');
  const token = Math.random().toString(36).slice(2) + Date.now().toString(36);
  sessions.set(token, user);
  return { token, expires_at: new Date(Date.now() + 8 * 3_600_000).toISOString(), user: describe(user) };
}

function stream(request, response, query) {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
  response.write(': hello\n\n');
  const subject = query.get('subject');
  const listener = (event) => {
    if (subject && event.subject !== subject) return;
    const cloud = { specversion: '1.0', id: String(event.seq), source: '/marque', type: event.kind, subject: event.subject, time: event.at, data: event.data };
    response.write(`id: ${event.seq}\ndata: ${JSON.stringify(cloud)}\n\n`);
  };
  data.listeners.add(listener);
  request.on('close', () => data.listeners.delete(listener));
}

async function api(request, response, url) {
  const path = url.pathname.slice('/api/v1'.length);
  const { method } = request;
  if (path === '/clock') return send(response, 200, { now: new Date(data.now()).toISOString() });
  const raw = await bodyOf(request);
  const isJson = (request.headers['content-type'] ?? '').includes('json');
  const body = isJson && raw.length > 0 ? JSON.parse(raw.toString()) : undefined;
  if (path === '/session' && method === 'POST') {
    const session = signIn(body);
    return send(response, 200, session, { 'set-cookie': `marque=${session.token}; Path=/; HttpOnly; SameSite=Strict` });
  }
  const user = sessionOf(request);
  if (!user) throw new Refused(401, 'session.required', 'nobody is signed in');
  if (path === '/session' && method === 'GET') return send(response, 200, { user: describe(user), powers: POWERS });
  if (path === '/session' && method === 'DELETE') {
    for (const [token, each] of sessions) if (each === user) sessions.delete(token);
    return send(response, 204, undefined, { 'set-cookie': 'marque=; Path=/; Max-Age=0' });
  }
  if (path === '/events/stream') return stream(request, response, url.searchParams);
  const key = method === 'POST' ? request.headers['idempotency-key'] : undefined;
  if (key && answers.has(key)) return send(response, ...answers.get(key));
  const call = { method, path, query: url.searchParams, body, raw, headers: request.headers, user };
  const answer = answerHouse(data, call) ?? answerContact(data, call) ?? (await answerRecords(data, call)) ?? answerSegments(data, call) ?? answerFiles(data, call) ?? answerFields(data, call) ?? (await answerPlatform(data, call));
  if (!answer) throw new Refused(404, 'route.not_found', 'there is nothing at this path');
  if (key) answers.set(key, answer);
  return send(response, ...answer);
}

async function file(response, pathname) {
  const name = normalize(pathname).replace(/^(\.\.[/\\])+/u, '');
  const wanted = join(DIST, name === '/' ? 'index.html' : name);
  const content = await readFile(wanted).catch(() => (name.startsWith('/assets/') ? null : readFile(join(DIST, 'index.html'))));
  if (!content) return send(response, 404, {});
  const type = TYPES[wanted.split('.').at(-1)] ?? TYPES.html;
  response.writeHead(200, { 'content-type': type, 'content-security-policy': CSP, 'x-content-type-options': 'nosniff', 'referrer-policy': 'same-origin' });
  response.end(content);
}

const port = Number(process.argv[2] ?? process.env.PORT ?? 8080);
createServer((request, response) => {
  const url = new URL(request.url, 'http://mock');
  const work = url.pathname.startsWith('/api/') ? api(request, response, url) : file(response, url.pathname);
  work.catch((error) => {
    if (!(error instanceof Refused)) console.error(error);
    const { status = 500, code = 'internal', errors = [] } = error;
    send(response, status, { type: 'about:blank', title: 'Refused', status, code, detail: error.message, ...(errors.length > 0 ? { errors } : {}) });
  });
}).listen(port, '127.0.0.1', () => console.log(`mock server on http://127.0.0.1:${port}, sign in as admin / admin`));
