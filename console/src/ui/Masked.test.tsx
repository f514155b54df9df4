import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/react';
import { App } from 'antd';
import { afterEach, beforeAll, expect, it, vi } from 'vitest';
import { startI18n } from '../app/i18n.ts';
import type { Item } from '../api/types.ts';
import { RevealField } from './Masked.tsx';

beforeAll(startI18n);
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

const item: Item = { id: 'c1', kind: 'customer', rev: 1, org: 'd1', created_at: '', updated_at: '', data: { name: '王磊' }, masked: ['address'], hints: { address: '武汉**' } };
const field = { type: 'text' as const, label: { 'zh-CN': '地址', en: 'Address' } };

function answering(status: number, body: object) {
  const sent = vi.fn(async (_url: string, _options: RequestInit) => Response.json(body, { status }));
  vi.stubGlobal('fetch', sent);
  return sent;
}

const draw = () => render(<App><RevealField item={item} name="address" field={field} /></App>);

it('a masked value is shown as its hint until a purpose is given', async () => {
  const sent = answering(200, { data: { address: '武汉市江岸区沿江大道 1 号' } });
  draw();
  expect(screen.getByText('武汉**')).toBeTruthy();
  fireEvent.click(screen.getByRole('button', { name: '查看完整的地址' }));
  const show = await screen.findByRole('button', { name: /查\s?看$/u });
  expect(show).toHaveProperty('disabled', true);
  expect(sent).not.toHaveBeenCalled();
  fireEvent.change(screen.getByLabelText('用途，如：客户来电核对'), { target: { value: '客户来电' } });
  fireEvent.click(show);
  await screen.findByText('武汉市江岸区沿江大道 1 号');
  const [url, options] = sent.mock.calls[0]!;
  expect(url).toBe('/api/v1/records/customer/c1/reveal');
  expect(JSON.parse(String(options.body))).toEqual({ fields: ['address'], purpose: '客户来电' });
}, 20_000);

it('a refusal is told where the purpose was asked, and nothing is shown', async () => {
  answering(429, { code: 'reveal.limit', detail: 'you have looked at 30 today' });
  draw();
  fireEvent.click(screen.getByRole('button', { name: '查看完整的地址' }));
  fireEvent.change(await screen.findByLabelText('用途，如：客户来电核对'), { target: { value: '客户来电' } });
  fireEvent.click(screen.getByRole('button', { name: /查\s?看$/u }));
  await waitFor(() => expect(screen.getByRole('alert').textContent).not.toBe(''));
  expect(screen.getByText('武汉**')).toBeTruthy();
}, 20_000);
