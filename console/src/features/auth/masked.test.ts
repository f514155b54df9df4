import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const sources = ['auth/LoginPage.tsx', 'account/PasswordForm.tsx', 'account/Codes.tsx'].map((file) => readFileSync(`src/features/${file}`, 'utf8'));

test('passwords are masked and password managers are welcome', () => {
  const fields = sources.flatMap((source) => source.match(/<Input[^>]*autoComplete="(?:current|new)-password"[^>]*>/gu) ?? []);
  expect(fields.length).toBe(5);
  for (const field of fields) {
    // Masked, with an eye to look at what was typed; nothing keeps anybody from pasting.
    expect(field).toMatch(/^<Input\.Password /u);
    expect(field).not.toMatch(/onPaste/u);
  }
});
