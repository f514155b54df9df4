// Merging one customer with another: whom with, then the desk, then where it went and how to take it back.
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { CheckCircleOutlined, LeftOutlined } from '@ant-design/icons';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { titleOf } from '../../api/kind.ts';
import { listQuery, recordQuery, useKind } from '../../api/queries.ts';
import type { Item, Kind } from '../../api/types.ts';
import { LinkButton } from '../../ui/LinkButton.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { RecordPicker } from '../../ui/RecordPicker.tsx';
import { RefTitle } from '../../ui/RecordLink.tsx';
import { Failure, Loading } from '../../ui/states.tsx';
import { MergeDesk } from './MergeDesk.tsx';
import { merges } from './queries.ts';
import { UnmergeButton, Unmerged } from './Merges.tsx';
import type { MergeReply, UnmergeReply } from './types.ts';

const route = getRouteApi('/shell/customers/$id/merge');

/** Pairs that wait for review and have this customer in them. */
function Suggested({ id, onPick }: { id: string; onPick: (other: string) => void }) {
  const { t } = useTranslation();
  const { data: page } = useQuery({ ...listQuery('review', { filter: { state: 'open', or: [{ customer: id }, { other: id }] }, limit: 5 }), retry: false });
  if (!page || page.items.length === 0) return null;
  return (
    <>
      <p className="muted">{t('merge.suggested')}</p>
      <ul className="suggested">
        {page.items.map((item) => {
          const other = String(item.data.customer === id ? item.data.other : item.data.customer);
          return <li key={item.id}><button type="button" className="link" onClick={() => onPick(other)}><RefTitle kind="customer" id={other} refs={page.refs} /></button> <span className="muted">{t('review.points', { n: Number(item.data.points ?? 0) })}</span></li>;
        })}
      </ul>
    </>
  );
}

function Done({ a, reply }: Finished) {
  const { t } = useTranslation();
  const [undone, setUndone] = useState<UnmergeReply>();
  return (
    <Panel>
      {undone && <Unmerged reply={undone} onClose={() => setUndone(undefined)} />}
      <div className="state">
        <CheckCircleOutlined className="state-icon good-text" aria-hidden />
        <div className="state-title">{t('merge.done')}</div>
        <div className="muted">{t('merge.done_hint')}</div>
        <div className="form-buttons">
          <LinkButton look="primary" to={'/customers/$id' as never} params={{ id: a.id } as never}>{t('merge.see')}</LinkButton>
          {reply?.merge && !undone && <UnmergeButton id={a.id} merge={reply.merge} onUndone={setUndone} />}
        </div>
      </div>
    </Panel>
  );
}

interface Finished {
  a: Item;
  reply: MergeReply | undefined;
}

function Body({ kind, a, b, onDone }: { kind: Kind; a: Item; b: Item; onDone: (done: Finished) => void }) {
  const navigate = route.useNavigate();
  return (
    <Panel>
      <MergeDesk
        kind={kind}
        a={a}
        b={b}
        rehearse={(decision) => merges.rehearse({ id: a.id, other: b.id, ...decision })}
        apply={async (decision, preview) => (await merges.apply({ id: a.id, other: b.id, ...decision }, preview))?.reply}
        onSwap={() => void navigate({ to: '/customers/$id/merge', params: { id: b.id }, search: { with: a.id }, replace: true })}
        onDone={(reply) => onDone({ a, reply })}
      />
    </Panel>
  );
}

export function MergePage() {
  const { t } = useTranslation();
  const { id } = route.useParams();
  const { with: other } = route.useSearch();
  const navigate = route.useNavigate();
  const { data: kind, error: kindError } = useKind('customer');
  const { data: a, error, refetch } = useQuery(recordQuery('customer', id));
  const { data: b, error: otherError } = useQuery({ ...recordQuery('customer', other ?? ''), enabled: other !== undefined });
  const [done, setDone] = useState<Finished>();
  const failure = error ?? kindError ?? otherError;
  if (failure && (!a || !kind)) return <Failure error={failure} onRetry={() => void refetch()} />;
  if (!a || !kind) return <Loading rows={10} />;
  const pick = (next: string | undefined) => void navigate({ search: { with: next === id ? undefined : next }, replace: true });
  return (
    <>
      <PageHeader title={t('merge.title', { name: titleOf(kind, a) })} back={<Link to="/customers/$id" params={{ id }} className="back" aria-label={t('common.back')}><LeftOutlined /></Link>} />
      {done ? <Done {...done} /> : <>
      <Panel>
        <div className="merge-pick">
          <label htmlFor="merge-with">{t('merge.with')}</label>
          <RecordPicker id="merge-with" aria-label={t('merge.with')} kind="customer" autoFocus={!other} value={other ?? null} onChange={(next) => pick(typeof next === 'string' ? next : undefined)} />
        </div>
        {!other && <Suggested id={id} onPick={pick} />}
      </Panel>
      {otherError && <Failure error={otherError} />}
      {/* A merge answers with its survivor whichever id is asked for; those two are one already. */}
      {b && b.id !== a.id && <Body key={`${a.id} ${b.id}`} kind={kind} a={a} b={b} onDone={setDone} />}
      </>}
    </>
  );
}
