import { cleanup, fireEvent, screen } from '@testing-library/react';
import { App, Button, ConfigProvider } from 'antd';
import { afterEach, beforeAll, expect, it, vi } from 'vitest';
import { answering, draw } from '../../test/draw.tsx';
import { startI18n } from '../app/i18n.ts';
import type { ActionSpec, Kind } from '../api/types.ts';
import { useLinks } from './links.tsx';

const kind = { kind: 'demo.offer', plugin: 'demo', label: 'Offer', title: 'name', fields: {} } as unknown as Kind;
const action = { name: 'send', label: { 'zh-CN': '发出报价', en: 'Send' }, target: true } as unknown as ActionSpec;

function Desk({ reply }: { reply: unknown }) {
  const offer = useLinks();
  return <Button onClick={() => void offer(kind, action, reply)}>done</Button>;
}

beforeAll(startI18n);
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

const act = async (reply: unknown) => {
  vi.stubGlobal('fetch', answering(() => ({ name: 'demo', pages: [{ name: 'view', kind: 'demo.offer', label: { 'zh-CN': '我的报价', en: 'My offer' }, target: true }] })));
  draw(<ConfigProvider><App><Desk reply={reply} /></App></ConfigProvider>);
  fireEvent.click(await screen.findByRole('button', { name: 'done' }));
};

it('an action that answers with a link shows it by the name of its page', async () => {
  await act({ id: 'q', links: { quote: { page: 'view', record: 'q', once: true, url: 'https://crm.example/p/demo/view/t0k' } } });
  await screen.findAllByText('发出报价：可交给客户的链接');
  await screen.findByText('https://crm.example/p/demo/view/t0k');
  screen.getByText('我的报价');
  screen.getByText('只能使用一次');
});

it('of many links to one page each has its own name, and none is left out', async () => {
  const links = Object.fromEntries(Array.from({ length: 12 }, (_, index) => [`A${index}`, { page: 'view', record: `r${index}`, url: `https://crm.example/p/demo/view/t${index}` }]));
  await act({ links });
  await screen.findByText('我的报价 · A11');
  expect(document.querySelectorAll('.poster')).toHaveLength(12);
  screen.getByRole('button', { name: /复制全部地址/u });
});

it('an action without links shows nothing', async () => {
  await act({ id: 'q' });
  expect(screen.queryByRole('dialog')).toBeNull();
});
