// Sample data: a few hundred customers with Chinese names, complaints with running clocks, tasks; the same at every start.
import { ROLES } from './house.mjs';
import { createKinds, createScreens } from './kinds.mjs';

const HOUR = 3_600_000;
const SURNAMES = [...'王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗'];
const GIVEN = ['伟', '芳', '秀英', '敏', '静', '丽', '强', '磊', '军', '洋', '勇', '艳', '杰', '娟', '涛', '明', '超', '浩然', '欣怡', '子涵', '建国', '志强', '雪梅', '海燕'];
const CITIES = ['武汉', '长沙', '杭州', '南京', '苏州', '成都', '合肥', '宁波'];
const MODELS = ['星海 S7', '远途 X5', '家悦 MPV', '极光 E3', '星海 S5 PHEV'];
const SOURCES = ['自然到店', '转介绍', '车展', '网络线索', '电话咨询'];

/** A small generator with a seed: the same rows every time. */
function dice(seed) {
  let state = seed;
  return (n) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((state / 2_147_483_648) * n);
  };
}

const two = (n) => String(n).padStart(2, '0');

export function createData() {
  const rows = new Map();
  const revisions = new Map();
  const events = [];
  const listeners = new Set();
  const started = Date.now();
  let next = 1000;
  const now = () => Date.now();
  const iso = (at) => new Date(at).toISOString();
  const all = (kind) => [...rows.values()].filter((row) => row.kind === kind);
  const get = (kind, id) => { const row = rows.get(id); return row?.kind === kind ? row : undefined; };
  const kinds = createKinds();
  const kindOf = (name) => kinds.find(({ kind }) => kind === name);

  function note(row, verb, actor, changes, { title, receipts = [], at = now(), why, overrides, undoes } = {}) {
    const kind = kindOf(row.kind);
    const subject = (kind.subject && row.data[kind.subject]) || row.id;
    const event = { seq: events.length + 1, kind: `${row.kind}.${verb}`, at: iso(at), org: row.org, subject, actor, record: { kind: row.kind, id: row.id, rev: row.rev, title: String(row.data[kind.title] ?? '') }, title, data: {}, changes, receipts };
    events.push(event);
    const history = revisions.get(row.id) ?? [];
    history.unshift({ rev: row.rev, at: event.at, seq: event.seq, actor, changes, verb, why: why ?? null, overrides: overrides ?? {}, undoes: undoes ?? null });
    revisions.set(row.id, history);
    for (const listener of listeners) listener(event);
  }

  const VERBS = { created: ['新建了{kind}', '{kind} created'], changed: ['修改了{kind}', '{kind} changed'], removed: ['删除了{kind}', '{kind} removed'] };
  function titleOf(kind, verb) {
    const [zh, en] = VERBS[verb] ?? ['{kind}：{verb}', '{kind}: {verb}'];
    const fill = (text, locale) => text.replace('{kind}', kind.label[locale]).replace('{verb}', verb);
    return { 'zh-CN': fill(zh, 'zh-CN'), en: fill(en, 'en') };
  }

  function create(kind, values, actor, { org = 'd1', at = now(), id = `${kind.split('.').at(-1)}-${++next}`, title, receipts, quiet, why, overrides } = {}) {
    const row = { id, kind, rev: 1, org, created_at: iso(at), updated_at: iso(at), data: values };
    rows.set(id, row);
    const changes = Object.entries(values).map(([field, value]) => ({ field, old: null, new: value }));
    if (!quiet) note(row, 'created', actor, changes, { title: title ?? titleOf(kindOf(kind), 'created'), receipts, at, why, overrides });
    return row;
  }

  function change(row, patch, actor, { verb = 'changed', title, receipts, at = now(), why, overrides, undoes } = {}) {
    const changes = Object.entries(patch).filter(([field, value]) => JSON.stringify(row.data[field] ?? null) !== JSON.stringify(value)).map(([field, value]) => ({ field, old: row.data[field] ?? null, new: value }));
    row.data = Object.fromEntries(Object.entries({ ...row.data, ...patch }).filter(([, value]) => value !== null));
    row.rev++;
    row.updated_at = iso(at);
    note(row, verb, actor, changes, { title: title ?? titleOf(kindOf(row.kind), verb), receipts, at, why, overrides, undoes });
    return row;
  }

  function remove(row, actor, { why } = {}) {
    rows.delete(row.id);
    row.rev++;
    note(row, 'removed', actor, Object.entries(row.data).map(([field, value]) => ({ field, old: value, new: null })), { why });
  }

  /** Does the work, tells what it came to, and takes it back. */
  function rehearse(work, commands) {
    const before = { rows: structuredClone([...rows]), revisions: structuredClone([...revisions]), n: events.length };
    const kept = [...listeners];
    listeners.clear();
    let faults = [];
    try {
      work();
    } catch (error) {
      if (error.status === undefined) throw error;
      faults = [{ code: error.code, message: error.message, status: error.status, errors: error.errors }];
    }
    const made = events.slice(before.n);
    events.length = before.n;
    rows.clear();
    for (const [id, row] of before.rows) rows.set(id, row);
    revisions.clear();
    for (const [id, list] of before.revisions) revisions.set(id, list);
    for (const each of kept) listeners.add(each);
    return { preview: `preview-${++next}`, at_seq: before.n, digest: 'd'.repeat(16), commands: faults.length > 0 ? [] : commands, events: made.map(({ kind, subject, record }) => ({ kind, subject, record })), messages: [], faults };
  }

  const system = { label: 'system', name: null };
  const person = (user) => ({ label: `user:${user.id}`, name: user.data.name });
  const plugin = { label: 'plugin:complaints', name: '投诉' };
  const roll = dice(7);
  const one = (list) => list[roll(list.length)];

  const past = started - 400 * 24 * HOUR;
  create('org', { code: 'HQ', name: '总部', type: 'maker', city: '武汉', status: 'active', time_zone: 'Asia/Shanghai' }, system, { id: 'hq', org: 'hq', at: past });
  for (const [index, city] of ['武汉', '长沙', '杭州'].entries()) {
    create('org', { code: `D${two(index + 1)}`, name: `${city}星海经销店`, type: 'dealer', parent: 'hq', city, status: 'active' }, system, { id: `d${index + 1}`, org: 'hq', at: past });
  }
  const staff = [['admin', '陈晨', ['admin', 'crm_mgr']], ['lina', '李娜', ['consultant']], ['wangq', '王强', ['consultant']], ['zhaom', '赵敏', ['crm_officer']], ['zhouting', '周婷', ['crm_mgr']], ['sunlei', '孙磊', ['advisor']]];
  const users = staff.map(([login, name, roles], index) => create('user', { login, name, roles, status: 'active', locale: 'zh-CN' }, system, { id: `u${index + 1}`, at: past }));
  for (let n = 0; n < 423; n++) {
    const at = started - roll(380 * 24) * HOUR - roll(3600) * 1000;
    const phone = `+861${one([38, 39, 58, 86, 77])}${String(roll(100_000_000)).padStart(8, '0')}`;
    const values = { type: one(['prospect', 'prospect', 'owner', 'owner', 'company', 'past_owner']), name: one(SURNAMES) + one(GIVEN), phone, city: one(CITIES), source: one(SOURCES), owner: one(users).id, interest: one(MODELS), gender: one(['male', 'female']) };
    if (n % 3 === 0) values.email = `customer${n}@example.com`;
    if (n % 5 === 0) values.tags = one(['重要客户', '置换意向', '周末联系']);
    if (n % 4 === 0) values.birth_date = `19${70 + roll(29)}-${two(1 + roll(12))}-${two(1 + roll(28))}`;
    const row = create('customer', values, person(one(users)), { at, id: `c${n}` });
    if (n % 6 === 0) change(row, { owner: one(users).id, city: one(CITIES) }, person(one(users)), { at: at + roll(200) * HOUR });
  }

  const LEVELS = { general: 24, escalated: 8, important: 4, important_urgent: 4 };
  const FACTS = ['保养后机油灯亮，来回跑了三趟还没解决，要求给个说法。', '提车时间一拖再拖，销售顾问不接电话。', '刹车踩下去没反应，差点追尾，人没受伤，要求全面检测并赔偿。', '售后收费与报价不一致，多收了八百元。', '接待人员态度冷淡，等了两个小时没人管。', '车机系统频繁黑屏，已经第三次来店，再不解决就找媒体。'];
  const STATES = ['received', 'received', 'accepted', 'soothed', 'analysing', 'proposed', 'executing', 'verifying', 'closed', 'archived'];
  for (let n = 0; n < 46; n++) {
    const level = one(['general', 'general', 'general', 'escalated', 'important', 'important_urgent']);
    const state = STATES[n % STATES.length];
    const age = state === 'received' ? [1, 20, 23.2, 3, 7.5, 26, 3.8, 0.2][n % 8] : 20 + roll(90);
    const at = started - age * HOUR;
    const step = STATES.indexOf(state);
    const customer = `c${(n * 7) % 60}`;
    const values = { number: `C${String(n + 1).padStart(6, '0')}`, customer, state, level, owner: one(users).id, facts: one(FACTS), kind: one(['product_quality', 'service_quality', 'delivery_delay', 'staff_attitude', 'price_fee']), channel: one(['visit', 'phone_400', 'web', 'follow_up_call']), received_at: iso(at), repeat_count: 1 + roll(3), breached: false, is_grumble: false, response_due: iso(at + LEVELS[level] * HOUR), analysis_due: iso(at + 48 * HOUR), execution_due: iso(at + 72 * HOUR), legal_due: iso(at + 9 * 24 * HOUR) };
    if (step > 1) values.accepted_at = iso(at + LEVELS[level] * HOUR * (n % 4 === 0 ? 1.2 : 0.5));
    if (step > 4) Object.assign(values, { cause: 'process', cause_note: '备件到货通知遗漏', analysed_at: iso(at + 30 * HOUR), decision: '免工时费返修，并赠送一次保养', remedy: ['rework', 'voucher'], remedy_cost: 68_000 });
    values.breached = Date.parse(values.response_due) < (values.accepted_at ? Date.parse(values.accepted_at) : started);
    const input = { facts: values.facts, kind: values.kind, channel: values.channel, repeat_count: values.repeat_count, repeat_threshold: 3, now: values.received_at };
    const isDealers = n % 3 === 0;
    const receipt = { id: `r${n}`, at: iso(at), org: 'd1', point: 'complaint.level', plugin: 'complaints', plugin_version: '0.1.0', script: 'decision/complaint.level', script_owner: isDealers ? '武汉星海经销店' : 'complaints', script_version: isDealers ? 3 : 0, script_digest: '9f2c7a41d0b35e8866aa10c4', input, output: { level, reasons: ['同一问题第 2 次投诉'] }, reasons: level === 'general' ? ['没有命中升级或重要条件，按一般投诉处理'] : ['转向或制动失效：“刹车踩不”', '同一问题第 2 次投诉'], field: 'level', ...(n % 9 === 0 ? { fallback: 'deadline: the script took longer than 20 ms (line 14)' } : {}) };
    const row = create('complaints.case', values, person(users[3]), { at, id: `case-${n + 1}`, title: { 'zh-CN': `登记了投诉 ${values.number}`, en: `Complaint ${values.number} raised` }, receipts: [receipt] });
    if (step > 1) note(row, 'accepted', person(users[4]), [{ field: 'state', old: 'received', new: 'accepted' }, { field: 'accepted_at', old: null, new: values.accepted_at }], { at: Date.parse(values.accepted_at), title: { 'zh-CN': `受理了投诉 ${values.number}`, en: `Complaint ${values.number} accepted` } });
    if (values.breached) note(row, 'breached', plugin, [], { at: Date.parse(values.response_due), title: { 'zh-CN': '受理超时，已上报部门经理', en: 'Response overdue, the manager was told' } });
    if (step < 8) create('worklist.task', { title: `跟进投诉 ${values.number}`, due: values.response_due, owner: values.owner, customer, about: row.id, about_kind: 'complaints.case', state: 'open' }, plugin, { at: at + 1000, title: { 'zh-CN': '安排了待办', en: 'Task planned' } });
  }
  // Pairs that may be one person, as creates with 50 to 79 points leave them.
  for (const [index, [one_, other, points, reason]] of [['c3', 'c12', 55, '邮箱相同 +25；姓名相同 +30'], ['c7', 'c21', 70, '手机相同 +50；同姓 +10；同一车牌线索 +10'], ['c30', 'c41', 50, '手机相同 +50（姓氏不同，可能是家人）']].entries()) {
    create('review', { customer: one_, other, points, reason, state: 'open' }, system, { id: `review-${index + 1}`, at: started - (index + 1) * 9 * HOUR, quiet: true });
  }
  for (const role of ROLES) create('role', role, system, { id: `role-${role.code}`, org: 'hq', quiet: true });
  create('team', { name: '客户关系组', code: 'D01-CRM', kind: 'crm', members: ['u4', 'u5'] }, system, { id: 'team-1', quiet: true });
  create('saved_view', { name: '武汉的车主', kind: 'customer', filter: { type: 'owner', city: '武汉' }, order: '-created_at', columns: ['name', 'phone', 'city', 'owner'], is_shared: true, owner: 'u5', position: 1 }, system, { id: 'view-1', quiet: true });
  events.sort((a, b) => Date.parse(a.at) - Date.parse(b.at)).forEach((event, index) => { event.seq = index + 1; });

  return { kinds, screens: createScreens(), rows, revisions, events, listeners, now, iso, all, get, kindOf, create, change, remove, rehearse, note, person, segments: new Map(), merges: new Map(), files: new Map(), exports: [{ id: 'export-w', at: iso(started - 2 * HOUR), org: 'd1', actor: person(users[3]), kind: 'customer', format: 'xlsx', purpose: '保养提醒短信名单', filter: { city: '武汉' }, fields: ['name', 'phone'], state: 'waiting', n_matching: 1842 }], jobs: new Map(), nextId: (prefix) => `${prefix}-${++next}` };
}
