import { describe, expect, it } from 'vitest';
import { isReady, toolOf } from './requests.ts';

describe('a request', () => {
  it('is answered by the tool of its kind', () => {
    expect(toolOf('delete')).toBe('erase');
    expect(toolOf('transfer')).toBe('copy');
    expect(toolOf('restrict')).toBe('restrict');
    expect(toolOf('correct')).toBeUndefined();
  });

  it('waits until it is clear who asks', () => {
    expect(isReady({ state: 'processing', identity_checked: 'in_person' })).toBe(true);
    expect(isReady({ state: 'processing' })).toBe(false);
    expect(isReady({ state: 'received', identity_checked: 'in_person' })).toBe(false);
  });
});
