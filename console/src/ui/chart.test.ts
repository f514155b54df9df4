import { describe, expect, it } from 'vitest';
import { arc, arrangeMarks, ceiling, points, reached, spans, within } from './chart.ts';

const NOW = Date.parse('2026-03-13T18:30:00Z');

describe('spans of a trend', () => {
  it('are whole days of the organisation, not of the browser', () => {
    const days = spans('day', NOW, 'Asia/Shanghai');
    expect(days).toHaveLength(14);
    // Half past two in the morning of the fourteenth, in Shanghai.
    expect(days.at(-1)).toEqual({ from: '2026-03-13T16:00:00.000Z', to: '2026-03-14T16:00:00.000Z', days: ['2026-03-14', '2026-03-15'], label: '03-14' });
  });

  it('begin weeks on Monday and months on the first', () => {
    expect(spans('week', NOW, 'Asia/Shanghai').at(-1)?.label).toBe('03-09');
    expect(spans('month', NOW, 'Asia/Shanghai').map(({ label }) => label).slice(-3)).toEqual(['2026-01', '2026-02', '2026-03']);
  });

  it('follow each other without a gap', () => {
    for (const every of ['day', 'week', 'month'] as const) {
      const all = spans(every, NOW, 'Europe/Berlin');
      expect(all.slice(1).every(({ from }, index) => from === all[index]!.to)).toBe(true);
    }
  });

  it('hold what the number counts', () => {
    const span = { from: 'a', to: 'b', days: ['2026-03-01', '2026-04-01'] as [string, string] };
    expect(within('at', span, { state: 'open' })).toEqual({ state: 'open', at: { gte: 'a', lt: 'b' } });
    expect(within('on', span, undefined, true)).toEqual({ on: { gte: '2026-03-01', lt: '2026-04-01' } });
  });
});

describe('marks', () => {
  const marks = [{ key: 'a', label: 'A', value: 2 }, { key: 'b', label: 'B', value: 5 }, { key: 'c', label: 'C', value: 1 }];

  it('stand by size, or in the order asked for', () => {
    expect(arrangeMarks(marks).map(({ key }) => key)).toEqual(['b', 'a', 'c']);
    expect(arrangeMarks(marks, ['c', 'x', 'a']).map(({ key }) => key)).toEqual(['c', 'a']);
  });

  it('of a funnel count whoever came at least as far, and open those very rows', () => {
    expect(reached(marks, ['a', 'b', 'c'], 'state').map(({ value }) => value)).toEqual([8, 6, 1]);
    expect(reached(marks, ['a', 'b', 'c'], 'state', { org: 'd1' })[1]!.filter).toEqual({ org: 'd1', state: { in: ['b', 'c'] } });
  });
});

describe('shapes', () => {
  it('fit their box', () => {
    expect([0, 3, 17, 50, 51].map(ceiling)).toEqual([1, 5, 20, 50, 100]);
    expect(points([0, 5, 10], 10, 100, 50)).toEqual([[0, 50], [50, 25], [100, 0]]);
    expect(points([4], 4, 100, 50)).toEqual([[50, 0]]);
    expect(arc(0, 1, 10, 5)).toContain('A10 10 0 1 1');
  });
});
