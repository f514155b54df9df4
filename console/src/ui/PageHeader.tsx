// The head of every page: one h1, what it counts or describes, what can be done.
import { useEffect, type ReactNode } from 'react';

/** The name of the page in the browser's tab. */
export function PageTitle({ name }: { name: string }) {
  useEffect(() => {
    document.title = name ? `${name} · Marque` : 'Marque';
  }, [name]);
  return null;
}

interface Props {
  title: ReactNode;
  /** For the browser's tab where the title is more than text. */
  name?: string;
  /** Small print beside the title. */
  note?: ReactNode;
  tags?: ReactNode;
  back?: ReactNode;
  actions?: ReactNode;
}

export function PageHeader({ title, name, note, tags, back, actions }: Props) {
  return (
    <header className="page-header">
      <PageTitle name={name ?? (typeof title === 'string' ? title : '')} />
      <div className="page-header-main">
        {back}
        <h1>{title}</h1>
        {tags}
        {note && <span className="page-note">{note}</span>}
      </div>
      {actions && <div className="page-actions">{actions}</div>}
    </header>
  );
}
