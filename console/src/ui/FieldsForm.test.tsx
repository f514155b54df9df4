import { act, cleanup, fireEvent, render, screen, waitFor } from '@testing-library/react';
import i18next from 'i18next';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { afterEach, beforeAll, expect, it, vi } from 'vitest';
import { startI18n } from '../app/i18n.ts';
import { ApiError } from '../api/client.ts';
import { FieldsForm } from './FieldsForm.tsx';
import { schemaInputs } from './form.ts';

beforeAll(startI18n);
afterEach(async () => {
  cleanup();
  await i18next.changeLanguage('zh-CN');
});

const fields = schemaInputs({ type: 'object', required: ['facts'], properties: { facts: { type: 'string', format: 'long_text', title: { 'zh-CN': '客户原话', en: 'Facts' } }, cost: { type: 'integer', format: 'money', title: { 'zh-CN': '费用', en: 'Cost' } } } });

function draw(onSubmit: (values: object) => Promise<unknown>) {
  render(<QueryClientProvider client={new QueryClient()}><FieldsForm fields={fields} onSubmit={onSubmit} submitLabel="Go" /></QueryClientProvider>);
}

it('a form asks for what is required and sends money in fen', async () => {
  const submit = vi.fn(async () => undefined);
  draw(submit);
  fireEvent.click(screen.getByRole('button', { name: 'Go' }));
  await screen.findByText('请填写客户原话');
  expect(submit).not.toHaveBeenCalled();
  fireEvent.change(screen.getByLabelText('客户原话'), { target: { value: '漏油' } });
  fireEvent.change(screen.getByLabelText('费用'), { target: { value: '1234.5' } });
  fireEvent.click(screen.getByRole('button', { name: 'Go' }));
  await waitFor(() => expect(submit).toHaveBeenCalledWith({ facts: '漏油', cost: 123_450 }, expect.objectContaining({ overrides: {} })));
});

it('a refusal stands on the input it points at, and what was typed stays', async () => {
  draw(async () => {
    throw new ApiError(400, { errors: [{ pointer: '/facts', code: 'too_long', message: 'facts is too long' }, { pointer: '/else', code: 'odd', message: '其他问题' }] });
  });
  fireEvent.change(screen.getByLabelText('客户原话'), { target: { value: '很长' } });
  fireEvent.click(screen.getByRole('button', { name: 'Go' }));
  await screen.findByText('内容太长，请缩短。');
  await screen.findByText('其他问题');
  expect(screen.getByLabelText<HTMLTextAreaElement>('客户原话').value).toBe('很长');
});

it('a change of language keeps what was typed', async () => {
  draw(async () => undefined);
  fireEvent.change(screen.getByLabelText('客户原话'), { target: { value: '漏油' } });
  await act(() => i18next.changeLanguage('en'));
  expect(screen.getByLabelText<HTMLTextAreaElement>('Facts').value).toBe('漏油');
});

it('a doubtful value is asked about, and sent again with the reason', async () => {
  const submit = vi.fn(async (_values: object, { overrides }: { overrides?: object }) => {
    if (!overrides || Object.keys(overrides).length === 0) throw new ApiError(400, { errors: [{ pointer: '/data/facts', code: 'vin.doubtful', message: '校验位不对' }] });
  });
  draw(submit as never);
  fireEvent.change(screen.getByLabelText('客户原话'), { target: { value: 'LFV2A21K0A1' } });
  fireEvent.click(screen.getByRole('button', { name: 'Go' }));
  const reason = await screen.findByLabelText('客户原话：为什么仍然这样填');
  fireEvent.click(screen.getByRole('button', { name: 'Go' }));
  await screen.findByText('请写明原因，或改正上面的值。');
  expect(submit).toHaveBeenCalledTimes(1);
  fireEvent.change(reason, { target: { value: '进口车' } });
  fireEvent.click(screen.getByRole('button', { name: 'Go' }));
  await waitFor(() => expect(submit).toHaveBeenLastCalledWith({ facts: 'LFV2A21K0A1' }, expect.objectContaining({ overrides: { facts: '进口车' } })));
});

it('values that others change are taken by an untouched form, and left out of one somebody types in', async () => {
  const page = (facts: string) => <QueryClientProvider client={new QueryClient()}><FieldsForm fields={fields} initial={{ facts }} onSubmit={async () => undefined} submitLabel="Go" /></QueryClientProvider>;
  const { rerender } = render(page('一'));
  const facts = () => screen.getByLabelText<HTMLTextAreaElement>('客户原话');
  rerender(page('二'));
  await waitFor(() => expect(facts().value).toBe('二'));
  fireEvent.change(facts(), { target: { value: '我的' } });
  rerender(page('三'));
  expect(facts().value).toBe('我的');
});
