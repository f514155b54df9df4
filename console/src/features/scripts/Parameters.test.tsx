import { cleanup, fireEvent, render, screen } from '@testing-library/react';
import { useState } from 'react';
import { afterEach, beforeAll, expect, it } from 'vitest';
import { startI18n } from '../../app/i18n.ts';
import type { Json } from '../../api/types.ts';
import { Parameters } from './Parameters.tsx';

let written: Json;

function Editor() {
  const [value, setValue] = useState<Json>({ points: { gold: 3, silver: 2 } });
  return <Parameters source="" value={value} onChange={(next) => { setValue(next); written = next; }} />;
}

beforeAll(startI18n);
afterEach(cleanup);

it('a name that is typed over another for a moment swallows no row', () => {
  render(<Editor />);
  const name = () => screen.getByLabelText('points 2');
  fireEvent.change(name(), { target: { value: 'gold' } });
  expect([screen.getByLabelText<HTMLInputElement>('points 1').value, (name() as HTMLInputElement).value]).toEqual(['gold', 'gold']);
  screen.getByRole('alert');
  fireEvent.change(name(), { target: { value: '12' } });
  expect(written).toEqual({ points: { gold: 3, 12: 2 } });
  expect(screen.getByLabelText<HTMLInputElement>('points 2').value).toBe('12');
});
