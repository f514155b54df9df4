// What a reaction has failed at: why, and once the rule is mended, once more or for good.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Alert, App, Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { Loading, Nothing } from '../../ui/states.tsx';
import { useErrorText } from '../../ui/text.ts';
import { formatTime } from '../../ui/time.ts';
import { problemText } from '../../ui/rhaiProblems.ts';
import { parkedQuery, scriptKeys, takeUp } from './queries.ts';

export function Parked({ name, org }: { name: string; org: string | undefined }) {
  const { t, i18n } = useTranslation();
  const errorText = useErrorText();
  const { message } = App.useApp();
  const client = useQueryClient();
  const { data: items, error } = useQuery(parkedQuery(name, org));
  const again = useMutation({
    mutationFn: ({ seq, what }: { seq: number; what: 'retry' | 'drop' }) => takeUp(name, org, seq, what),
    onError: (wrong) => void message.error(errorText(wrong)),
    onSettled: () => client.invalidateQueries({ queryKey: scriptKeys.all }),
  });
  if (error && !items) return <Alert type="error" showIcon title={errorText(error)} />;
  if (!items) return <Loading />;
  if (items.length === 0) return <Nothing title={t('plugins.no_parked')} hint={t('plugins.no_parked_hint')} />;
  return (
    <ul className="effect-moves">
      {items.map(({ seq, event, fault, parked_at }) => (
        <li key={seq}>
          <span><code>{event.kind} #{seq}</code> <span className="muted">{formatTime(parked_at, 'seconds')}</span><span className="muted merge-line">{problemText(fault.message, i18n.language)}</span></span>
          <span>
            <Button size="small" loading={again.isPending && again.variables.seq === seq} onClick={() => again.mutate({ seq, what: 'retry' })}>{t('plugins.retry')}</Button>
            <Button size="small" type="text" danger onClick={() => again.mutate({ seq, what: 'drop' })}>{t('plugins.drop')}</Button>
          </span>
        </li>
      ))}
    </ul>
  );
}
