import { describe, expect, it } from 'vitest';
import { along, axis, shade, shares } from './plane.ts';

describe('an axis', () => {
  it('holds every value and the threshold', () => {
    expect(axis([120, 480])).toEqual({ from: 0, to: 500 });
    expect(axis([120, 480], 3000)).toEqual({ from: 0, to: 5000 });
    expect(axis([-30, 90])).toEqual({ from: -50, to: 100 });
    expect(axis([])).toEqual({ from: 0, to: 1 });
  });

  it('says how far along it something lies', () => {
    expect([0, 250, 500].map((value) => along(axis([480]), value))).toEqual([0, 0.5, 1]);
    expect(along({ from: -50, to: 100 }, 25)).toBe(0.5);
  });
});

it('shares add up in their order, those of the sum and those of the rows', () => {
  const told = shares([{ key: 'a', label: 'A', value: 50, n: 5 }, { key: 'b', label: 'B', value: 30, n: 15 }, { key: 'c', label: 'C', value: 20, n: 80 }]);
  expect(told.map(({ share }) => share)).toEqual([50, 30, 20]);
  expect(told.map(({ running }) => running)).toEqual([50, 80, 100]);
  expect(told.map(({ ofRows }) => ofRows)).toEqual([5, 15, 80]);
  expect(shares([{ key: 'a', label: 'A', value: 0, n: 0 }])[0]).toMatchObject({ share: 0, running: 0, ofRows: 0 });
});

it('a cell with nothing is white, the largest is full, small ones can be seen', () => {
  expect([shade(0, 100), shade(100, 100)]).toEqual([0, 1]);
  expect(shade(1, 100)).toBeCloseTo(0.19);
});
