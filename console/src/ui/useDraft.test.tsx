import { act, cleanup, fireEvent, render, screen } from '@testing-library/react';
import { useEffect, useState } from 'react';
import { afterEach, beforeAll, expect, it } from 'vitest';
import { startI18n } from '../app/i18n.ts';
import { BehindNotice, useDraft } from './useDraft.tsx';

interface Told {
  rev: number;
  text: string;
}

let tell: (told: Told) => void = () => {};
const textOf = ({ text }: Told) => text;

function Editor() {
  const [told, setTold] = useState<Told>({ rev: 1, text: 'one' });
  useEffect(() => {
    tell = (next) => act(() => setTold(next));
  }, []);
  const { base, draft, setDraft, begin: _, ...behind } = useDraft(told, textOf, false);
  return <><BehindNotice {...behind} /><input aria-label="text" value={draft} onChange={(event) => setDraft(event.target.value)} /><output>{base.rev}</output></>;
}

const typed = () => screen.getByLabelText<HTMLInputElement>('text').value;
const type = (text: string) => fireEvent.change(screen.getByLabelText('text'), { target: { value: text } });

beforeAll(startI18n);
afterEach(cleanup);

it('what nobody has typed over follows the server', () => {
  render(<Editor />);
  tell({ rev: 2, text: 'two' });
  expect([typed(), screen.getByRole('status').textContent]).toEqual(['two', '2']);
});

it('what is typed stays when the server changes below it, until somebody chooses', () => {
  render(<Editor />);
  type('mine');
  tell({ rev: 2, text: 'two' });
  expect([typed(), screen.getByRole('status').textContent]).toEqual(['mine', '1']);
  fireEvent.click(screen.getByRole('button', { name: '继续用我的' }));
  expect([typed(), screen.getByRole('status').textContent]).toEqual(['mine', '2']);
  tell({ rev: 3, text: 'three' });
  fireEvent.click(screen.getByRole('button', { name: '用别人的' }));
  expect([typed(), screen.getByRole('status').textContent]).toEqual(['three', '3']);
});

it('a change of the server that says the same asks nothing', () => {
  render(<Editor />);
  type('mine');
  tell({ rev: 2, text: 'one' });
  expect([typed(), screen.getByRole('status').textContent, screen.queryByRole('alert')]).toEqual(['mine', '2', null]);
});
