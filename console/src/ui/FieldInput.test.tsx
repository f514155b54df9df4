import { cleanup, createEvent, fireEvent, screen } from '@testing-library/react';
import { afterEach, beforeAll, expect, it } from 'vitest';
import { draw } from '../../test/draw.tsx';
import { startI18n } from '../app/i18n.ts';
import { FieldInput } from './FieldInput.tsx';

beforeAll(startI18n);
afterEach(cleanup);

it.each(['date', 'datetime'] as const)('Enter in a %s takes it and does not send the form', async (input) => {
  draw(<FieldInput field={{ path: ['due'], input, label: 'Due', required: false }} label="Due" />);
  const box = await screen.findByLabelText('Due');
  const pressed = (key: string) => {
    const event = createEvent.keyDown(box, { key });
    fireEvent(box, event);
    return event.defaultPrevented;
  };
  expect(pressed('Enter')).toBe(true);
  expect(pressed('5')).toBe(false);
});
