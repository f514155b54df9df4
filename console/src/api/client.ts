// The one place that talks to the server: JSON, RFC 9457 errors, idempotency keys, the end of a session.
import type { Paths } from './schema.d.ts';
import type { FieldError, Json, Problem } from './types.ts';

/** A refused request, as the server told it; `status` 0 means it was never answered. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly errors: FieldError[];
  /** What the server says beside its code for screens to word: counts, names. */
  readonly values: Record<string, unknown>;

  constructor(status: number, problem: Problem) {
    super(problem.detail || problem.title || problem.code || `HTTP ${status}`);
    this.name = 'ApiError';
    this.status = status;
    this.code = problem.code ?? `http.${status}`;
    this.errors = problem.errors ?? [];
    this.values = { ...problem };
  }
}

export interface Options {
  query?: Record<string, string | number | boolean | undefined | null>;
  body?: unknown;
  /** A body that is not JSON: a file. */
  file?: { content: Blob; type: string };
  ifMatch?: number;
  signal?: AbortSignal;
}

const BASE = '/api/v1';
let language = 'zh-CN';
let whenSignedOut: () => void = () => {};

/** What the server should write its messages in. */
export function setLanguage(tag: string) {
  language = tag;
}

/** Called when the server no longer knows who we are. */
export function onSignedOut(handler: () => void) {
  whenSignedOut = handler;
}

/** 128 random bits in hex. `crypto.randomUUID` is missing on plain-HTTP hosts, where dealers' first trials often run. */
export function randomKey(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Keys of POSTs that were sent but never answered: sending the same again must not do it twice. */
const unanswered = new Map<string, string>();

export function url(path: string, query?: Options['query']): string {
  const parts = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value != null && value !== '') parts.set(name, String(value));
  }
  const text = parts.toString();
  return BASE + path + (text ? `?${text}` : '');
}

async function problemOf(response: Response): Promise<Problem> {
  const type = response.headers.get('content-type') ?? '';
  if (!type.includes('json')) return { title: response.statusText || `HTTP ${response.status}` };
  return (await response.json().catch(() => ({}))) as Problem;
}

async function send(method: string, path: string, options: Options): Promise<Response> {
  const headers: Record<string, string> = { accept: 'application/json, application/problem+json', 'accept-language': language };
  const address = url(path, options.query);
  let body: BodyInit | undefined;
  let fingerprint = '';
  if (options.file) {
    headers['content-type'] = options.file.type;
    body = options.file.content;
    fingerprint = `${address} ${options.file.content.size} ${(options.file.content as File).name ?? ''}`;
  } else if (options.body !== undefined) {
    headers['content-type'] = 'application/json';
    body = JSON.stringify(options.body);
    fingerprint = `${address} ${body}`;
  }
  if (options.ifMatch !== undefined) headers['if-match'] = `"${options.ifMatch}"`;
  if (method === 'POST') headers['idempotency-key'] = unanswered.get(fingerprint) ?? randomKey();
  try {
    const response = await fetch(address, { method, headers, body, signal: options.signal, credentials: 'same-origin' });
    unanswered.delete(fingerprint);
    return response;
  } catch (cause) {
    if (options.signal?.aborted) throw cause;
    if (method === 'POST') unanswered.set(fingerprint, headers['idempotency-key']!);
    throw new ApiError(0, { code: 'network', detail: 'the server did not answer' });
  }
}

async function refuse(response: Response, path: string): Promise<never> {
  // A wrong password is answered with 401 too, and ends no session.
  if (response.status === 401 && path !== '/session') whenSignedOut();
  throw new ApiError(response.status, await problemOf(response));
}

async function call<T>(method: string, path: string, options: Options = {}): Promise<T> {
  const response = await send(method, path, options);
  if (!response.ok) return refuse(response, path);
  if (response.status === 204 || response.headers.get('content-length') === '0') return undefined as T;
  const type = response.headers.get('content-type') ?? '';
  return (type.includes('json') ? await response.json() : undefined) as T;
}

export const api = {
  get: <T>(path: Paths['get'], query?: Options['query'], signal?: AbortSignal) => call<T>('GET', path, { query, signal }),
  post: <T>(path: Paths['post'], body?: unknown, options?: Options) => call<T>('POST', path, { body: options?.file ? undefined : (body ?? {}), ...options }),
  /** A POST whose status matters: 201 for something new, 200 for what was already there. */
  create: async <T>(path: Paths['post'], body: unknown, query?: Options['query']): Promise<{ isNew: boolean; item: T }> => {
    const response = await send('POST', path, { body, query });
    if (!response.ok) return refuse(response, path);
    return { isNew: response.status === 201, item: (await response.json()) as T };
  },
  put: <T>(path: Paths['put'], body: unknown, query?: Options['query']) => call<T>('PUT', path, { body, query }),
  patch: <T>(path: Paths['patch'], body: unknown, ifMatch?: number, query?: Options['query']) => call<T>('PATCH', path, { body, ifMatch, query }),
  delete: <T>(path: Paths['delete'], ifMatch?: number, query?: Options['query'], body?: unknown) => call<T>('DELETE', path, { ifMatch, query, body }),
  /** A file to be kept; refusals are errors here, where a plain link would save them as the file. */
  download: async (path: Paths['get'], query?: Options['query'], signal?: AbortSignal): Promise<Blob> => {
    const response = await send('GET', path, { query, signal });
    return response.ok ? response.blob() : refuse(response, path);
  },
};

/** Sends a file and tells how far it is, from 0 to 1; only this old way of asking can. */
export function upload<T>(path: string, file: File, query: Options['query'], onProgress: (part: number) => void, signal?: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', url(path, query));
    request.setRequestHeader('accept', 'application/json, application/problem+json');
    request.setRequestHeader('accept-language', language);
    request.setRequestHeader('content-type', file.type || 'application/octet-stream');
    request.setRequestHeader('idempotency-key', randomKey());
    request.upload.addEventListener('progress', ({ loaded, total }) => onProgress(total > 0 ? loaded / total : 0));
    request.addEventListener('error', () => reject(new ApiError(0, { code: 'network', detail: 'the server did not answer' })));
    request.addEventListener('abort', () => reject(new DOMException('stopped', 'AbortError')));
    request.addEventListener('load', () => {
      const body = parse(request.responseText);
      if (request.status >= 200 && request.status < 300) resolve(body as T);
      else {
        if (request.status === 401) whenSignedOut();
        reject(new ApiError(request.status, (body ?? { title: request.statusText }) as Problem));
      }
    });
    signal?.addEventListener('abort', () => request.abort());
    request.send(file);
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** Hands a file to the browser to keep under a name. */
export function saveFile(name: string, content: Blob) {
  const address = URL.createObjectURL(content);
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
}

/** A filter as the `filter` query parameter, or nothing when it says nothing. */
export function filterParam(filter: Record<string, Json> | undefined): string | undefined {
  return filter && Object.keys(filter).length > 0 ? JSON.stringify(filter) : undefined;
}
