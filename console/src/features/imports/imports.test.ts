import { describe, expect, it } from 'vitest';
import { faultsCsv } from './faults.ts';
import { claimedTwice } from './MapColumns.tsx';
import { contentType } from './queries.ts';

describe('an import', () => {
  it('is sent with the type its name tells, whatever the browser thinks', () => {
    expect(contentType('cards.CSV')).toBe('text/csv');
    expect(contentType('名片.xlsx')).toContain('spreadsheetml');
    expect(contentType('a.jsonl')).toBe('application/x-ndjson');
    expect(contentType('卡.VCF')).toBe('text/vcard');
    expect(contentType('photo.png')).toBeUndefined();
  });

  it('finds fields that two columns claim', () => {
    expect(claimedTwice({ a: 'phone', b: 'phone', c: null, d: null, e: 'name' })).toEqual(['phone']);
  });

  it('lists its faults for a spreadsheet, with quotes, a byte order mark and no formulas', () => {
    const csv = faultsCsv(['Row', 'Field', 'Problem'], [{ row: 2, field: 'phone', code: 'x', message: 'm' }, { row: 3, field: null, code: 'y', message: 'n' }], () => '=Phone', (fault) => `"${fault.code}", no`);
    expect(csv).toBe('\uFEFFRow,Field,Problem\r\n2,\'=Phone,"""x"", no"\r\n3,,"""y"", no"\r\n');
  });
});
