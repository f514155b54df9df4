import { cleanup, fireEvent, screen } from '@testing-library/react';
import { afterEach, beforeAll, expect, it, vi } from 'vitest';
import { answering, draw } from '../../test/draw.tsx';
import { startI18n } from '../app/i18n.ts';
import { ReceiptDrawer } from './Receipt.tsx';
import type { Receipt } from '../api/types.ts';

const receipt = {
  id: 'r1', at: '2026-03-01T02:00:00.000Z', org: 'd1', point: 'demo.level', plugin: 'demo', plugin_version: '1', script: 'decision/demo.level', script_owner: 'd1', script_version: 2, script_digest: 'abc',
  input: { age: 7 }, output: { level: 'major', reasons: ['旧理由'] }, reasons: ['旧理由'],
} as unknown as Receipt;

beforeAll(startI18n);
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

function ask(told: unknown) {
  const paths: string[] = [];
  vi.stubGlobal('fetch', answering((path) => {
    paths.push(path);
    return told;
  }));
  draw(<ReceiptDrawer receipt={receipt} kind={undefined} of={{ kind: 'demo.case', id: 'c1', field: 'level' }} onClose={() => {}} />);
  return paths;
}

const press = async () => fireEvent.click(await screen.findByRole('button', { name: /重新判定/u }));

it('a decision that comes to something else today stands beside the one on record', async () => {
  const paths = ask({ ...receipt, again: { is_same: false, output: { level: 'general', reasons: ['新理由'] } } });
  await press();
  await screen.findByText('结果不一样');
  expect(paths).toEqual(['/records/demo.case/c1/why/level?again=true']);
  const rows = screen.getAllByRole('row').slice(1).map((row) => row.textContent);
  expect(rows).toEqual(['level 不同majorgeneral', '理由 不同旧理由新理由']);
});

it('one that holds says so, and that it is about a newer decision than the one shown', async () => {
  ask({ ...receipt, id: 'r2', again: { is_same: true, output: receipt.output } });
  await press();
  await screen.findByText('结果一样');
  screen.getByText('这个字段之后又判定过，下面核对的是最新的一次。');
  expect(screen.queryByText('不同')).toBeNull();
});

it('one that cannot be made says why, in the language of who reads', async () => {
  ask({ ...receipt, again: { is_same: null, why: 'the rule of leads as it was then is not installed any more' } });
  await press();
  await screen.findByText('无法重新判定');
  screen.getByText('当时的规则已不在系统里，例如插件升级后内置规则变了。');
  expect(screen.queryByRole('table')).toBeNull();
});
