// What a person has open: sessions and tokens, to be ended one by one or all at once.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { App, Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { SessionRow } from '../../ui/SessionRow.tsx';
import { Failure, Loading, Nothing } from '../../ui/states.tsx';
import { useErrorText } from '../../ui/text.ts';
import { accounts, sessionsKey, sessionsQuery } from './queries.ts';

export function SessionsPanel({ id }: { id: string }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const { modal, message } = App.useApp();
  const client = useQueryClient();
  const { data: sessions, error, refetch } = useQuery(sessionsQuery(id));
  const run = async (work: () => Promise<unknown>) => {
    try {
      await work();
      message.success(t('sessions.ended'));
    } catch (failure) {
      message.error(errorText(failure));
    }
    await client.invalidateQueries({ queryKey: sessionsKey(id) });
  };
  const endAll = () => modal.confirm({ title: t('sessions.end_all'), content: t('sessions.end_all_hint'), okText: t('sessions.end_all'), okButtonProps: { danger: true }, cancelText: t('common.cancel'), onOk: () => run(() => accounts.endAll(id)) });
  if (error && !sessions) return <Failure error={error} onRetry={() => void refetch()} />;
  if (!sessions) return <Loading rows={4} />;
  if (sessions.length === 0) return <Nothing title={t('sessions.none')} />;
  return (
    <>
      <div className="form-buttons"><Button danger onClick={() => void endAll()}>{t('sessions.end_all')}</Button></div>
      <ul className="rows">{sessions.map((session) => <SessionRow key={session.id} session={session} mayEndOwn onEnd={() => void run(() => accounts.end(session.id))} />)}</ul>
    </>
  );
}
