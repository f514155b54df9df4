// Pairs that may be one person: seen side by side, merged or told apart.
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { App, Button, Drawer, Segmented } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { titleOf } from '../../api/kind.ts';
import { countQuery, listQuery, recordQuery, useKind, useRefreshRecords } from '../../api/queries.ts';
import type { Item, Kind } from '../../api/types.ts';
import { Clock } from '../../ui/Clock.tsx';
import { Ago, FieldValue } from '../../ui/FieldValue.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { Pager } from '../../ui/Pager.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { RecordLink } from '../../ui/RecordLink.tsx';
import { Failure, Loading, Nothing } from '../../ui/states.tsx';
import { useErrorText, useText } from '../../ui/text.ts';
import { Tone } from '../../ui/Tone.tsx';
import { Dismiss } from './Dismiss.tsx';
import { MergeDesk } from './MergeDesk.tsx';
import { compare } from '../../ui/compare.ts';
import { reasonsOf } from './merging.ts';
import { reviews } from './queries.ts';

const route = getRouteApi('/shell/reviews');
const PAGE = 10;

/** The fields people look at first when they tell one customer from another. */
const TELLING = ['phone', 'email', 'birth_date', 'gender', 'city', 'address', 'id_no', 'uscc', 'owner', 'source'];

function Pair({ kind, a, b }: { kind: Kind; a: Item; b: Item }) {
  const { t } = useTranslation();
  const text = useText();
  const lines = compare(kind, a.data, b.data).filter(({ name }) => TELLING.includes(name));
  return (
    <table className="pair">
      <thead>
        <tr>
          <th scope="col">{t('history.field')}</th>
          {[a, b].map((item, index) => <th key={item.id} scope="col"><span className="muted">{t(index === 0 ? 'review.new' : 'review.old')}</span><RecordLink kind="customer" id={item.id}>{titleOf(kind, item)}</RecordLink></th>)}
        </tr>
      </thead>
      <tbody>
        {lines.map((line) => (
          <tr key={line.name} className={line.isSame ? 'pair-same' : ''}>
            <th scope="row">{text(line.field.label)}</th>
            <td><FieldValue field={line.field} value={line.a} refs={a.refs} plain /></td>
            <td><FieldValue field={line.field} value={line.b} refs={b.refs} plain /></td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function MergeDrawer({ kind, review, a, b, onClose }: { kind: Kind; review: Item; a: Item; b: Item; onClose: () => void }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const [keep, setKeep] = useState<'customer' | 'other'>('other');
  const [kept, gone] = keep === 'customer' ? [a, b] : [b, a];
  return (
    <Drawer open onClose={onClose} size={920} title={t('review.merge')} mask={{ closable: false }}>
      <MergeDesk
        key={keep}
        kind={kind}
        a={kept}
        b={gone}
        rehearse={(decision) => reviews.rehearse({ review: review.id, keep, ...decision })}
        apply={async (decision, preview) => (await reviews.merge({ review: review.id, keep, ...decision }, preview))?.reply}
        onSwap={() => setKeep(keep === 'customer' ? 'other' : 'customer')}
        onDone={() => { message.success(t('merge.done')); onClose(); }}
      />
    </Drawer>
  );
}

function Card({ kind, review, spec }: { kind: Kind; review: Item; spec: Kind }) {
  const { t } = useTranslation();
  const refresh = useRefreshRecords();
  const first = useQuery(recordQuery('customer', String(review.data.customer)));
  const second = useQuery(recordQuery('customer', String(review.data.other)));
  const [open, setOpen] = useState<'merge' | 'dismiss'>();
  const [a, b] = [first.data, second.data];
  const points = Number(review.data.points ?? 0);
  const isOpen = review.data.state === 'open';
  return (
    <li className="review">
      <div className="review-head">
        <Tone tone={points >= 65 ? 'bad' : 'warn'}>{t('review.points', { n: points })}</Tone>
        <ul className="review-reasons">{reasonsOf(review.data.reason).map((reason) => <li key={reason}>{reason}</li>)}</ul>
        {spec.fields.conflict && review.data.conflict != null && <FieldValue field={spec.fields.conflict} value={review.data.conflict} plain />}
        {review.data.due != null && isOpen ? <Clock due={review.data.due} running /> : <span className="muted"><Ago at={review.created_at} /></span>}
      </div>
      {(!a || !b) && (first.error ?? second.error) ? <Failure error={first.error ?? second.error} /> : a && b ? a.id === b.id ? <p className="muted">{t('review.one_already')}</p> : <div className="merge-scroll"><Pair kind={kind} a={a} b={b} /></div> : <Loading rows={4} />}
      <div className="form-buttons">
        {!isOpen && <FieldValue field={spec.fields.state!} value={review.data.state} plain />}
        {isOpen && <Button onClick={() => setOpen('dismiss')}>{t('review.dismiss')}</Button>}
        {isOpen && <Button type="primary" disabled={!a || !b || a.id === b.id} onClick={() => setOpen('merge')}>{t('review.merge')}</Button>}
      </div>
      {open === 'merge' && a && b && <MergeDrawer kind={kind} review={review} a={a} b={b} onClose={() => setOpen(undefined)} />}
      {open === 'dismiss' && <Dismiss onCancel={() => setOpen(undefined)} onDismiss={async (why) => { await reviews.dismiss(review.id, why); void refresh('review'); setOpen(undefined); }} />}
    </li>
  );
}

/** Looks through all customers, where the server offers it. */
function Find({ kind }: { kind: Kind | undefined }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const errorText = useErrorText();
  const [busy, setBusy] = useState(false);
  if (!kind?.actions?.some(({ name }) => name === 'find_duplicates')) return null;
  const find = async () => {
    setBusy(true);
    try {
      await reviews.find();
      message.success(t('review.finding'));
    } catch (error) {
      message.error(errorText(error));
    } finally {
      setBusy(false);
    }
  };
  return <Button loading={busy} onClick={() => void find()}>{t('review.find')}</Button>;
}

export function ReviewsPage() {
  const { t, i18n } = useTranslation();
  const text = useText();
  const { state = 'open', cursor } = route.useSearch();
  const navigate = route.useNavigate();
  const { data: kind, error: kindError } = useKind('customer');
  const { data: spec, error: specError } = useKind('review');
  const filter = { state };
  const { data: page, error, refetch } = useQuery(listQuery('review', { filter, order: spec?.fields.due?.indexed ? 'due' : 'created_at', limit: PAGE, cursor }));
  const { data: count } = useQuery(countQuery('review', { filter }));
  const failure = error ?? kindError ?? specError;
  return (
    <>
      <PageHeader
        title={t('nav.reviews')}
        note={count == null ? undefined : t('list.count', { count: count.toLocaleString(i18n.language) })}
        actions={spec && <><Find kind={kind} /><Segmented aria-label={text(spec.fields.state?.label)} value={state} onChange={(next) => void navigate({ search: { state: next === 'open' ? undefined : next } })} options={(spec.fields.state?.values ?? []).map((each) => ({ value: each.value, label: text(each.label) }))} /></>}
      />
      <p className="page-lead">{t('review.lead')}</p>
      {failure && !page ? <Panel><Failure error={failure} onRetry={() => void refetch()} /></Panel> : !page || !kind || !spec ? <Loading rows={8} /> : page.items.length === 0 ? (
        <Panel><Nothing title={t(state === 'open' ? 'review.empty' : 'list.none')} hint={state === 'open' ? t('review.empty_hint') : undefined} /></Panel>
      ) : (
        <>
          <ul className="reviews">{page.items.map((review) => <Card key={review.id} kind={kind} spec={spec} review={review} />)}</ul>
          {(page.next || cursor) && <Pager cursor={cursor} next={page.next} limit={PAGE} sizes={[PAGE]} shown={page.items.length} count={count ?? undefined} onMove={(next) => void navigate({ search: (old) => ({ ...old, cursor: next }) })} onLimit={() => {}} />}
        </>
      )}
    </>
  );
}
