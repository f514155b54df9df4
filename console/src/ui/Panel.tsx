// A titled box on a page.
import type { ReactNode } from 'react';

interface Props {
  title?: ReactNode;
  extra?: ReactNode;
  children: ReactNode;
  className?: string;
  flush?: boolean;
}

export function Panel({ title, extra, children, className = '', flush }: Props) {
  return (
    <section className={`panel ${className}`}>
      {(title || extra) && (
        <div className="panel-head">
          <h2>{title}</h2>
          {extra && <div className="panel-extra">{extra}</div>}
        </div>
      )}
      <div className={flush ? 'panel-flush' : 'panel-body'}>{children}</div>
    </section>
  );
}
