// Files on records: kept in memory, told by digest and type.
import { createHash } from 'node:crypto';
import { Refused } from './refused.mjs';

const shown = ({ content: _content, record: _record, ...file }) => file;

export function attachmentsOf(data, row) {
  return [200, { items: [...data.files.values()].filter(({ record }) => record === row.id).map(shown), next: null }];
}

export function attach(data, row, { query, raw, headers, user }) {
  if (raw.length > 20_000_000) throw new Refused(413, 'attachment.too_large', 'the file is larger than 20 MB');
  const file = { id: data.nextId('file'), name: query.get('name') ?? 'file', type: headers['content-type'] ?? 'application/octet-stream', size: raw.length, digest: createHash('sha256').update(raw).digest('hex'), at: data.iso(data.now()), actor: data.person(user), record: row.id, content: raw };
  data.files.set(file.id, file);
  return [201, shown(file)];
}

export function answerFiles(data, { path, method }) {
  if (path === '/exports') return [200, { items: data.exports, next: null }];
  if (!path.startsWith('/attachments/')) return undefined;
  const file = data.files.get(path.split('/')[2]);
  if (!file) throw new Refused(404, 'attachment.not_found', 'there is no such file');
  if (method === 'DELETE') {
    data.files.delete(file.id);
    return [204];
  }
  return [200, { raw: file.content, type: file.type }, { 'content-disposition': `attachment; filename*=UTF-8''${encodeURIComponent(file.name)}` }];
}
