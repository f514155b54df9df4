// What a person has open: sessions and tokens, to be ended one by one or all at once.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { App, Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { AbsentOr } from '../../ui/Absent.tsx';
import { Ago } from '../../ui/FieldValue.tsx';
import { Loading, Nothing } from '../../ui/states.tsx';
import { useErrorText } from '../../ui/text.ts';
import { formatTime } from '../../ui/time.ts';
import { Tone } from '../../ui/Tone.tsx';
import { accounts, sessionsKey, sessionsQuery, type OpenSession } from './queries.ts';

function Row({ session, onEnd }: { session: OpenSession; onEnd: () => void }) {
  const { t } = useTranslation();
  const what = session.name ?? session.agent ?? t('sessions.unknown');
  return (
    <li>
      <span><strong className="session-agent">{what}</strong><span className="muted">{[session.address, t('sessions.since', { at: formatTime(session.created_at) }), session.expires_at && t('sessions.until', { at: formatTime(session.expires_at) })].filter(Boolean).join(' · ')}</span></span>
      <span className="tags"><Tone tone={session.kind === 'token' ? 'info' : undefined}>{t(`sessions.kind.${session.kind}`)}</Tone>{session.is_current && <Tone tone="good">{t('sessions.current')}</Tone>}</span>
      <span className="muted">{session.seen_at && <>{t('sessions.seen')} <Ago at={session.seen_at} /></>}</span>
      <Button size="small" danger className="rows-end" aria-label={t('sessions.end_one', { what })} onClick={onEnd}>{t('sessions.end')}</Button>
    </li>
  );
}

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
  if (error && !sessions) return <AbsentOr error={error} onRetry={() => void refetch()} />;
  if (!sessions) return <Loading rows={4} />;
  if (sessions.length === 0) return <Nothing title={t('sessions.none')} />;
  return (
    <>
      <div className="form-buttons"><Button danger onClick={() => void endAll()}>{t('sessions.end_all')}</Button></div>
      <ul className="rows">{sessions.map((session) => <Row key={session.id} session={session} onEnd={() => void run(() => accounts.end(session.id))} />)}</ul>
    </>
  );
}
