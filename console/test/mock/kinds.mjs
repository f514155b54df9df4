// Kinds and actions: the real ones of the repository where they are plain JSON, the plugins' actions in short.
import { readFileSync } from 'node:fs';
import { ROLE } from './house.mjs';

const ROOT = new URL('../../../', import.meta.url);
const read = (path) => JSON.parse(readFileSync(new URL(path, ROOT), 'utf8'));
const both = (zh, en) => ({ 'zh-CN': zh, en });
const object = (properties, required = []) => ({ type: 'object', additionalProperties: false, properties, required });
const ref = (kind, zh, en) => ({ type: 'string', format: 'ref', 'x-kind': kind, title: both(zh, en) });
const long = (zh, en) => ({ type: 'string', format: 'long_text', maxLength: 20_000, title: both(zh, en) });
const open = ['received', 'accepted', 'soothed', 'analysing', 'proposed', 'agreed', 'executing', 'verifying', 'reopened'];

const corePath = (name) => read(`core/src/model/kinds/${name}.json`);

const action = (name, label, target, input, more = {}) => ({ name, label, target, input, roles: [], ...more });

const CASE_ACTIONS = [
  action('raise', both('登记投诉', 'Raise a complaint'), false, object({
    customer: ref('customer', '客户', 'Customer'),
    facts: { ...long('客户原话', 'What happened, in the customer’s words'), minLength: 1, 'x-help': both('照客户的原话记录，不要概括。', 'The customer’s own words, not a summary.') },
    kind: { type: 'string', enum: ['product_quality', 'service_quality', 'repair_quality', 'sales_process', 'price_fee', 'delivery_delay', 'staff_attitude', 'other'], title: both('投诉类别', 'Kind') },
    channel: { type: 'string', enum: ['visit', 'phone_400', 'web', 'follow_up_call', 'regulator', 'media'], title: both('来源渠道', 'Channel') },
    is_grumble: { type: 'boolean', title: both('仅抱怨', 'Grumble only') },
    received_at: { type: 'string', format: 'date-time', title: both('接诉时间（不填即现在）', 'Received at (now if empty)') },
    responsible_staff: { type: 'string', format: 'ref:user', title: both('被投诉人员', 'Person complained about') },
  }, ['customer', 'facts']), { style: 'primary' }),
  action('accept', both('受理', 'Accept'), true, object({ note: long('备注', 'Note') }), { when: { states: ['received'] }, style: 'primary' }),
  action('soothe', both('安抚', 'Soothe'), true, object({ comfort: { type: 'array', items: { type: 'string', enum: ['apology', 'tow', 'loaner', 'stop_driving', 'visit'] }, title: both('安抚措施', 'Comfort given') }, note: long('备注', 'Note') }), { when: { states: ['accepted'] }, style: 'primary' }),
  action('analyse', both('分析原因', 'Analyse'), true, object({ cause: { type: 'string', enum: ['people', 'process', 'product', 'parts', 'information', 'expectation'], title: both('原因类别', 'Cause') }, cause_note: long('原因说明', 'Cause in words') }, ['cause']), { when: { states: ['soothed', 'reopened'] }, style: 'primary' }),
  action('propose', both('提出方案', 'Propose a remedy'), true, object({ decision: long('处理方案', 'Decision'), remedy: { type: 'array', items: { type: 'string', enum: ['apology', 'rework', 'refund', 'voucher', 'loaner', 'other'] }, title: both('补救措施', 'Remedy') }, remedy_cost: { type: 'integer', format: 'money', minimum: 0, default: 0, title: both('补救费用', 'Cost of the remedy') } }, ['decision', 'remedy']), { when: { states: ['analysing'] }, style: 'primary' }),
  action('inform', both('告知客户', 'Tell the customer'), true, object({}), { when: { states: open } }),
  action('assign', both('更换负责人', 'Change the owner'), true, object({ owner: ref('user', '负责人', 'Owner'), reason: long('原因', 'Reason') }, ['owner']), { when: { states: open } }),
  action('change_level', both('调整级别', 'Change the level'), true, object({ level: { type: 'string', enum: ['general', 'escalated', 'important', 'important_urgent'], title: both('级别', 'Level') }, reason: long('原因', 'Reason') }, ['level', 'reason']), { when: { states: open } }),
  action('reject', both('不予受理', 'Reject'), true, object({ reason: long('告知客户的理由', 'Reason told to the customer') }, ['reason']), { when: { states: ['accepted', 'soothed'] }, style: 'danger' }),
];

const TASK_ACTIONS = [
  action('add', both('新建待办', 'Add a task'), false, object({ title: { type: 'string', minLength: 1, maxLength: 200, title: both('要做什么', 'What to do') }, due: { type: 'string', format: 'date-time', title: both('截止时间', 'Due') }, owner: ref('user', '负责人（不填即本人）', 'Owner (yourself if empty)'), customer: ref('customer', '客户', 'Customer'), note: long('备注', 'Note') }, ['title', 'due'])),
  action('complete', both('完成', 'Complete'), true, object({ outcome: { type: 'string', enum: ['done', 'no_answer', 'not_needed'], 'x-labels': { done: both('已办妥', 'Done'), no_answer: both('未联系上', 'Not reached'), not_needed: both('不再需要', 'Not needed') }, title: both('结果', 'Outcome') }, note: long('备注', 'Note') }, ['outcome']), { when: { states: ['open'] } }),
];

const label = (zh, en, type, more = {}) => ({ type, label: both(zh, en), ...more });
const SAVED_VIEW = {
  kind: 'saved_view', label: both('视图', 'View'), plural: both('视图', 'Views'), title: 'name', plugin: null, actions: [],
  fields: { name: label('名称', 'Name', 'text', { required: true }), kind: label('类型', 'Kind', 'text', { indexed: true, required: true }), filter: label('条件', 'Filter', 'json'), order: label('排序', 'Order', 'text'), columns: label('列', 'Columns', 'json'), search: label('关键词', 'Search', 'text'), is_shared: label('共享', 'Shared', 'bool'), owner: label('所有者', 'Owner', 'ref', { to: 'user' }), position: label('位置', 'Position', 'int') },
};
const IMPORT_MAPPING = {
  kind: 'import_mapping', label: both('导入对应', 'Import mapping'), plural: both('导入对应', 'Import mappings'), title: 'name', plugin: null, actions: [],
  fields: { name: label('名称', 'Name', 'text', { required: true }), kind: label('类型', 'Kind', 'text', { indexed: true, required: true }), mapping: label('对应', 'Mapping', 'json', { required: true }), key: label('识别字段', 'Key', 'text') },
};

/** A roll-up and a computed field, as a dealer would add them. */
function withDerived(kind) {
  return {
    ...kind,
    fields: {
      ...kind.fields,
      x_open_cases: { type: 'rollup', as: 'int', label: both('未结投诉', 'Open complaints'), rollup: { kind: 'complaints.case', via: 'customer', filter: { state: { nin: ['closed', 'archived', 'rejected'] } }, fn: 'count' }, custom: true, org: 'd1' },
      x_grade: { type: 'computed', as: 'enum', label: both('客户等级', 'Grade'), script: 'computed/customer.x_grade', values: [{ value: 'a', label: both('A 级', 'A'), tone: 'good' }, { value: 'b', label: both('B 级', 'B'), tone: 'info' }, { value: 'c', label: both('C 级', 'C') }], custom: true, org: 'd1' },
    },
  };
}

export function createKinds() {
  const set = action('set_password', both('设置密码', 'Set the password'), true, object({ password: { type: 'string', format: 'password', minLength: 10, title: both('新密码', 'New password') } }, ['password']), { roles: ['admin'] });
  return [
    withDerived({ ...corePath('customer'), plugin: null, actions: [] }),
    { ...corePath('review'), plugin: null, actions: [] },
    { ...corePath('consent'), plugin: null, actions: [] },
    { ...corePath('message'), plugin: null, actions: [] },
    SAVED_VIEW,
    IMPORT_MAPPING,
    { ...corePath('org'), plugin: null, actions: [] },
    { ...corePath('user'), plugin: null, actions: [set] },
    { ...corePath('team'), plugin: null, actions: [] },
    ROLE,
    { ...read('plugins/complaints/records/complaints.case.json'), plugin: 'complaints', actions: CASE_ACTIONS },
    { ...read('plugins/worklist/records/worklist.task.json'), plugin: 'worklist', actions: TASK_ACTIONS },
  ];
}

const COMPLAINTS = {
  ui: 1, plugin: 'complaints', title: both('投诉', 'Complaints'),
  nav: [{ view: 'desk', icon: 'alert', section: 'service' }, { view: 'heat', icon: 'chart', section: 'service', label: both('投诉热力图', 'Heat map') }],
  slots: [{ slot: 'customer.banner', view: 'openByCustomer' }, { slot: 'customer.card', view: 'byCustomer' }, { slot: 'customer.action', view: 'raise' }],
  views: {
    desk: {
      view: 'list', title: both('投诉处理台', 'Complaints desk'), kind: 'complaints.case',
      tabs: [{ label: both('处理中', 'Open'), filter: { state: { in: open } } }, { label: both('我负责的', 'Mine'), filter: { owner: { $me: true }, state: { in: open } } }, { label: both('已超时', 'Breached'), filter: { breached: true } }, { label: both('全部', 'All'), filter: {} }],
      columns: [{ field: 'number', width: 120 }, { field: 'customer', width: 120 }, { field: 'level', width: 120 }, { field: 'state', width: 110 }, { field: 'response_due', label: both('受理时限', 'Response'), format: 'clock', met: 'accepted_at', while: { state: ['received'] } }, { field: 'execution_due', label: both('办结时限', 'Execution'), format: 'clock', met: 'executed_at', while: { state: open } }, { field: 'kind', width: 120 }, { field: 'owner', width: 110 }, { field: 'received_at', format: 'ago', width: 120 }],
      order: 'response_due', open: 'case', actions: [{ form: 'raise' }], empty: both('没有投诉，保持住。', 'No complaints. Keep it so.'),
    },
    case: {
      view: 'record', kind: 'complaints.case', actions: true,
      layout: [
        { steps: true },
        { clocks: [{ label: both('受理', 'Response'), due: 'response_due', met: 'accepted_at', while: { state: ['received'] } }, { label: both('原因分析', 'Analysis'), due: 'analysis_due', met: 'analysed_at', while: { state: open } }, { label: both('办结', 'Execution'), due: 'execution_due', met: 'executed_at', while: { state: open } }, { label: both('法定告知', 'Legal notice'), due: 'legal_due', met: 'informed_at', while: { state: open } }] },
        { card: both('投诉内容', 'The complaint'), fields: ['customer', 'level', 'kind', 'channel', 'received_at', 'owner', 'is_grumble', 'facts', 'demand'] },
        { card: both('处理', 'Handling'), fields: ['cause', 'cause_note', 'decision', 'remedy', 'remedy_cost', 'responsible_staff'] },
        { list: 'tasks', filter: { about: { $id: true } } },
        { timeline: true },
      ],
    },
    raise: { view: 'form', title: both('登记投诉', 'Raise a complaint'), kind: 'complaints.case', action: 'raise', layout: ['customer', 'facts', ['kind', 'channel']] },
    tasks: { view: 'list', title: both('相关待办', 'Tasks'), kind: 'worklist.task', columns: [{ field: 'title' }, { field: 'due', format: 'clock', met: 'done_at', while: { state: ['open'] } }, { field: 'owner' }], order: 'due' },
    openByCustomer: { view: 'list', title: both('该客户有未结投诉，请先处理：', 'Open complaints of this customer:'), kind: 'complaints.case', filter: { customer: { $subject: true }, state: { in: open } } },
    byCustomer: { view: 'list', title: both('投诉', 'Complaints'), kind: 'complaints.case', filter: { customer: { $subject: true } }, columns: [{ field: 'number', width: 110 }, { field: 'level', width: 120 }, { field: 'state', width: 110 }, { field: 'response_due', format: 'clock', met: 'accepted_at', while: { state: ['received'] } }], order: '-received_at', open: 'case', empty: both('没有投诉', 'No complaints') },
    heat: { view: 'heatmap', title: both('投诉热力图', 'Heat map') },
  },
};

export function createScreens() {
  return [COMPLAINTS, read('plugins/worklist/screens/ui.json')];
}

export { read };
