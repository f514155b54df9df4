// A machine that builds meanwhile is slow: limits are generous. Unit tests: pure functions for the most part, a few renderers in happy-dom.
import { defineConfig, mergeConfig } from 'vitest/config';
import base from './vite.config.ts';

export default mergeConfig(base, defineConfig({
  test: { include: ['src/**/*.test.{ts,tsx}', 'test/**/*.test.{ts,tsx}'], environment: 'happy-dom', setupFiles: ['test/setup.ts'], restoreMocks: true, testTimeout: 60_000 },
}));
