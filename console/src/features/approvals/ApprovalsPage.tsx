// Exports that wait for a second person: who wants what and why, allowed or refused with a reason.
import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { App, Button, Input, Modal, Segmented } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '../../api/client.ts';
import { kindsQuery, useUser } from '../../api/queries.ts';
import type { Actor, Collection, Filter } from '../../api/types.ts';
import { countRules, readFilter } from '../../ui/builder.ts';
import { Ago } from '../../ui/FieldValue.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { RefTitle } from '../../ui/RecordLink.tsx';
import { Failure, Loading, Nothing } from '../../ui/states.tsx';
import { useText } from '../../ui/text.ts';
import { Tone } from '../../ui/Tone.tsx';
import { useSending } from '../../ui/useSending.ts';
import { stateOf, type State } from './state.ts';

interface Export {
  id: string;
  at: string;
  org?: string;
  actor: Actor | string;
  kind: string;
  format: string;
  purpose: string;
  filter?: Filter | string | null;
  fields?: string[] | null;
  state: string;
  n_matching?: number | null;
  rows?: number | null;
  why?: string | null;
  decided_by?: string | null;
}

const KEY = ['exports', 'approvals'] as const;
const TONES: Record<State, string | undefined> = { waiting: 'warn', ready: 'good', done: undefined, refused: 'bad', other: undefined };

const askerOf = (entry: Export) => (typeof entry.actor === 'string' ? entry.actor : entry.actor.label).replace(/^user:/u, '');

function filterOf(filter: Export['filter']): Filter {
  if (typeof filter !== 'string') return filter ?? {};
  try {
    return JSON.parse(filter) as Filter;
  } catch {
    return {};
  }
}

function Decide({ entry, how, onClose }: { entry: Export; how: 'approve' | 'refuse'; onClose: () => void }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const client = useQueryClient();
  const [why, setWhy] = useState('');
  const { isBusy, problem, send } = useSending();
  const decide = async () => {
    const isDone = await send(async () => {
      await api.post<void>(`/exports/${encodeURIComponent(entry.id)}/${how}`, how === 'refuse' ? { why: why.trim() } : {});
      await client.invalidateQueries({ queryKey: ['exports'] });
    });
    if (!isDone) return;
    message.success(t(how === 'approve' ? 'approvals.approved' : 'approvals.refused'));
    onClose();
  };
  return (
    <Modal open title={t(how === 'approve' ? 'approvals.approve' : 'approvals.refuse')} onCancel={onClose} onOk={() => void decide()} okText={t(how === 'approve' ? 'approvals.approve' : 'approvals.refuse')} cancelText={t('common.cancel')} confirmLoading={isBusy} okButtonProps={{ danger: how === 'refuse', disabled: how === 'refuse' && why.trim() === '' }} width={460}>
      <p className="form-problems">{entry.purpose}</p>
      {how === 'approve' && <p className="muted">{t('approvals.approve_hint')}</p>}
      {how === 'refuse' && <Input.TextArea aria-label={t('approvals.why')} placeholder={t('approvals.why')} maxLength={500} autoSize={{ minRows: 3, maxRows: 6 }} value={why} onChange={(event) => setWhy(event.target.value)} />}
      {problem && <div className="input-error" role="alert">{problem}</div>}
    </Modal>
  );
}

function Row({ entry, label, isOwn, onDecide }: { entry: Export; label: string; isOwn: boolean; onDecide: (how: 'approve' | 'refuse') => void }) {
  const { t, i18n } = useTranslation();
  const n = entry.n_matching ?? entry.rows;
  const state = stateOf(entry.state);
  const asker = askerOf(entry);
  return (
    <li className="approval">
      <span>
        <strong>{entry.purpose}</strong>
        <span className="muted merge-line"><RefTitle kind="user" id={asker} /> · {label} · {entry.format.toUpperCase()} · {t('segments.rules', { n: countRules(readFilter(filterOf(entry.filter))) })}{entry.fields && entry.fields.length > 0 && <> · {t('approvals.fields', { n: entry.fields.length })}</>} · <Ago at={entry.at} /></span>
        {entry.why && <span className="muted">{t('approvals.because', { why: entry.why })}</span>}
      </span>
      <span className="number">{n == null ? '' : t('import.rows', { n: n.toLocaleString(i18n.language) })}</span>
      <Tone tone={TONES[state]}>{state === 'other' ? entry.state : t(`approvals.state.${state}`)}</Tone>
      {state === 'waiting' && (isOwn ? <span className="muted">{t('approvals.own')}</span> : (
        <span className="row-buttons">
          <Button size="small" type="primary" onClick={() => onDecide('approve')}>{t('approvals.approve')}</Button>
          <Button size="small" danger onClick={() => onDecide('refuse')}>{t('approvals.refuse')}</Button>
        </span>
      ))}
    </li>
  );
}

export function ApprovalsPage() {
  const { t } = useTranslation();
  const text = useText();
  const user = useUser();
  const { data: kinds = [] } = useQuery(kindsQuery);
  const [which, setWhich] = useState<'waiting' | 'all'>('waiting');
  const [decided, setDecided] = useState<{ entry: Export; how: 'approve' | 'refuse' }>();
  const query = useInfiniteQuery({
    queryKey: [...KEY, which],
    queryFn: ({ pageParam, signal }) => api.get<Collection<Export>>('/exports', { state: which === 'waiting' ? 'waiting' : undefined, limit: 50, cursor: pageParam }, signal),
    initialPageParam: '',
    getNextPageParam: (page) => page.next ?? undefined,
    retry: false,
    refetchInterval: 30_000,
  });
  const all = query.data?.pages.flatMap((page) => page.items);
  const items = all?.filter(({ state }) => which === 'all' || stateOf(state) === 'waiting');
  return (
    <>
      <PageHeader title={t('nav.approvals')} note={t('approvals.note')} actions={<Segmented aria-label={t('approvals.which')} value={which} onChange={setWhich} options={[{ value: 'waiting', label: t('approvals.waiting') }, { value: 'all', label: t('approvals.all') }]} />} />
      <Panel flush>
        {query.error && !items ? <Failure error={query.error} onRetry={() => void query.refetch()} /> : !items ? <Loading /> : (
          <>
            {items.length === 0 ? <Nothing title={t(which === 'waiting' ? 'approvals.none_waiting' : 'jobs.no_exports')} /> : <ul className="rows">{items.map((entry) => <Row key={entry.id} entry={entry} label={text(kinds.find(({ kind }) => kind === entry.kind)?.label) || entry.kind} isOwn={askerOf(entry) === user?.id} onDecide={(how) => setDecided({ entry, how })} />)}</ul>}
            {query.hasNextPage && <Button block loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>{t('timeline.older')}</Button>}
          </>
        )}
      </Panel>
      {decided && <Decide entry={decided.entry} how={decided.how} onClose={() => setDecided(undefined)} />}
    </>
  );
}
