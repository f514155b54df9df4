import { expect, it } from 'vitest';
import { formatSize } from './size.ts';

it.each([[0, '0 B'], [1023, '1023 B'], [1536, '1.5 KB'], [200 * 1024, '200 KB'], [5 * 1024 * 1024, '5 MB']])('%d bytes are %s', (bytes, text) => {
  expect(formatSize(bytes)).toBe(text);
});
