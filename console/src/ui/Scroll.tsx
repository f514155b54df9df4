// A part of a page that scrolls by itself. It takes the focus, so that the keyboard can scroll it too.
import type { CSSProperties, ReactNode } from 'react';

interface Props {
  label: string;
  className: string;
  style?: CSSProperties;
  isBusy?: boolean;
  children: ReactNode;
}

export function Scroll({ label, className, style, isBusy, children }: Props) {
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div className={className} style={style} tabIndex={0} role="region" aria-label={label} aria-busy={isBusy}>{children}</div>
  );
}
