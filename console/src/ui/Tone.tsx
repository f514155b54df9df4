// Enumeration values in their colours; the colour is never the only sign, the word is always there.
import type { ReactNode } from 'react';

const TONES = ['good', 'warn', 'bad', 'info', 'plain'];

export function Tone({ tone, children }: { tone?: string; children: ReactNode }) {
  return <span className={`tone tone-${TONES.includes(tone ?? '') ? tone : 'plain'}`}>{children}</span>;
}
