// Saved groups: counted when asked for.
import { list, matches } from './records.mjs';
import { Refused } from './refused.mjs';

const withCount = (data, segment, user) => {
  const members = segment.ids ?? data.all(segment.kind).filter((row) => matches(row, segment.filter, user, data)).map(({ id }) => id);
  const { ids: _ids, ...shown } = segment;
  return { ...shown, n: members.length, counted_at: data.iso(data.now()) };
};

export function answerSegments(data, { path, method, body, user, query }) {
  if (!path.startsWith('/segments')) return undefined;
  const [, , id, part] = path.split('/');
  if (!id && method === 'GET') return [200, { items: [...data.segments.values()].map((each) => withCount(data, each, user)), next: null }];
  if (!id && method === 'POST') {
    if (!body.name) throw new Refused(400, 'invalid', 'a name is needed', [{ pointer: '/name', code: 'required', message: 'name is required' }]);
    const segment = { id: data.nextId('segment'), name: body.name, kind: body.kind, filter: body.filter ?? {}, org: body.org ?? 'd1', owner: user.id, is_static: body.is_static === true, rev: 1 };
    if (segment.is_static) segment.ids = data.all(segment.kind).filter((row) => matches(row, segment.filter, user, data)).map((row) => row.id);
    data.segments.set(segment.id, segment);
    return [201, withCount(data, segment, user)];
  }
  const segment = data.segments.get(id);
  if (!segment) throw new Refused(404, 'segment.not_found', 'there is no such segment');
  if (part === 'records' && method === 'POST') {
    segment.ids = [...new Set([...segment.ids, ...(body.add ?? [])])].filter((each) => !(body.remove ?? []).includes(each));
    return [200, withCount(data, segment, user)];
  }
  if (part === 'records') {
    const asked = new URLSearchParams(query);
    asked.set('filter', JSON.stringify(segment.ids ? { id: { in: segment.ids } } : segment.filter));
    return [200, list(data, data.kindOf(segment.kind), { query: asked, user })];
  }
  if (method === 'PATCH') {
    Object.assign(segment, body, { rev: segment.rev + 1 });
    return [200, withCount(data, segment, user)];
  }
  if (method === 'DELETE') {
    data.segments.delete(id);
    return [204];
  }
  return [200, withCount(data, segment, user)];
}
