// What stands where content would be: loading, nothing, a failure, a broken part.
import { InboxOutlined, ReloadOutlined, WarningOutlined } from '@ant-design/icons';
import { Button, Skeleton } from 'antd';
import { Component, type ErrorInfo, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError } from '../api/client.ts';
import { useErrorText } from './text.ts';

export function Loading({ rows = 6 }: { rows?: number }) {
  const { t } = useTranslation();
  return (
    <div role="status" aria-label={t('common.loading')} className="loading">
      <Skeleton active title={false} paragraph={{ rows }} />
    </div>
  );
}

export function Nothing({ title, hint, action }: { title: string; hint?: string; action?: ReactNode }) {
  return (
    <div className="state">
      <InboxOutlined className="state-icon" aria-hidden />
      <div className="state-title">{title}</div>
      {hint && <div className="muted">{hint}</div>}
      {action}
    </div>
  );
}

export function Failure({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const { t } = useTranslation();
  const text = useErrorText();
  const status = error instanceof ApiError ? error.status : undefined;
  const title = status === 404 ? t('error.not_found') : status === 403 ? t('error.denied') : t('error.title');
  return (
    <div className="state" role="alert">
      <WarningOutlined className="state-icon state-bad" aria-hidden />
      <div className="state-title">{title}</div>
      <div className="muted">{text(error)}</div>
      {onRetry && <Button icon={<ReloadOutlined />} onClick={onRetry}>{t('common.retry')}</Button>}
    </div>
  );
}

interface BoundaryProps {
  /** Shown instead, with the failure. */
  fallback: (error: Error, reset: () => void) => ReactNode;
  children: ReactNode;
}

/** Keeps a broken part from taking its page along. */
export class Boundary extends Component<BoundaryProps, { error: Error | null }> {
  override state: { error: Error | null } = { error: null };

  static getDerivedStateFromError(error: Error) {
    return { error };
  }

  override componentDidCatch(_error: Error, _info: ErrorInfo) {
    // React has already written it to the console; the fallback tells the person.
  }

  override render() {
    return this.state.error ? this.props.fallback(this.state.error, () => this.setState({ error: null })) : this.props.children;
  }
}
