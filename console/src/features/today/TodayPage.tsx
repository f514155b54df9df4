// Where a day begins: what is due, whom to call, which clocks run out, what waits for one's word. Who sees what is the plugins' and the roles' to say.
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useServerNow } from '../../api/clock.ts';
import { useMay, usePower } from '../../api/may.ts';
import { countQuery, screensQuery, useUser } from '../../api/queries.ts';
import type { Filter } from '../../api/types.ts';
import { SlotCards, useSlot } from '../../descriptor/Slots.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { Failure, Loading, Nothing } from '../../ui/states.tsx';
import { formatTime } from '../../ui/time.ts';
import { greeting } from './greeting.ts';
import { troubleQuery, waitingQuery } from './queries.ts';

const KEEPERS = ['admin', 'hq_admin'];

function Waiting({ label, n, to, isBad }: { label: string; n: number; to: string; isBad?: boolean }) {
  const { i18n } = useTranslation();
  return (
    <Link to={to as never} className={`stat ${isBad && n > 0 ? 'stat-missed' : ''}`}>
      <span className="stat-label">{label}</span>
      <span className="stat-value number">{n.toLocaleString(i18n.language)}</span>
    </Link>
  );
}

function Count({ kind, filter, label, to }: { kind: string; filter: Filter; label: string; to: string }) {
  const { data } = useQuery({ ...countQuery(kind, { filter }), retry: false });
  return data ? <Waiting label={label} n={data} to={to} /> : null;
}

/** The core's own figures, each for those who can do something about it. */
function Decisions() {
  const { t } = useTranslation();
  const roles = useUser()?.roles ?? [];
  const mayApprove = usePower('records.export');
  const keeps = roles.some((role) => KEEPERS.includes(role));
  const mayReview = useMay('review', 'act');
  const mayAnswer = useMay('data_request', 'act');
  const { data: waiting } = useQuery({ ...waitingQuery, enabled: mayApprove });
  const { data: trouble } = useQuery({ ...troubleQuery, enabled: keeps });
  return (
    <>
      {mayApprove && waiting !== undefined && <Waiting label={t('nav.approvals')} n={waiting} to="/approvals" />}
      {mayReview && <Count kind="review" filter={{ state: 'open' }} label={t('nav.reviews')} to="/reviews" />}
      {mayAnswer && <Count kind="data_request" filter={{ state: { in: ['received', 'verifying', 'processing', 'overdue'] } }} label={t('nav.requests')} to="/requests" />}
      {trouble && <Waiting label={t('today.failed')} n={trouble.failed} to="/plugins" isBad />}
      {trouble && <Waiting label={t('today.parked')} n={trouble.parked} to="/plugins" isBad />}
    </>
  );
}

export function TodayPage() {
  const { t, i18n } = useTranslation();
  const user = useUser();
  const now = new Date(useServerNow(60_000)).toISOString();
  const cards = useSlot('today.card');
  const { data: docs, error, refetch } = useQuery(screensQuery);
  const day = new Intl.DateTimeFormat(i18n.language, { dateStyle: 'full', timeZone: 'UTC' }).format(Date.parse(`${formatTime(now, 'date')}T00:00:00Z`));
  return (
    <>
      <PageHeader title={t(greeting(Number(formatTime(now).slice(11, 13))), { name: user?.name ?? '' })} name={t('nav.today')} note={day} />
      <div className="stats"><SlotCards slot="today.stat" /><Decisions /></div>
      {error && !docs ? <Failure error={error} onRetry={() => void refetch()} /> : !docs ? <Loading rows={8} /> : cards.length === 0 ? <Nothing title={t('today.nothing')} hint={t('today.nothing_hint')} /> : <div className="today-cards"><SlotCards slot="today.card" /></div>}
    </>
  );
}
