import { cleanup, fireEvent, screen, waitFor } from '@testing-library/react';
import { afterEach, beforeAll, expect, it, vi } from 'vitest';
import { answering, draw } from '../../../test/draw.tsx';
import { startI18n } from '../../app/i18n.ts';
import type { Item } from '../../api/types.ts';
import { Compose } from './Compose.tsx';

const label = (zh: string) => ({ 'zh-CN': zh, en: zh });
const choice = (zh: string, values: Record<string, string>) => ({ type: 'enum', label: label(zh), values: Object.entries(values).map(([value, name]) => ({ value, label: label(name) })) });
const kind = {
  kind: 'message', title: 'summary', label: label('消息'), actions: [],
  fields: {
    summary: { type: 'text', label: label('摘要') }, purpose: choice('用途', { serve: '服务通知', marketing: '营销推广' }), channel: choice('渠道', { sms: '短信', email: '邮件', call: '电话' }),
    template: { type: 'text', label: label('模板') }, subject: { type: 'text', label: label('主题') }, body: { type: 'long_text', label: label('正文') },
    state: choice('状态', { queued: '待发送', suppressed: '已拦截' }), reason: choice('原因', { no_consent: '未取得同意' }),
  },
};
const templates = { items: [{ id: 't1', name: 'service.ready', label: '取车通知', purpose: 'serve', state: 'active', org: 'd1', org_name: null, rev: 3, channels: ['sms'], values: ['plate'], is_inherited: false, is_overridden: false, data: {} }], fields: [] };
const customer = { id: 'c1', kind: 'customer', rev: 1, org: 'd1', created_at: '', updated_at: '', data: { name: '王伟', phone: '+8613800001234' } } as unknown as Item;

beforeAll(startI18n);
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

function serve() {
  const sent: { data: Record<string, unknown> }[] = [];
  const previews: unknown[] = [];
  vi.stubGlobal('fetch', answering((path, init) => {
    if (path.startsWith('/clock')) return { now: new Date().toISOString() };
    if (path.startsWith('/kinds/')) return kind;
    if (path.startsWith('/templates/preview')) {
      const asked = JSON.parse(String(init?.body));
      previews.push(asked);
      return { language: 'zh', items: [{ language: 'zh', subject: { text: '', empty: [] }, body: { text: `王伟，${asked.values.plate ?? '[plate]'} 可以取车了`, empty: [] } }, { language: 'en', subject: { text: '', empty: [] }, body: { text: 'ready', empty: [] } }], faults: [] };
    }
    if (path.startsWith('/templates')) return templates;
    if (path.includes('/may?')) return path.includes('purpose=marketing') ? { is_allowed: false, reason: 'no_consent', why: 'not_asked' } : { is_allowed: true };
    if (path === '/records/message' && init?.method === 'POST') {
      sent.push(JSON.parse(String(init.body)));
      return { id: 'm1', kind: 'message', rev: 1, org: 'd1', data: { ...sent.at(-1)!.data, body: 'x', state: 'queued', due_at: '2026-01-01T00:00:00Z' } };
    }
    if (path.startsWith('/records/message/m1')) return { id: 'm1', kind: 'message', rev: 2, org: 'd1', data: { body: '春季特惠', state: 'suppressed', reason: 'no_consent', due_at: '2026-01-01T00:00:00Z' } };
    return { items: [] };
  }));
  draw(<Compose customer={customer} name="王伟" onClose={() => {}} />);
  return { sent, previews };
}

it('a template is chosen, its value filled in and read before it is sent', async () => {
  const { sent } = serve();
  await screen.findByText('现在可以发送');
  fireEvent.mouseDown(await screen.findByRole('combobox', { name: '模板' }));
  fireEvent.click(await screen.findByText('取车通知'));
  await screen.findByText('王伟，[plate] 可以取车了');
  fireEvent.click(screen.getByRole('button', { name: '发送' }));
  await screen.findByText('请先填写：plate');
  expect(sent).toEqual([]);
  fireEvent.change(screen.getByLabelText('plate'), { target: { value: '湘A90256' } });
  await screen.findByText('王伟，湘A90256 可以取车了');
  expect(screen.queryByText('ready')).toBeNull();
  fireEvent.click(screen.getByRole('button', { name: '发送' }));
  await waitFor(() => expect(sent).toEqual([{ data: { customer: 'c1', purpose: 'serve', channel: 'sms', template: 'service.ready', values: { plate: '湘A90256' } } }]));
});

it('marketing without consent is told before it is handed in, and what became of it after', async () => {
  const { sent } = serve();
  fireEvent.click(await screen.findByText('营销推广'));
  await screen.findByText('现在发送会被拦截：未取得同意');
  screen.getByText('还没有问过客户，没有答复就视为不同意。');
  // No template is for marketing here, so one writes oneself.
  expect(screen.queryByRole('combobox', { name: '模板' })).toBeNull();
  fireEvent.change(screen.getByLabelText('正文'), { target: { value: ' 春季特惠 ' } });
  fireEvent.click(screen.getByRole('button', { name: '仍然提交' }));
  await screen.findByText('没有发出：未取得同意。');
  expect(sent).toEqual([{ data: { customer: 'c1', purpose: 'marketing', channel: 'sms', body: '春季特惠' } }]);
});
