import { expect, it } from 'vitest';
import { answeredDoubts, splitDoubts } from './doubt.ts';

const vin = { pointer: '/data/vin', code: 'vin.doubtful', message: 'the check digit is 5, not 3' };
const phone = { pointer: '/data/phone', code: 'phone.invalid', message: 'too short' };

it('a doubtful value is a question, a wrong one a refusal', () => {
  expect(splitDoubts([vin, phone], ['vin', 'phone'])).toEqual({ doubts: { vin }, wrong: [phone] });
});

it('a doubt about a field the form does not have is told like any refusal', () => {
  expect(splitDoubts([vin], ['phone'])).toEqual({ doubts: {}, wrong: [vin] });
});

it('only questions that were answered are sent', () => {
  expect(answeredDoubts({ vin, uscc: vin }, { vin: ' 美版车 ', uscc: ' ', old: 'x' })).toEqual({ vin: '美版车' });
});
