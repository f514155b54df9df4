// Where one is signed in; whatever looks strange is ended here.
import { useQuery } from '@tanstack/react-query';
import { App, Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { Ago } from '../../ui/FieldValue.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { Failure, Loading } from '../../ui/states.tsx';
import { useErrorText } from '../../ui/text.ts';
import { Tone } from '../../ui/Tone.tsx';
import { deviceOf } from './device.ts';
import { openQuery, useAccountWrites, type Open } from './queries.ts';

function Row({ session, onEnd }: { session: Open; onEnd: () => void }) {
  const { t } = useTranslation();
  const device = deviceOf(session.agent);
  return (
    <li className="account-row">
      <span>
        <strong>{device ?? t('account.unknown_device')}</strong>
        <span className="muted"> {session.address ?? t('account.unknown_address')}{session.kind === 'oidc' && <> · {t('account.by_provider')}</>}</span>
      </span>
      <span className="muted">{t('account.seen')} <Ago at={session.seen_at} /> · {t('account.since')} <Ago at={session.created_at} /></span>
      {session.is_current ? <Tone tone="good">{t('account.this_one')}</Tone> : <Button size="small" onClick={onEnd}>{t('account.end')}</Button>}
    </li>
  );
}

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
        <ul className="account-rows">{sessions.map((session) => <Row key={session.id} session={session} onEnd={() => void end.mutateAsync(session.id).catch(tell)} />)}</ul>
      )}
    </Panel>
  );
}
