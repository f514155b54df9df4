// What stands where a part of the server that is not there would answer: said plainly, not as a failure.
import { useTranslation } from 'react-i18next';
import { ApiError } from '../api/client.ts';
import { Failure, Nothing } from './states.tsx';

/** A route that this server does not have. */
export const isAbsent = (error: unknown) => error instanceof ApiError && (error.status === 404 || error.status === 405) && !error.code.startsWith('record.');

export function AbsentOr({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const { t } = useTranslation();
  return isAbsent(error) ? <Nothing title={t('absent.title')} hint={t('absent.hint')} /> : <Failure error={error} onRetry={onRetry} />;
}
