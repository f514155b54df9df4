import { describe, expect, it } from 'vitest';
import { dayOf, formatAgo, formatTime, fromPicker, toPicker } from './time.ts';

const SHANGHAI = 'Asia/Shanghai';

describe('time', () => {
  it('is shown in the zone of the organisation, not of the browser', () => {
    expect(formatTime('2026-03-13T16:30:00.000Z', 'datetime', SHANGHAI)).toBe('2026-03-14 00:30');
    expect(formatTime('2026-03-13T16:30:00.000Z', 'date', 'Europe/Berlin')).toBe('2026-03-13');
  });

  it('leaves a plain date on its day in every zone', () => {
    expect(formatTime('2026-03-13', 'date', 'Pacific/Honolulu')).toBe('2026-03-13');
  });

  it('passes on what is no time', () => {
    expect(formatTime('n/a')).toBe('n/a');
  });

  it('goes into a picker and back without moving', () => {
    const iso = '2026-03-13T16:30:00.000Z';
    expect(toPicker(iso, SHANGHAI)?.format('YYYY-MM-DD HH:mm')).toBe('2026-03-14 00:30');
    expect(fromPicker(toPicker(iso, SHANGHAI), SHANGHAI)).toBe(iso);
    expect(fromPicker(null)).toBeUndefined();
  });

  it('knows today and yesterday at the organisation', () => {
    const now = Date.parse('2026-03-13T17:00:00.000Z');
    expect(dayOf('2026-03-13T16:10:00.000Z', now, SHANGHAI)).toEqual({ day: '2026-03-14', near: 'today' });
    expect(dayOf('2026-03-13T15:10:00.000Z', now, SHANGHAI).near).toBe('yesterday');
    expect(dayOf('2026-03-10T15:10:00.000Z', now, SHANGHAI).near).toBeNull();
  });

  it('says how long ago in both languages', () => {
    const now = Date.parse('2026-03-13T12:00:00Z');
    expect(formatAgo('2026-03-13T09:00:00Z', now, 'zh-CN')).toContain('3小时前');
    expect(formatAgo('2026-03-15T12:00:00Z', now, 'en')).toBe('in 2 days');
  });
});
