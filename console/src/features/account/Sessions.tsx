// Where one is signed in; whatever looks strange is ended here.
import { useQuery } from '@tanstack/react-query';
import { App, Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { Panel } from '../../ui/Panel.tsx';
import { Failure, Loading } from '../../ui/states.tsx';
import { useErrorText } from '../../ui/text.ts';
import { SessionRow } from '../../ui/SessionRow.tsx';
import { openQuery, useAccountWrites } from './queries.ts';

export function Sessions() {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const { message } = App.useApp();
  const { data, error, refetch } = useQuery(openQuery);
  const { end, endOthers } = useAccountWrites();
  const sessions = data?.filter(({ kind }) => kind !== 'token');
  const tell = (refused: unknown) => void message.error(errorText(refused));
  const others = sessions && sessions.length > 1 && (
    <Button size="small" loading={endOthers.isPending} onClick={() => void endOthers.mutateAsync().then(() => message.success(t('account.others_ended')), tell)}>{t('account.end_others')}</Button>
  );
  return (
    <Panel title={t('account.sessions')} extra={others} flush>
      {error && !sessions ? <Failure error={error} onRetry={() => void refetch()} /> : !sessions ? <Loading rows={2} /> : (
        <ul className="rows">{sessions.map((session) => <SessionRow key={session.id} session={session} onEnd={() => void end.mutateAsync(session.id).catch(tell)} />)}</ul>
      )}
    </Panel>
  );
}
