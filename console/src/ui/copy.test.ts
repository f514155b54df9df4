import { afterEach, expect, it, vi } from 'vitest';
import { copyText } from './copy.ts';

afterEach(() => vi.unstubAllGlobals());

it('goes to the clipboard where there is one', async () => {
  const writeText = vi.fn(async () => {});
  vi.stubGlobal('navigator', { clipboard: { writeText } });
  expect(await copyText('https://a')).toBe(true);
  expect(writeText).toHaveBeenCalledWith('https://a');
});

it('goes the old way where there is none, or it refuses, and leaves nothing behind', async () => {
  let selected = '';
  Object.assign(document, { execCommand: () => { selected = document.querySelector('textarea')?.value ?? ''; return true; } });
  vi.stubGlobal('navigator', {});
  expect(await copyText('http://b')).toBe(true);
  vi.stubGlobal('navigator', { clipboard: { writeText: () => Promise.reject(new Error('no')) } });
  expect(await copyText('http://c')).toBe(true);
  expect([selected, document.querySelectorAll('textarea').length]).toEqual(['http://c', 0]);
});
