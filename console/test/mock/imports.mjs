// Imports: reading a CSV, and jobs that take a few seconds so that progress can be watched.
import { Refused } from './refused.mjs';

const ALIASES = { name: ['姓名', '客户姓名', 'name'], phone: ['手机', '手机号码', '电话', 'phone'], email: ['邮箱', '电子邮件', 'email'], city: ['城市', '所在城市', 'city'], interest: ['意向车型', '车型'], note: ['备注', 'note'], first_seen: ['登记日期'], source: ['来源'] };
const STEP_MS = 120;

function read(raw) {
  let text;
  let encoding = 'UTF-8';
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(raw);
  } catch {
    text = new TextDecoder('gb18030').decode(raw);
    encoding = 'GB18030';
  }
  const rows = [];
  let row = [];
  let cell = '';
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const char = text[i];
    if (quoted && char === '"' && text[i + 1] === '"') { cell += '"'; i++; }
    else if (char === '"') quoted = !quoted;
    else if (char === ',' && !quoted) { row.push(cell); cell = ''; }
    else if (char === '\n' && !quoted) { row.push(cell.replace(/\r$/u, '')); rows.push(row); row = []; cell = ''; }
    else cell += char;
  }
  if (cell || row.length > 0) rows.push([...row, cell]);
  return { encoding, headers: rows[0] ?? [], rows: rows.slice(1).filter((each) => each.some((value) => value.trim())) };
}

const guess = (headers) => Object.fromEntries(headers.map((header) => [header, Object.entries(ALIASES).find(([, names]) => names.includes(header.trim()))?.[0] ?? null]));

/** NDJSON as a table: the union of the keys. */
function readLines(raw) {
  const objects = raw.toString().split('\n').filter((line) => line.trim()).map((line) => JSON.parse(line));
  const headers = [...new Set(objects.flatMap(Object.keys))];
  return { encoding: 'UTF-8', headers, rows: objects.map((object) => headers.map((header) => String(object[header] ?? ''))) };
}

export function undoImport(data, job, user) {
  const conflicts = [];
  for (const id of job.made) {
    const row = data.rows.get(id);
    if (!row) continue;
    if (row.rev === 1) data.remove(row, data.person(user));
    else conflicts.push({ kind: row.kind, id, field: 'city', code: 'undo.edited', message: `${row.data.name} was changed after the import and stays`, now: row.data.city, before: null });
  }
  job.state = 'undone';
  job.conflicts = conflicts;
  job.undo = { done: job.made.length, total: job.made.length };
}

function start(data, kind, file, mapping, mode, filename, user, automations) {
  const job = { id: data.nextId('job'), kind: 'import', org: user.org, state: 'running', done: 0, total: file.rows.length, counts: { invalid: 0, repeated: 0, known: 0, review: 0, new: 0 }, faults: [], detail: { mode, kind: kind.kind, mapping, filename, headers: file.headers, delivery: automations, notices: [], n_notices: 0 }, made: [], created_at: data.iso(data.now()), updated_at: data.iso(data.now()) };
  data.jobs.set(job.id, job);
  const seen = new Set();
  const known = new Set(data.all(kind.kind).map((row) => row.data.phone));
  const step = Math.max(1, Math.ceil(file.rows.length / 25));
  const timer = setInterval(() => {
    for (let n = 0; n < step && job.done < job.total && job.state === 'running'; n++) {
      const cells = file.rows[job.done];
      const values = Object.fromEntries(file.headers.flatMap((header, index) => (mapping[header] && cells[index]?.trim() ? [[mapping[header], cells[index].trim()]] : [])));
      job.done++;
      const phone = `+86${(values.phone ?? '').replaceAll(/[^\d]/gu, '').replace(/^86(?=1)/u, '')}`;
      if (!/^\+861[3-9]\d{9}$/u.test(phone)) {
        job.counts.invalid++;
        job.faults.push({ row: job.done + 1, field: 'phone', code: values.phone ? 'phone.invalid' : 'phone.empty', message: `phone ${values.phone ?? ''} is not usable: write 11 digits` });
      } else if (seen.has(phone)) job.counts.repeated++;
      else if (known.has(phone)) job.counts.known++;
      else {
        job.counts.new++;
        if (mode === 'apply') job.made.push(data.create(kind.kind, { type: 'prospect', ...values, phone }, data.person(user), { quiet: true }).id);
      }
      seen.add(phone);
    }
    job.updated_at = data.iso(data.now());
    if (job.state === 'running' && job.done >= job.total) {
      job.state = 'done';
      const n = job.counts.new;
      job.detail.notices = job.counts.known > 0 ? [{ row: 3, field: 'city', code: 'kept', message: 'city stays as it is stored', kept: '武汉' }] : [{ row: 2, field: 'email', code: 'email.invalid', message: 'email abc is no address and was left out' }];
      job.detail.n_notices = job.detail.notices.length;
      job.detail.automations = { 'customer.created': n, 'worklist.task.created': Math.floor(n / 2) };
      job.detail.heard_by = { 'customer.created': { worklist: n } };
      if (mode === 'apply' && automations === 'hold') job.held = { state: 'held', n_waiting: n };
    }
    if (job.state !== 'running') clearInterval(timer);
  }, STEP_MS);
  return job;
}

export function importFile(data, kind, { query, raw, headers, user }) {
  const mode = query.get('mode');
  const type = headers['content-type'] ?? '';
  if (!type.startsWith('text/csv') && !type.includes('ndjson')) throw new Refused(400, 'import.unreadable', 'the mock server reads CSV and NDJSON only');
  const file = type.includes('ndjson') ? readLines(raw) : read(raw);
  if (file.headers.length === 0) throw new Refused(400, 'import.unreadable', 'the file is empty');
  const guessed = guess(file.headers);
  if (mode === 'inspect') return [200, { format: 'csv', encoding: file.encoding, headers: file.headers, mapping: guessed, mappings: data.all('import_mapping').filter((row) => row.data.kind === kind.kind && Object.keys(row.data.mapping).every((header) => file.headers.includes(header))).map(({ id, data: { name, mapping, key } }) => ({ id, name, mapping, key: key ?? null })), rows: file.rows.slice(0, 20), total: file.rows.length }];
  const asked = query.get('mapping');
  const saved = asked && !asked.startsWith('{') ? data.all('import_mapping').find((row) => row.data.name === asked) : undefined;
  const mapping = saved ? saved.data.mapping : asked ? JSON.parse(asked) : guessed;
  return [202, { job: start(data, kind, file, mapping, mode, query.get('filename') ?? '', user, query.get('automations') ?? 'run').id }];
}
