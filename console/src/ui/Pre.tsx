// Text as it is, in a box that scrolls.
import type { ReactNode } from 'react';

export function Pre({ children }: { children: ReactNode }) {
  // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls has to be within reach of the keyboard
  return <pre className="json" tabIndex={0}>{children}</pre>;
}
