import { expect, it } from 'vitest';
import { greeting } from './greeting.ts';

it('a day has a night, a morning, a noon, an afternoon and an evening', () => {
  expect([0, 8, 12, 15, 20].map(greeting)).toEqual(['today.night', 'today.morning', 'today.noon', 'today.afternoon', 'today.evening']);
});
