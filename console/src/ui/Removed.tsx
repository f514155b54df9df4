// What stands where a record is not found: one that was removed has a history still, others never were.
import { lazy, Suspense } from 'react';
import { ApiError } from '../api/client.ts';
import { Failure, Loading } from './states.tsx';

const RemovedRecord = lazy(() => import('./RemovedRecord.tsx').then(({ RemovedRecord }) => ({ default: RemovedRecord })));

export function RemovedOr({ kind, id, error, onRetry }: { kind: string; id: string; error: unknown; onRetry: () => void }) {
  if (!(error instanceof ApiError) || error.status !== 404) return <Failure error={error} onRetry={onRetry} />;
  return <Suspense fallback={<Loading />}><RemovedRecord kind={kind} id={id} error={error} onRetry={onRetry} /></Suspense>;
}
