// Consent and messages: what was said last holds, and nothing ever leaves.
const CHANNELS = ['sms', 'email', 'wechat', 'call', 'letter', 'app'];

export function answerContact(data, { path, method, query, body, user }) {
  const [, , kind, id, part, action] = path.split('/');
  if (path === '/outbound') return [200, { items: [], next: null, refs: {}, state: query.get('state') }];
  if (kind !== 'customer' || !data.get('customer', id)) return undefined;
  const said = (purpose, channel) => data.all('consent').filter((row) => row.data.customer === id && row.data.purpose === purpose && (row.data.channel == null || row.data.channel === channel)).at(-1);
  if (part === 'contact' && method === 'GET') {
    const marketing = CHANNELS.map((channel) => (said('marketing', channel)?.data.state === 'granted' ? { purpose: 'marketing', channel, is_allowed: true } : { purpose: 'marketing', channel, is_allowed: false, reason: 'no_consent' }));
    const banner = marketing.some(({ is_allowed }) => is_allowed) ? [] : [{ code: 'no_consent', tone: 'warn', text: { 'zh-CN': '未取得营销同意：只能发送服务通知', en: 'No consent to marketing: service alone' } }];
    return [200, { items: marketing, banner, link: `http://mock/p/preferences/${id}` }];
  }
  if (part === 'actions' && action === 'consent' && method === 'POST') {
    const row = data.create('consent', { ...body, customer: id, handler: 'd1', obtained_at: data.iso(data.now()), by: user.id }, data.person(user));
    return [200, { reply: {}, record: row }];
  }
  return undefined;
}
