import { cleanup, fireEvent, screen, waitFor } from '@testing-library/react';
import { afterEach, beforeAll, expect, it, vi } from 'vitest';
import { answering, draw } from '../../../test/draw.tsx';
import { startI18n } from '../../app/i18n.ts';
import { Pages } from './Pages.tsx';
import type { PluginDetail } from './types.ts';

const plugin = {
  name: 'demo', version: '1', state: 'enabled', label: 'Demo', description: '', lag: 0, parked: 0, calls: 0, asks: [], hears: [], off: ['o2'],
  pages: [
    { name: 'ask', kind: 'demo.case', label: { 'zh-CN': '在线提问', en: 'Ask' }, target: false, url: 'https://crm.example/p/demo/ask' },
    { name: 'status', kind: 'demo.case', label: { 'zh-CN': '进度', en: 'Status' }, target: true },
  ],
} as PluginDetail;
const orgs = { items: [{ id: 'o1', kind: 'org', data: { name: '一店', code: 'd1' } }, { id: 'o2', kind: 'org', data: { name: '二店', code: 'd2' } }] };

beforeAll(startI18n);
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

it('a page has an address for the organisation chosen, to copy and as a poster; one about a record has none', async () => {
  const writeText = vi.fn(async () => {});
  vi.stubGlobal('fetch', answering((path) => (path.startsWith('/session') ? { user: { id: 'u', name: 'U', login: 'u', org: { id: 'o1', name: '一店' }, roles: [] } } : orgs)));
  Object.defineProperty(navigator, 'clipboard', { value: { writeText }, configurable: true });
  draw(<Pages plugin={plugin} />);
  await screen.findByRole('link', { name: 'https://crm.example/p/demo/ask?org=d1' });
  fireEvent.change(screen.getByLabelText('来源标记，例如哪张海报（选填）'), { target: { value: '展厅' } });
  fireEvent.click(screen.getByRole('button', { name: '复制地址：在线提问' }));
  await waitFor(() => expect(writeText).toHaveBeenCalledWith('https://crm.example/p/demo/ask?org=d1&ref=%E5%B1%95%E5%8E%85'));
  expect(screen.getAllByRole('link')).toHaveLength(1);
  screen.getByText(/需要专属链接.*进度/u);
  fireEvent.click(screen.getByRole('button', { name: '在线提问的二维码' }));
  await screen.findByText('用微信或手机相机扫一扫');
  screen.getByText('打印');
  expect(document.querySelector('.poster')?.textContent).toContain('一店');
  expect(document.querySelector('.poster-address')?.textContent).toBe('https://crm.example/p/demo/ask?org=d1&ref=%E5%B1%95%E5%8E%85');
  expect(screen.queryByText(/没有启用这个插件/u)).toBeNull();
});
