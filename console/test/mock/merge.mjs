// Two customers become one, and two again.
import { Refused } from './refused.mjs';

const SEEN_DAYS = 90;

/** Who a merged id stands for now. */
export function survivor(data, id) {
  const found = [...data.merges.values()].find(({ other, undone_at }) => other === id && !undone_at);
  return found ? survivor(data, found.customer) : id;
}

export function mergesOf(data, id) {
  return [...data.merges.values()].filter(({ customer }) => customer === id).map(({ customer: _c, before: _b, moved: _m, lost: _l, ...shown }) => shown).reverse();
}

const pointing = (data, id) => [...data.rows.values()].flatMap((row) => Object.entries(row.data).filter(([, value]) => value === id).map(([field]) => ({ row, field })));

export function merge(data, row, body, user, isDry) {
  const isReview = row.kind === 'review';
  const keep = isReview ? data.get('customer', row.data[body.keep ?? 'customer']) : row;
  const other = data.get('customer', isReview ? row.data[body.keep === 'other' ? 'customer' : 'other'] : body.other);
  if (!keep || !other) throw new Refused(404, 'record.not_found', 'there is no such customer');
  if (keep.id === other.id) throw new Refused(400, 'merge.same', 'a customer cannot be merged with itself');
  const kept = {};
  const lost = {};
  for (const [field, value] of Object.entries(other.data)) {
    const mine = keep.data[field];
    if (mine === undefined || body.choose?.[field] === 'other') kept[field] = value;
    if (mine !== undefined && JSON.stringify(mine) !== JSON.stringify(value)) lost[field] = body.choose?.[field] === 'other' ? mine : value;
  }
  const id = data.nextId('merge');
  const work = () => {
    const moved = pointing(data, other.id);
    const before = structuredClone(keep.data);
    const record = data.change(keep, kept, data.person(user), { verb: 'merged', title: { 'zh-CN': `合并了${other.data.name}`, en: `Merged ${other.data.name}` }, why: body.why });
    for (const each of moved) each.row.data[each.field] = keep.id;
    data.rows.delete(other.id);
    if (isReview) Object.assign(row.data, { state: 'same' });
    data.merges.set(id, { merge: id, customer: keep.id, other: other.id, at: data.iso(data.now()), actor: data.person(user), why: body.why ?? null, undo_until: data.iso(data.now() + SEEN_DAYS * 86_400_000), undone_at: null, before, moved: moved.map((each) => ({ id: each.row.id, field: each.field })), lost: other });
    return record;
  };
  const commands = [{ name: isReview ? 'review.merge' : 'customer.merge', body: { id: keep.id, other: other.id } }];
  if (isDry) {
    const told = data.rehearse(work, commands);
    data.merges.delete(id);
    return [200, { ...told, reply: { merge: id, kept, lost, comes_along: {} } }];
  }
  return [200, { reply: { merge: id, kept, lost }, record: work() }];
}

export function unmerge(data, row, body, user) {
  const made = data.merges.get(body.merge);
  if (!made || made.undone_at) throw new Refused(404, 'merge.not_found', 'there is no such merge');
  const conflicts = [];
  const patch = {};
  for (const { field, old, new: merged } of data.revisions.get(row.id).find(({ verb }) => verb === 'merged')?.changes ?? []) {
    if (JSON.stringify(row.data[field] ?? null) === JSON.stringify(merged)) patch[field] = old;
    else conflicts.push({ field, now: row.data[field] ?? null, before: old });
  }
  data.rows.set(made.other, made.lost);
  for (const { id, field } of made.moved) if (data.rows.has(id)) data.rows.get(id).data[field] = made.other;
  made.undone_at = data.iso(data.now());
  const record = data.change(row, patch, data.person(user), { verb: 'unmerged', title: { 'zh-CN': '撤销了合并', en: 'Merge undone' } });
  return [200, { reply: { restored: made.other, conflicts, made: [] }, record }];
}

export function dismiss(data, row, body, user) {
  if (!body.why) throw new Refused(400, 'invalid', 'a reason is needed', [{ pointer: '/why', code: 'required', message: 'why is required' }]);
  return [200, { reply: {}, record: data.change(row, { state: 'different' }, data.person(user), { why: body.why }) }];
}
