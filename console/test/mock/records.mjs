// /records: lists with filter, order and keyset pages, single records, writes, actions, timelines.
import { attach, attachmentsOf } from './attachments.mjs';
import { asOf, restore, undo } from './history.mjs';
import { importFile } from './imports.mjs';
import { dismiss, merge, mergesOf, survivor, unmerge } from './merge.mjs';
import { Refused } from './refused.mjs';

const fieldError = (pointer, code, message) => ({ pointer, code, message });

function operand(wanted, user) {
  if (wanted && typeof wanted === 'object' && wanted.$me) return user.id;
  const ago = /^(-?\d+)d$/u.exec(wanted?.$now ?? '');
  if (wanted && typeof wanted === 'object' && wanted.$now !== undefined) return new Date(Date.now() + Number(ago?.[1] ?? 0) * 86_400_000).toISOString();
  return wanted;
}

function test(value, condition, user) {
  // A list is met by one it holds.
  if (Array.isArray(value) && (condition === null || typeof condition !== 'object' || condition.in || condition.eq !== undefined)) return value.some((each) => test(each, condition, user));
  if (condition === null || typeof condition !== 'object' || Array.isArray(condition) || condition.$me || condition.$now) return (value ?? null) === operand(condition, user);
  return Object.entries(condition).every(([name, raw]) => {
    const wanted = operand(raw, user);
    switch (name) {
      case 'eq': return value === wanted;
      case 'ne': return value !== wanted;
      case 'in': return wanted.includes(value);
      case 'nin': return !wanted.includes(value);
      case 'gt': return value > wanted;
      case 'gte': return value >= wanted;
      case 'lt': return value !== undefined && value < wanted;
      case 'lte': return value !== undefined && value <= wanted;
      case 'contains': return Array.isArray(value) ? value.includes(wanted) : String(value ?? '').includes(wanted);
      case 'starts': return String(value ?? '').startsWith(wanted);
      case 'between': return value >= operand(wanted[0], user) && value <= operand(wanted[1], user);
      case 'empty': return (value === undefined) === wanted;
      default: throw new Refused(400, 'filter.invalid', `${name} is no operator`);
    }
  });
}

/** A value through refs: `owner.org`. */
function valueOf(data, row, path) {
  const [name, ...rest] = path.split('.');
  const value = row?.data[name] ?? row?.[name];
  return rest.length === 0 ? value : valueOf(data, data.rows.get(value), rest.join('.'));
}

export function matches(row, filter, user, data) {
  return Object.entries(filter).every(([name, condition]) => {
    if (name === 'and') return condition.every((each) => matches(row, each, user, data));
    if (name === 'or') return condition.some((each) => matches(row, each, user, data));
    if (name === 'not') return !matches(row, condition, user, data);
    if (name === '$segment') return matches(row, data.segments.get(condition)?.filter ?? { id: 'none' }, user, data);
    return test(valueOf(data, row, name), condition, user);
  });
}

/** Roll-ups and computed values, as the server keeps them. */
function derived(data, row) {
  if (row.kind !== 'customer') return row;
  const open = data.all('complaints.case').filter((each) => each.data.customer === row.id && !['closed', 'archived', 'rejected'].includes(each.data.state)).length;
  const grade = row.data.type === 'owner' ? (open > 0 ? 'b' : 'a') : 'c';
  return { ...row, data: { ...row.data, x_open_cases: open, x_grade: grade }, ...(row.rev % 3 === 2 ? { stale: ['x_grade'] } : {}) };
}

function refsOf(data, rows) {
  const refs = {};
  for (const row of rows) {
    for (const value of Object.values(row.data).flat()) {
      const other = typeof value === 'string' ? data.rows.get(value) : undefined;
      if (other) refs[value] = { kind: other.kind, title: String(other.data[data.kindOf(other.kind).title] ?? '') };
    }
  }
  return refs;
}

export function list(data, kind, { query, user }) {
  const filter = JSON.parse(query.get('filter') ?? '{}');
  for (const name of Object.keys(filter)) {
    if (!['and', 'or', 'not', 'created_at', 'updated_at', 'org', 'id', '$segment'].includes(name) && !kind.fields[name.split('.')[0]]) throw new Refused(400, 'filter.invalid', `${kind.kind} has no field ${name}`, [fieldError('/filter', 'filter.invalid', `no field ${name}`)]);
  }
  const words = query.get('q');
  const order = query.get('order') || '-created_at';
  const [by, sign] = order.startsWith('-') ? [order.slice(1), -1] : [order, 1];
  const value = (row) => row.data[by] ?? row[by] ?? '';
  const found = data.all(kind.kind)
    .map((row) => derived(data, row))
    .filter((row) => row.kind !== 'saved_view' || row.data.is_shared || row.data.owner === user.id)
    .filter((row) => matches(row, filter, user, data))
    .filter((row) => !words || Object.entries(row.data).some(([name, each]) => (kind.fields[name]?.searchable || name === kind.title) && String(each).includes(words.replaceAll(' ', ''))))
    .sort((a, b) => (value(a) < value(b) ? -sign : value(a) > value(b) ? sign : a.id < b.id ? -1 : 1));
  const limit = Number(query.get('limit') ?? 25);
  const start = query.get('cursor') ? found.findIndex((row) => row.id === Buffer.from(query.get('cursor'), 'base64url').toString()) + 1 : 0;
  const items = found.slice(start, start + limit);
  const next = start + limit < found.length ? Buffer.from(items.at(-1).id).toString('base64url') : null;
  return { items, next, refs: refsOf(data, items), ...(query.get('count') === 'exact' ? { count: found.length } : {}) };
}

function check(kind, values, isNew, overrides = {}) {
  const errors = [];
  for (const [name, value] of Object.entries(values)) {
    const field = kind.fields[name];
    if (!field) errors.push(fieldError(`/data/${name}`, 'unknown', `${kind.kind} has no field ${name}`));
    else if (field.type === 'phone' && value !== null && !/^(\+86)?1[3-9]\d{9}$/u.test(String(value).replaceAll(/[\s-]/gu, ''))) errors.push(fieldError(`/data/${name}`, 'phone.invalid', `phone ${value} has the wrong number of digits: write 11 digits`));
    else if (field.type === 'email' && value !== null && !String(value).includes('@')) errors.push(fieldError(`/data/${name}`, 'email.invalid', `${value} is not an e-mail address`));
    else if (name === 'uscc' && value !== null && !/^[0-9A-Z]{18}$/u.test(value)) errors.push(fieldError('/data/uscc', 'uscc.invalid', `uscc ${value} has not 18 characters`));
    else if (name === 'uscc' && value !== null && !value.endsWith('X') && !overrides.uscc) errors.push(fieldError('/data/uscc', 'uscc.doubtful', `the check digit of ${value} does not fit: correct it, or send overrides.uscc with the reason`));
    else if (field.required && value === null) errors.push(fieldError(`/data/${name}`, 'required', `${name} is required`));
  }
  for (const [name, field] of Object.entries(kind.fields)) {
    if (isNew && field.required && values[name] === undefined && field.default === undefined) errors.push(fieldError(`/data/${name}`, 'required', `${name} is required`));
  }
  if (errors.length > 0) throw new Refused(400, 'invalid', errors[0].message, errors);
  if (values.phone) values.phone = `+86${String(values.phone).replaceAll(/[\s-]/gu, '').replace(/^\+86/u, '')}`;
  return values;
}

const NEXT = { accept: ['accepted', 'accepted_at', '受理了投诉', 'Complaint accepted'], soothe: ['soothed', 'soothed_at', '安抚了客户', 'Customer soothed'], analyse: ['analysing', 'analysed_at', '完成了原因分析', 'Cause analysed'], propose: ['proposed', 'decided_at', '提出了方案', 'Remedy proposed'], reject: ['rejected', 'closed_at', '不予受理', 'Rejected'] };

function act(data, kind, row, name, input, user) {
  const action = kind.actions.find((each) => each.name === name);
  if (!action) throw new Refused(404, 'action.not_found', `no action ${name}`);
  const missing = (action.input.required ?? []).filter((field) => input[field] === undefined);
  if (missing.length > 0) throw new Refused(400, 'invalid', 'something is missing', missing.map((field) => fieldError(`/${field}`, 'required', `${field} is required`)));
  const states = action.when?.states ?? [];
  if (row && states.length > 0 && !states.includes(row.data.state)) throw new Refused(409, 'state.refused', `the state ${row.data.state} does not allow ${name}`);
  const actor = data.person(user);
  const at = data.iso(data.now());
  if (name === 'raise') {
    if (input.responsible_staff === user.id) throw new Refused(400, 'invalid', 'wrong', [fieldError('/responsible_staff', 'owner_is_subject', '被投诉人员不能负责本投诉，请更换负责人')]);
    const number = `C${String(data.all('complaints.case').length + 1).padStart(6, '0')}`;
    const record = data.create('complaints.case', { ...input, number, state: 'received', level: /刹车|起火/u.test(input.facts) ? 'important' : 'general', owner: user.id, received_at: input.received_at ?? at, response_due: data.iso(data.now() + 4 * 3_600_000), execution_due: data.iso(data.now() + 72 * 3_600_000) }, actor, { title: { 'zh-CN': `登记了投诉 ${number}`, en: `Complaint ${number} raised` } });
    return { reply: { number }, record };
  }
  if (name === 'add') return { reply: {}, record: data.create('worklist.task', { owner: user.id, state: 'open', ...input }, actor, { title: { 'zh-CN': '新建了待办', en: 'Task added' } }) };
  if (name === 'complete') return { reply: {}, record: data.change(row, { state: 'done', done_at: at, outcome: input.outcome }, actor, { verb: 'done', title: { 'zh-CN': '完成了待办', en: 'Task completed' } }) };
  if (name === 'set_password') {
    if (input.password.length < 10) throw new Refused(400, 'password.invalid', 'the password is too short', [fieldError('/password', 'too_short', '密码至少 10 位')]);
    return { reply: {} };
  }
  const { note: _note, reason: _reason, ...values } = input;
  const step = NEXT[name];
  const patch = step ? { ...values, state: step[0], [step[1]]: at } : name === 'inform' ? { informed_at: at } : values;
  const title = step ? { 'zh-CN': step[2], en: step[3] } : action.label;
  return { reply: {}, record: data.change(row, patch, actor, { verb: step?.[0] ?? name, title }) };
}

function timeline(data, row, query) {
  const own = data.events.filter((event) => event.subject === row.id || event.record?.id === row.id).reverse();
  const start = Number(query.get('cursor') || 0);
  const limit = Number(query.get('limit') ?? 25);
  return { items: own.slice(start, start + limit), next: start + limit < own.length ? String(start + limit) : null };
}

/** What a write is kept with. */
const notes = (body) => ({ why: body?.why, overrides: body?.overrides });
const isDry = (query) => query.get('dry_run') === 'true';

async function one(data, kind, row, [, , , , part, name], call) {
  const { method, body, headers, user, query } = call;
  if (!part && method === 'GET') {
    const then = asOf(data, row, query);
    const shown = then ?? derived(data, row);
    return [200, { ...shown, refs: refsOf(data, [shown]) }, { etag: `"${row.rev}"` }];
  }
  if (part === 'attachments') return method === 'POST' ? attach(data, row, call) : attachmentsOf(data, row);
  if (part === 'merges') return [200, { items: mergesOf(data, row.id), next: null }];
  if (part === 'undo' && method === 'POST') return undo(data, row, body, user);
  if (!part && method === 'PATCH') {
    if (headers['if-match'] && headers['if-match'] !== `"${row.rev}"`) throw new Refused(412, 'record.stale', `the record is at revision ${row.rev} now`);
    const write = () => data.change(row, check(kind, body.data, false, body.overrides), data.person(user), notes(body));
    if (isDry(query)) return [200, data.rehearse(write, [{ name: 'record.change', body: { kind: kind.kind, id: row.id, data: body.data } }])];
    return [200, write(), { etag: `"${row.rev}"` }];
  }
  if (!part && method === 'DELETE') {
    data.remove(row, data.person(user));
    return [204];
  }
  if (part === 'timeline') return [200, timeline(data, row, query)];
  if (part === 'history') return [200, { items: data.revisions.get(row.id) ?? [], next: null }];
  if (part === 'why') {
    const receipt = data.events.filter((event) => event.record?.id === row.id).flatMap((event) => event.receipts).find((each) => each.field === name);
    if (!receipt) throw new Refused(404, 'receipt.not_found', 'this field was not decided by a rule');
    return [200, receipt];
  }
  if (part === 'actions' && method === 'POST') {
    const work = { 'customer merge': merge, 'customer unmerge': unmerge, 'review merge': merge, 'review dismiss': dismiss }[`${kind.kind} ${name}`];
    if (work) return work(data, row, body ?? {}, user, isDry(query));
    const run = () => act(data, kind, row, name, body ?? {}, user);
    return [200, isDry(query) ? data.rehearse(run, [{ name: 'record.change', body: { kind: kind.kind, id: row.id, data: body ?? {} } }]) : run()];
  }
  return undefined;
}

function exportOf(data, kind, call) {
  const { query, user } = call;
  if (!query.get('purpose')) throw new Refused(400, 'invalid', 'an export needs a purpose', [fieldError('?purpose', 'required', 'purpose is required')]);
  const all = new URLSearchParams(query);
  all.set('limit', '100000');
  const { items } = list(data, kind, { query: all, user });
  const fields = (query.get('fields') ?? Object.keys(kind.fields).join(',')).split(',');
  data.exports.unshift({ id: data.nextId('export'), at: data.iso(data.now()), actor: data.person(user), kind: kind.kind, format: query.get('format'), purpose: query.get('purpose'), filter: JSON.parse(query.get('filter') ?? '{}'), rows: items.length });
  const lines = [fields.join(','), ...items.map((row) => fields.map((name) => JSON.stringify(row.data[name] ?? '')).join(','))];
  return [200, { raw: `\uFEFF${lines.join('\r\n')}\r\n`, type: 'text/csv' }, { 'content-disposition': `attachment; filename="${kind.kind}.csv"` }];
}

export async function answerRecords(data, call) {
  const { path, method, body, user, query } = call;
  const parts = path.split('/').map(decodeURIComponent);
  if (parts[1] !== 'records') return undefined;
  const kind = data.kindOf(parts[2]);
  if (!kind) throw new Refused(404, 'kind.not_found', `there is no kind ${parts[2]}`);
  if (parts.length === 3 && method === 'GET') return [200, list(data, kind, call)];
  if (parts.length === 3 && method === 'POST') {
    const old = body.data.phone && kind.kind === 'customer' ? data.all('customer').find((row) => row.data.phone?.endsWith(String(body.data.phone).slice(-11))) : undefined;
    const defaults = Object.fromEntries(Object.entries(kind.fields).filter(([, field]) => field.default !== undefined).map(([name, field]) => [name, field.default]));
    const own = kind.kind === 'saved_view' ? { owner: user.id } : {};
    const write = () => data.create(kind.kind, check(kind, { ...defaults, ...own, ...body.data }, true, body.overrides), data.person(user), notes(body));
    if (isDry(query)) return [200, data.rehearse(write, [{ name: 'record.create', body: { kind: kind.kind, data: body.data } }])];
    return old ? [200, old] : [201, write()];
  }
  if (parts[3] === 'export') return exportOf(data, kind, call);
  if (parts[3] === 'import') return importFile(data, kind, call);
  if (parts[3] === 'actions') return [200, act(data, kind, undefined, parts[4], body ?? {}, user)];
  if (parts[3] === 'aggregate') return [200, { items: [{ n: data.all(kind.kind).length }] }];
  const row = data.get(kind.kind, survivor(data, parts[3]));
  // What was removed can still be looked back at, and restored.
  if (!row && parts[4] === 'history' && data.revisions.has(parts[3])) return [200, { items: data.revisions.get(parts[3]), next: null }];
  if (!row && parts[4] === 'restore' && method === 'POST') return restore(data, kind.kind, parts[3], user);
  if (!row) throw new Refused(404, 'record.not_found', `there is no ${kind.kind} ${parts[3]}`);
  return one(data, kind, row, parts, call);
}
