// What keeps a plugin's view from taking its page along, and what stands in for one that cannot be drawn.
import { Alert } from 'antd';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Panel } from '../ui/Panel.tsx';
import { Boundary, Failure } from '../ui/states.tsx';
import { useText } from '../ui/text.ts';
import type { Document } from './types.ts';

/** What stands in for a view this console cannot draw. */
export function Newer({ doc, what, isMissing }: { doc: Document; what: string; isMissing?: boolean }) {
  const { t } = useTranslation();
  const text = useText();
  return (
    <Panel className="panel-newer">
      <Alert type="warning" showIcon title={t(isMissing ? 'view.missing_title' : 'view.newer_title')} description={t(isMissing ? 'view.missing' : 'view.newer', { what, plugin: text(doc.title) || doc.plugin })} />
    </Panel>
  );
}

export function ViewBoundary({ doc, children }: { doc: Document; children: ReactNode }) {
  const { t } = useTranslation();
  const text = useText();
  return (
    <Boundary fallback={(error, reset) => <Panel title={t('view.broken', { plugin: text(doc.title) || doc.plugin })}><Failure error={error} onRetry={reset} /></Panel>}>
      {children}
    </Boundary>
  );
}
