// Organisations, people's duty and sessions, what people would see, the audit log and exports that wait.
import { Refused } from './refused.mjs';

const HOUR = 3_600_000;
const OUTLET = ['maker', 'region', 'dealer_group'];
const TYPES = [['maker', []], ['region', ['maker']], ['dealer_group', ['maker', 'region']], ['dealer', OUTLET], ['service_station', OUTLET], ['car_market_seller', OUTLET], ['desk', [...OUTLET, 'dealer', 'service_station']], ['call_vendor', ['maker']], ['survey_house', ['maker']]];
const KEYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

const label = (zh, en, type, more = {}) => ({ type, label: { 'zh-CN': zh, en }, ...more });

/** The kind of roles, as the server's own file has it. */
export const ROLE = {
  kind: 'role', label: { 'zh-CN': '角色', en: 'Role' }, plural: { 'zh-CN': '角色', en: 'Roles' }, title: 'code', plugin: null, actions: [],
  fields: { code: label('代码', 'Code', 'text', { required: true, indexed: true }), name: label('名称', 'Name', 'json', { required: true }), note: label('用途', 'Note', 'text'), like: label('基于', 'Like', 'text'), grants: label('授权', 'Grants', 'json'), status: label('状态', 'Status', 'enum', { default: 'active', values: [{ value: 'active', label: '在用' }, { value: 'retired', label: '停用' }] }) },
};

export const ROLES = [
  { code: 'consultant', name: { 'zh-CN': '销售顾问', en: 'Sales consultant' }, note: '自己的客户', grants: [{ kind: 'customer', verbs: ['read', 'create', 'change'], scope: 'own' }, { kind: 'customer', verbs: ['read'], scope: 'dealer', fields: { phone: 'masked', id_no: 'hidden' } }], status: 'active' },
  { code: 'crm_officer', name: { 'zh-CN': '回访专员', en: 'Follow-up officer' }, note: '回访、投诉、提醒', grants: [{ kind: 'customer', verbs: ['read', 'change'], scope: 'dealer', reveal: true }, { kind: 'complaints.*', verbs: ['read', 'create', 'change', 'act'], scope: 'dealer' }], status: 'active' },
  { code: 'admin', name: { 'zh-CN': '平台管理员', en: 'Platform administrator' }, grants: [{ kind: '*', verbs: ['read', 'create', 'change', 'remove', 'act', 'export', 'import', 'attach'], scope: 'brand' }], status: 'active' },
];

function tree(data) {
  const orgs = data.all('org');
  const items = [];
  const grow = (org, depth) => {
    const at = items.length;
    items.push({ id: org.id, code: org.data.code, name: org.data.name, type: org.data.type, parent: org.data.parent ?? null, city: org.data.city ?? null, status: org.data.status ?? 'active', depth, n_below: 0, n_people: data.all('user').filter(({ org: at_ }) => at_ === org.id).length });
    for (const child of orgs.filter((each) => each.data.parent === org.id)) grow(child, depth + 1);
    items[at].n_below = items.length - at - 1;
  };
  for (const root of orgs.filter((each) => !each.data.parent)) grow(root, 0);
  return { items, types: TYPES.map(([type, under]) => ({ type, under })), next: null };
}

/** Whole days by the plan, in Shanghai's hours: enough to look at. */
function duty(data, user) {
  const usual = [['08:30', '18:00']];
  const items = [];
  for (let day = 0; day < 7; day++) {
    const date = new Date(data.now() + 8 * HOUR + day * 24 * HOUR);
    const text = date.toISOString().slice(0, 10);
    const { week, days } = user.data.duty ?? {};
    const ranges = days?.[text] ?? (week ? (week[KEYS[date.getUTCDay()]] ?? []) : usual);
    for (const [from, to] of ranges) items.push({ from: new Date(`${text}T${from}:00+08:00`).toISOString(), to: to === '24:00' ? new Date(Date.parse(`${text}T00:00:00+08:00`) + 24 * HOUR).toISOString() : new Date(`${text}T${to}:00+08:00`).toISOString() });
  }
  return { items, is_on_duty: items.some(({ from, to }) => Date.parse(from) <= data.now() && data.now() < Date.parse(to)), time_zone: 'Asia/Shanghai', next: null };
}

function mask(item) {
  const { phone, id_no: _hidden, ...rest } = item.data;
  return { ...item, data: rest, masked: phone ? ['phone'] : [], hints: phone ? { phone: `${String(phone).slice(3, 6)}****${String(phone).slice(-4)}` } : {} };
}

const ended = new Set();

function sessions(data, id) {
  const at = (hours) => new Date(data.now() - hours * HOUR).toISOString();
  const all = [
    { id: `${id}-s1`, kind: 'session', name: null, created_at: at(30), seen_at: at(0.1), expires_at: at(-300), address: '10.1.2.3', agent: 'Chrome, Windows', is_current: false },
    { id: `${id}-s2`, kind: 'token', name: '报表接口', created_at: at(900), seen_at: at(5), expires_at: null, address: '10.1.9.9', agent: null, is_current: false },
  ];
  return all.filter((session) => !ended.has(session.id));
}

function audit(data, { query }) {
  const wanted = Object.fromEntries(['what', 'actor', 'record', 'org', 'from', 'to'].map((name) => [name, query.get(name)]));
  const verbs = { created: 'record.created', changed: 'record.changed', removed: 'record.removed' };
  const found = data.events
    .map((event) => ({ seq: event.seq, at: event.at, actor: event.actor.label, for: null, org: event.org, what: verbs[event.kind.split('.').at(-1)] ?? 'record.moved', kind: event.record.kind, record: event.record.id, rev: event.record.rev, detail: { digest: 'hmac-sha256:5f2c…' }, address: null, chain: `${String(event.seq).padStart(8, '0')}a41d0b35e8866aa10c49f2c7` }))
    .filter((entry) => (!wanted.what || entry.what === wanted.what) && (!wanted.actor || entry.actor.endsWith(wanted.actor)) && (!wanted.record || wanted.record.endsWith(entry.record)) && (!wanted.org || entry.org === wanted.org) && (!wanted.from || entry.at >= wanted.from) && (!wanted.to || entry.at < wanted.to))
    .reverse();
  const limit = Number(query.get('limit') ?? 50);
  const start = Number(query.get('cursor') ?? 0);
  return { items: found.slice(start, start + limit), next: start + limit < found.length ? String(start + limit) : null };
}

function decide(data, id, how, { body, user }) {
  const entry = data.exports.find((each) => each.id === id);
  if (!entry) throw new Refused(404, 'export.not_found', `there is no export ${id}`);
  if (how === 'refuse' && !body?.why) throw new Refused(400, 'invalid', 'why is missing');
  Object.assign(entry, { state: how === 'approve' ? 'ready' : 'refused', why: body?.why, decided_by: user.id });
  return [200, entry];
}

export function answerHouse(data, call) {
  const { path, method, query } = call;
  if (path === '/orgs/tree') return [200, tree(data)];
  if (path === '/audit' && method === 'GET') return [200, audit(data, call)];
  if (path === '/sessions' && method === 'GET') return [200, { items: sessions(data, query.get('user') ?? call.user.id), next: null }];
  if (path === '/sessions' && method === 'DELETE') {
    for (const { id } of sessions(data, query.get('user'))) ended.add(id);
    return [204];
  }
  const session = /^\/sessions\/([^/]+)$/u.exec(path);
  if (session && method === 'DELETE') {
    ended.add(decodeURIComponent(session[1]));
    return [204];
  }
  const decision = /^\/exports\/([^/]+)\/(approve|refuse)$/u.exec(path);
  if (decision && method === 'POST') return decide(data, decision[1], decision[2], call);
  const of = /^\/users\/([^/]+)\/(duty|sees|totp\/reset)$/u.exec(path);
  if (!of) return undefined;
  const user = data.get('user', decodeURIComponent(of[1]));
  if (!user) throw new Refused(404, 'record.not_found', `there is no user ${of[1]}`);
  if (of[2] === 'duty') return [200, duty(data, user)];
  if (of[2] === 'totp/reset') return [204];
  const kind = query.get('kind');
  const rows = data.all(kind);
  return [200, { kind, verbs: ['read', 'change'], scope: 'dealer', rows: rows.length, masked: kind === 'customer' ? ['phone'] : [], hidden: kind === 'customer' ? ['id_no'] : [], items: rows.slice(0, 10).map(mask) }];
}
