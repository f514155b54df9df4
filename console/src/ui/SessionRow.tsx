// One session or token as it is listed: what it is, where from, since when, and the button that ends it.
import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { deviceOf } from './device.ts';
import { Ago } from './FieldValue.tsx';
import { formatTime } from './time.ts';
import { Tone } from './Tone.tsx';

export interface OpenSession {
  id: string;
  kind: 'session' | 'token' | 'oidc';
  name?: string | null;
  created_at: string;
  seen_at?: string | null;
  expires_at?: string | null;
  address?: string | null;
  agent?: string | null;
  is_current?: boolean;
}

/** `mayEndOwn`: somebody else's list; in one's own the session one is in stays. */
export function SessionRow({ session, mayEndOwn, onEnd }: { session: OpenSession; mayEndOwn?: boolean; onEnd: () => void }) {
  const { t } = useTranslation();
  const what = session.name ?? deviceOf(session.agent ?? null) ?? t('account.unknown_device');
  return (
    <li>
      <span>
        <strong className="session-agent" title={session.agent ?? undefined}>{what}</strong>
        <span className="muted">{[session.address ?? t('account.unknown_address'), t('sessions.since', { at: formatTime(session.created_at) }), session.expires_at && t('sessions.until', { at: formatTime(session.expires_at) })].filter(Boolean).join(' · ')}</span>
      </span>
      <span className="tags"><Tone tone={session.kind === 'token' ? 'info' : undefined}>{t(`sessions.kind.${session.kind}`)}</Tone>{session.is_current && <Tone tone="good">{t('sessions.current')}</Tone>}</span>
      <span className="muted">{session.seen_at && <>{t('sessions.seen')} <Ago at={session.seen_at} /></>}</span>
      {(mayEndOwn || !session.is_current) && <Button size="small" danger className="rows-end" aria-label={t('sessions.end_one', { what })} onClick={onEnd}>{t('sessions.end')}</Button>}
    </li>
  );
}
