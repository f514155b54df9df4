import { expect, test } from 'vitest';
import { deviceOf } from './device.ts';

test('a browser is told in the words a person knows it by', () => {
  expect(deviceOf('Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0 Safari/537.36')).toBe('Chrome · Windows');
  expect(deviceOf('Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0 Safari/537.36 Edg/141.0')).toBe('Edge · Windows');
  expect(deviceOf('Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 MicroMessenger/8.0')).toBe('WeChat · iPhone');
  expect(deviceOf('curl/8.9.1')).toBe('curl');
  expect(deviceOf(null)).toBeUndefined();
});
