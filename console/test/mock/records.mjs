// /records: lists with filter, order and keyset pages, single records, writes, actions, timelines.
import { importFile } from './imports.mjs';
import { Refused } from './refused.mjs';

const fieldError = (pointer, code, message) => ({ pointer, code, message });

function operand(wanted, user) {
  if (wanted && typeof wanted === 'object' && wanted.$me) return user.id;
  return wanted;
}

function test(value, condition, user) {
  if (condition === null || typeof condition !== 'object' || Array.isArray(condition) || condition.$me) return (value ?? null) === operand(condition, user);
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
      case 'empty': return (value === undefined) === wanted;
      default: throw new Refused(400, 'filter.invalid', `${name} is no operator`);
    }
  });
}

export function matches(row, filter, user) {
  return Object.entries(filter).every(([name, condition]) => {
    if (name === 'and') return condition.every((each) => matches(row, each, user));
    if (name === 'or') return condition.some((each) => matches(row, each, user));
    if (name === 'not') return !matches(row, condition, user);
    return test(row.data[name] ?? row[name], condition, user);
  });
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

function list(data, kind, { query, user }) {
  const filter = JSON.parse(query.get('filter') ?? '{}');
  for (const name of Object.keys(filter)) {
    if (!['and', 'or', 'not', 'created_at', 'updated_at', 'org', 'id'].includes(name) && !kind.fields[name]) throw new Refused(400, 'filter.invalid', `${kind.kind} has no field ${name}`, [fieldError('/filter', 'filter.invalid', `no field ${name}`)]);
  }
  const words = query.get('q');
  const order = query.get('order') || '-created_at';
  const [by, sign] = order.startsWith('-') ? [order.slice(1), -1] : [order, 1];
  const value = (row) => row.data[by] ?? row[by] ?? '';
  const found = data.all(kind.kind)
    .filter((row) => matches(row, filter, user))
    .filter((row) => !words || Object.entries(row.data).some(([name, each]) => (kind.fields[name]?.searchable || name === kind.title) && String(each).includes(words.replaceAll(' ', ''))))
    .sort((a, b) => (value(a) < value(b) ? -sign : value(a) > value(b) ? sign : a.id < b.id ? -1 : 1));
  const limit = Number(query.get('limit') ?? 25);
  const start = query.get('cursor') ? found.findIndex((row) => row.id === Buffer.from(query.get('cursor'), 'base64url').toString()) + 1 : 0;
  const items = found.slice(start, start + limit);
  const next = start + limit < found.length ? Buffer.from(items.at(-1).id).toString('base64url') : null;
  return { items, next, refs: refsOf(data, items), ...(query.get('count') === 'exact' ? { count: found.length } : {}) };
}

function check(kind, values, isNew) {
  const errors = [];
  for (const [name, value] of Object.entries(values)) {
    const field = kind.fields[name];
    if (!field) errors.push(fieldError(`/data/${name}`, 'unknown', `${kind.kind} has no field ${name}`));
    else if (field.type === 'phone' && value !== null && !/^(\+86)?1[3-9]\d{9}$/u.test(String(value).replaceAll(/[\s-]/gu, ''))) errors.push(fieldError(`/data/${name}`, 'phone.invalid', `phone ${value} has the wrong number of digits: write 11 digits`));
    else if (field.type === 'email' && value !== null && !String(value).includes('@')) errors.push(fieldError(`/data/${name}`, 'email.invalid', `${value} is not an e-mail address`));
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

async function one(data, kind, row, [, , , , part, name], call) {
  const { method, body, headers, user, query } = call;
  if (!part && method === 'GET') return [200, { ...row, refs: refsOf(data, [row]) }, { etag: `"${row.rev}"` }];
  if (!part && method === 'PATCH') {
    if (headers['if-match'] && headers['if-match'] !== `"${row.rev}"`) throw new Refused(412, 'record.stale', `the record is at revision ${row.rev} now`);
    return [200, data.change(row, check(kind, body.data, false), data.person(user)), { etag: `"${row.rev}"` }];
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
  if (part === 'actions' && method === 'POST') return [200, act(data, kind, row, name, body ?? {}, user)];
  return undefined;
}

export async function answerRecords(data, call) {
  const { path, method, body, user, query } = call;
  const parts = path.split('/').map(decodeURIComponent);
  if (parts[1] !== 'records') return undefined;
  const kind = data.kindOf(parts[2]);
  if (!kind) throw new Refused(404, 'kind.not_found', `there is no kind ${parts[2]}`);
  if (parts.length === 3 && method === 'GET') return [200, list(data, kind, call)];
  if (parts.length === 3 && method === 'POST') {
    const old = body.data.phone && kind.kind === 'customer' ? data.all('customer').find((row) => row.data.phone.endsWith(String(body.data.phone).slice(-11))) : undefined;
    if (old) return [200, old];
    return [201, data.create(kind.kind, check(kind, { ...Object.fromEntries(Object.entries(kind.fields).filter(([, field]) => field.default !== undefined).map(([name, field]) => [name, field.default])), ...body.data }, true), data.person(user))];
  }
  if (parts[3] === 'import') return importFile(data, kind, call);
  if (parts[3] === 'actions') return [200, act(data, kind, undefined, parts[4], body ?? {}, user)];
  if (parts[3] === 'aggregate') return [200, { items: [{ n: data.all(kind.kind).length }] }];
  const row = data.get(kind.kind, parts[3]);
  if (!row) throw new Refused(404, 'record.not_found', `there is no ${kind.kind} ${parts[3]}`);
  void query;
  return one(data, kind, row, parts, call);
}
