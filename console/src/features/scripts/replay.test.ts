import { describe, expect, it } from 'vitest';
import { dayjs } from '../../ui/time.ts';
import { type Days, isInReach, lastMonth, spanOf, trialOf, WRITTEN } from './replay.ts';

/** Half past two in the morning of the first of March, in Shanghai; still February in Greenwich. */
const NOW = Date.parse('2026-02-28T18:30:00Z');
const days: Days = [dayjs('2026-02-03'), dayjs('2026-02-05')];
const written = { source: 'fn decide(input) {}', parameters: { a: 1 }, asks: ['message.send'] };

describe('days of the past', () => {
  it('are whole days of the organisation, the last one to its end', () => {
    expect(spanOf(days, 'Asia/Shanghai')).toEqual({ from: '2026-02-02T16:00:00.000Z', to: '2026-02-05T16:00:00.000Z' });
    // The day on which clocks go forward has 23 hours.
    const short: Days = [dayjs('2026-03-29'), dayjs('2026-03-29')];
    expect(spanOf(short, 'Europe/Berlin')).toEqual({ from: '2026-03-28T23:00:00.000Z', to: '2026-03-29T22:00:00.000Z' });
  });

  it('begin with the month that has ended where the organisation is', () => {
    expect(lastMonth(NOW, 'Asia/Shanghai').map((day) => day.format('YYYY-MM-DD'))).toEqual(['2026-02-01', '2026-02-28']);
    expect(lastMonth(NOW, 'Europe/Berlin').map((day) => day.format('YYYY-MM-DD'))).toEqual(['2026-01-01', '2026-01-31']);
  });

  it('lie neither ahead nor further back than the server looks', () => {
    const reach = (day: string) => isInReach(dayjs(day), NOW, 'Asia/Shanghai');
    expect([reach('2026-03-01'), reach('2026-03-02'), reach('2024-01-31'), reach('2024-01-30')]).toEqual([true, false, true, false]);
  });
});

describe('what is asked for', () => {
  const name = (text: string) => ({ name: text });

  it('is a version by its number, or what is being written', () => {
    const span = spanOf(days, 'Asia/Shanghai');
    expect(trialOf(name('decision/a.b'), 3, { days }, written, 'Asia/Shanghai')).toEqual({ version: 3, ...span });
    expect(trialOf(name('decision/a.b'), WRITTEN, { days }, written, 'Asia/Shanghai')).toEqual({ source: written.source, parameters: { a: 1 }, ...span });
    expect(trialOf(name('reaction/a'), WRITTEN, { days }, written, 'Asia/Shanghai')).toMatchObject({ asks: ['message.send'], ...span });
  });

  it('names no days for a computed field, but the moment its records are taken as of', () => {
    expect(trialOf(name('computed/customer.x_a'), 2, { days }, written)).toEqual({ version: 2 });
    expect(trialOf(name('computed/customer.x_a'), 2, { days, moment: '2026-01-31T15:59:00.000Z' }, written)).toEqual({ version: 2, to: '2026-01-31T15:59:00.000Z' });
  });
});
