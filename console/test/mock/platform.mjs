// Everything beside records: kinds, screens, search, jobs, plugins, scripts.
import { readFileSync } from 'node:fs';
import { undoImport } from './imports.mjs';
import { read } from './kinds.mjs';
import { Refused } from './refused.mjs';

const both = (zh, en) => ({ 'zh-CN': zh, en });
const HOUR = 3_600_000;

const PLUGINS = [
  { name: 'complaints', version: '0.1.0', state: 'enabled', label: both('投诉', 'Complaints'), description: both('投诉闭环：定级、时限、上报、回访、归档。', 'Complaints in a closed loop: levels, clocks, escalation, verification, archive.'), lag: 0, parked: 1, calls: 1842, hears: [{ event: 'timer.fired' }], reads: ['customer', 'user', 'complaints.case', 'worklist.task'], asks: ['record.create:complaints.case', 'record.move:complaints.case', 'timer.set', 'event.raise'], points: ['complaint.level', 'complaint.escalate'], kinds: ['complaints.case'] },
  { name: 'worklist', version: '0.1.0', state: 'enabled', label: both('待办', 'Worklist'), description: both('每个人的待办事项；任何未结的业务都必须有负责人和未完成的待办。', 'Everybody’s open tasks; no open business without an owner and an open task.'), lag: 3, parked: 0, calls: 977, hears: [{ event: 'worklist.task.*' }, { event: 'complaints.case.*' }, { event: 'timer.fired' }], reads: ['*'], asks: ['record.create:worklist.task', 'timer.set'], points: [], kinds: ['worklist.task'] },
  { name: 'points-club', version: '1.4.2', state: 'failed', label: both('积分俱乐部', 'Points club'), description: both('消费积分与礼品兑换。', 'Points for purchases, gifts for points.'), fault: { code: 'deadline', message: 'the component took longer than 1000 ms to start' }, lag: 214, parked: 12, calls: 88, hears: [{ event: 'order.delivered', filter: { type: 'retail' } }], reads: ['customer'], asks: ['record.create:points.entry'], points: [], kinds: ['points.entry'] },
];

const builtin = (name) => readFileSync(new URL(`../../../plugins/complaints/scripts/${name}.rhai`, import.meta.url), 'utf8');

const COMPUTED = `// 客户等级：买过车、没有未结投诉的是 A 级。
fn compute(record) {
    if record.type == "owner" && record.x_open_cases == 0 { #{ value: "a", reasons: ["已购车，没有未结投诉"] } }
    else if record.type == "owner" { #{ value: "b", reasons: ["已购车，有未结投诉"] } }
    else { #{ value: "c", reasons: ["尚未购车"] } }
}
`;

function createScripts() {
  const computed = { name: 'computed/customer.x_grade', plugin: null, label: both('客户等级', 'Grade'), help: both('计算字段：客户档案变化后自动重算。', 'A computed field, worked out again after every change.'), org: 'd1', owner: '武汉星海经销店', version: 1, state: 'published', has_draft: false, failures: 0, source: COMPUTED, builtin_source: '', parameters: {}, input: null, output: null, examples: [], versions: [{ version: 1, published_at: new Date(Date.now() - 90 * HOUR).toISOString(), actor: { label: 'user:u5', name: '周婷' }, source: COMPUTED }] };
  return [...['complaint.level', 'complaint.escalate'].map((name, index) => {
    const point = read(`plugins/complaints/points/${name}.json`);
    const builtin_source = builtin(name);
    const source = index === 0 ? builtin_source.replace('let level = "general";', '// 本店：周末一律按升级处理。\n    let level = if weekday(input.now) >= 6 { "escalated" } else { "general" };') : builtin_source;
    const versions = index === 0 ? [{ version: 3, published_at: new Date(Date.now() - 30 * HOUR).toISOString(), actor: { label: 'user:u5', name: '周婷' }, source }, { version: 2, published_at: new Date(Date.now() - 300 * HOUR).toISOString(), actor: { label: 'user:u1', name: '陈晨' }, source: builtin_source }] : [];
    return {
      name: `decision/${name}`, plugin: 'complaints', label: point.label, help: point.help, org: 'd1', owner: index === 0 ? '武汉星海经销店' : 'complaints', version: index === 0 ? 3 : 0, state: index === 0 ? 'published' : 'builtin', has_draft: false, failures: index === 0 ? 3 : 0,
      ...(index === 0 ? { fault: { code: 'deadline', message: 'deadline: longer than 20 ms at line 14, column 5' } } : {}),
      source, builtin_source, parameters: { models: ['星海 S7'] }, input: point.input, output: point.output,
      examples: [{ name: '周六登记', input: { ...point.example, facts: '空调不制冷' }, output: index === 0 ? { level: 'escalated' } : { to: 'manager' } }], versions,
    };
  }), computed];
}

const scripts = createScripts();
const settings = read('plugins/complaints/settings.json');
const values = {};
const parked = new Map([['complaints', [{ seq: 4711, subject: 'c14', event: 'timer.fired', fault: { code: 'trap', message: 'wasm trap: unreachable executed in complaints::escalate', blame: 'guest', details: 'wasm backtrace:\n  0: complaints!escalate::next\n  1: complaints!handle' }, attempts: 5, parked_at: new Date(Date.now() - 2 * HOUR).toISOString() }]]]);

/** What a parser would say: brackets that do not pair, with their place. */
function problemsOf(source) {
  const open = [];
  let line = 1;
  let column = 0;
  let inComment = false;
  let inText = '';
  let last = '';
  for (const char of source) {
    column++;
    if (char === '\n') { line++; column = 0; inComment = false; continue; }
    if (inComment) continue;
    if (inText) {
      if (char === inText && last !== '\\') inText = '';
      last = last === '\\' ? '' : char;
      continue;
    }
    if (char === '"' || char === '`') inText = char;
    else if (char === '/' && source.split('\n')[line - 1][column] === '/') inComment = true;
    else if ('({['.includes(char)) open.push({ char, line, column });
    else if (')}]'.includes(char) && '({['.indexOf(open.pop()?.char) !== ')}]'.indexOf(char)) return [{ code: 'parse', message: `'${char}' closes nothing`, line, column }];
  }
  const left = open.at(-1);
  return left ? [{ code: 'parse', message: `'${left.char}' is never closed`, line: left.line, column: left.column }] : [];
}

function answerScripts(data, { path, method, body, user }) {
  if (path === '/scripts') return [200, { items: scripts.map(({ source: _s, builtin_source: _b, versions: _v, examples: _e, input: _i, output: _o, ...item }) => item) }];
  const match = /^\/scripts\/(.+?)(?:\/(draft|check|publish|rollback|versions))?$/u.exec(decodeURI(path));
  const script = scripts.find(({ name }) => name === match?.[1]);
  if (!script) throw new Refused(404, 'script.not_found', 'there is no such script');
  const draft = (match[2] === 'check' && body?.source !== undefined ? body : script.draft) ?? { source: script.source, examples: script.examples };
  const problems = problemsOf(draft.source);
  switch (match[2]) {
    case undefined:
      return [200, script];
    case 'versions':
      return [200, { items: script.versions }];
    case 'draft':
      if (method !== 'PUT') return undefined;
      Object.assign(script, { draft: body, has_draft: true });
      return [200, script];
    case 'check':
      return [200, { ok: problems.length === 0, problems, examples: problems.length > 0 ? [] : [{ name: '', ok: true, got: { level: 'important_urgent', reasons: ['起火：“冒烟”'] }, message: null }, ...(draft.examples ?? []).map((each) => ({ name: each.name, ok: true, got: each.output ?? {}, message: null }))] }];
    case 'publish':
      if (problems.length > 0) throw new Refused(400, 'script.invalid', 'the draft does not pass its check');
      Object.assign(script, { source: draft.source, examples: draft.examples ?? [], parameters: draft.parameters ?? {}, version: (script.versions[0]?.version ?? 0) + 1, state: 'published', has_draft: false, draft: undefined, failures: 0, fault: undefined });
      script.versions.unshift({ version: script.version, published_at: data.iso(data.now()), actor: data.person(user), source: script.source });
      return [200, script];
    default: {
      script.versions.shift();
      const last = script.versions[0];
      Object.assign(script, last ? { version: last.version, source: last.source } : { version: 0, state: 'builtin', source: script.builtin_source });
      return [200, script];
    }
  }
}

function answerPlugins({ path, method, body, raw }) {
  if (path === '/plugins' && method === 'GET') return [200, { items: PLUGINS }];
  if (path === '/plugins' && method === 'POST') {
    throw new Refused(400, 'package.invalid', raw.length === 0 ? 'the package is empty' : 'the package cannot be read: it is not an archive made by marque-cli pack', [{ pointer: '/plugin.toml', code: 'package.invalid', message: 'plugin.toml is missing from the package' }]);
  }
  const [, , name, part, seq, how] = path.split('/');
  const plugin = PLUGINS.find((each) => each.name === name);
  if (!plugin) throw new Refused(404, 'plugin.not_found', `there is no plugin ${name}`);
  const waiting = parked.get(name) ?? [];
  if (!part) return [200, { ...plugin, settings_schema: name === 'complaints' ? settings : null, settings: values[name] ?? {}, screens: null }];
  if (part === 'enable' || part === 'disable') { plugin.state = `${part}d`; plugin.fault = undefined; return [200, plugin]; }
  if (part === 'settings') {
    if (body.warn_percent > 95) throw new Refused(400, 'invalid', 'wrong', [{ pointer: '/warn_percent', code: 'too_large', message: 'warn_percent 99 is more than 95' }]);
    values[name] = body;
    return [200, body];
  }
  if (part === 'logs') return [200, { items: Array.from({ length: 40 }, (_, n) => ({ at: new Date(Date.now() - n * 777_000).toISOString(), level: n % 9 === 0 ? 'warn' : 'info', message: n % 9 === 0 ? 'the owner is on leave, the manager takes over' : 'timer set', fields: { case: `C0000${n}`, step: 'response' } })) }];
  if (part === 'parked' && !seq) return [200, { items: waiting }];
  if (part === 'parked' && how) { parked.set(name, waiting.filter((each) => String(each.seq) !== seq)); plugin.parked = parked.get(name).length; return [200, {}]; }
  return undefined;
}

const INITIALS = { 王: 'w', 李: 'l', 张: 'z', 刘: 'l', 陈: 'c', 杨: 'y', 赵: 'z', 黄: 'h', 周: 'z', 吴: 'w', 伟: 'w', 芳: 'f', 敏: 'm', 静: 'j', 丽: 'l', 强: 'q', 磊: 'l', 军: 'j' };

/** Which field of a record the words hit. */
function hitBy(row, words) {
  const initials = [...(row.data.name ?? '')].map((char) => INITIALS[char] ?? char).join('');
  if (initials === words.toLowerCase()) return 'pinyin';
  return ['name', 'phone', 'email', 'number'].find((field) => row.data[field]?.includes(words));
}

function search(data, words, limit) {
  const clean = words.replaceAll(' ', '');
  const subtitle = (row) => row.data.phone ?? row.data.facts?.slice(0, 18) ?? null;
  return [...data.rows.values()]
    .filter(({ kind }) => ['customer', 'complaints.case'].includes(kind))
    .flatMap((row) => { const field = hitBy(row, clean); return field ? [{ kind: row.kind, id: row.id, title: row.data.name ?? row.data.number, subtitle: subtitle(row), org: row.org, field, rank: field === 'name' ? 1 : 0.5 }] : []; })
    .slice(0, limit);
}

export async function answerPlatform(data, call) {
  const { path, method, query } = call;
  if (path === '/kinds') return [200, { items: data.kinds }];
  if (path.startsWith('/kinds/')) {
    const kind = data.kindOf(decodeURIComponent(path.slice(7)));
    if (!kind) throw new Refused(404, 'kind.not_found', 'there is no such kind');
    return [200, kind];
  }
  if (path === '/screens') return [200, { items: data.screens.filter(({ plugin }) => PLUGINS.find(({ name }) => name === plugin)?.state === 'enabled') }];
  if (path === '/search') return [200, { items: search(data, query.get('q') ?? '', Number(query.get('limit') ?? 20)) }];
  if (path === '/jobs') return [200, { items: [...data.jobs.values()].reverse(), next: null }];
  if (path.startsWith('/jobs/')) {
    const job = data.jobs.get(path.split('/')[2]);
    if (!job) throw new Refused(404, 'job.not_found', 'there is no such job');
    if (path.endsWith('/cancel') && method === 'POST') job.state = 'cancelled';
    if (path.endsWith('/undo') && method === 'POST') undoImport(data, job, call.user);
    if (path.endsWith('/release') && method === 'POST') job.held = { state: 'going', n_waiting: 0 };
    if (path.endsWith('/discard') && method === 'POST') job.held = { state: 'discarded', n_waiting: 0 };
    return [200, job];
  }
  if (path.startsWith('/plugins')) return answerPlugins(call);
  if (path.startsWith('/scripts')) return answerScripts(data, call);
  return undefined;
}
