// Looking back at a record, and taking one change back.
import { Refused } from './refused.mjs';

/** The record as of a time or revision, or nothing when neither is asked for. */
export function asOf(data, row, query) {
  const at = query.get('at');
  const rev = query.get('rev');
  if (!at && !rev) return undefined;
  const then = (data.revisions.get(row.id) ?? []).filter((each) => (at ? each.at <= at : each.rev <= Number(rev))).reverse();
  if (then.length === 0) throw new Refused(404, 'record.not_found', 'the record did not exist yet');
  const values = {};
  for (const { changes } of then) for (const { field, new: next } of changes) {
    if (next === null) delete values[field];
    else values[field] = next;
  }
  return { ...row, rev: then.at(-1).rev, updated_at: then.at(-1).at, data: values };
}

export function undo(data, row, { rev, fields, why }, user) {
  const history = data.revisions.get(row.id) ?? [];
  const taken = history.find((each) => each.rev === rev);
  if (!taken) throw new Refused(404, 'revision.not_found', `there is no revision ${rev}`);
  const changes = taken.changes.filter(({ field }) => !fields || fields.includes(field));
  const later = changes.filter(({ field, new: next }) => JSON.stringify(row.data[field] ?? null) !== JSON.stringify(next));
  if (later.length > 0) throw new Refused(409, 'undo.conflict', `changed since: ${later.map(({ field }) => field).join(', ')}`, later.map(({ field }) => ({ pointer: `/data/${field}`, code: 'undo.conflict', message: `${field} was changed since: leave it out of fields, or undo that change first` })));
  return [200, data.change(row, Object.fromEntries(changes.map(({ field, old }) => [field, old])), data.person(user), { why, undoes: rev })];
}

/** Back to what it was before it was removed. */
export function restore(data, kind, id, user) {
  const history = data.revisions.get(id) ?? [];
  const last = history[0];
  if (last?.verb !== 'removed') throw new Refused(404, 'record.not_found', 'there is no such removed record');
  const row = { id, kind, org: 'd1', rev: last.rev, created_at: history.at(-1).at, updated_at: last.at, data: {} };
  data.rows.set(id, row);
  return [200, data.change(row, Object.fromEntries(last.changes.map(({ field, old }) => [field, old])), data.person(user), { verb: 'restored' })];
}
