// Who was merged into this customer, and the way back while it is open.
import { UndoOutlined } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { Alert, App, Button, Modal } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useServerNow } from '../../api/clock.ts';
import { useKind } from '../../api/queries.ts';
import { FieldValue } from '../../ui/FieldValue.tsx';
import { RecordLink } from '../../ui/RecordLink.tsx';
import { Failure, Loading, Nothing } from '../../ui/states.tsx';
import { useErrorText, useText } from '../../ui/text.ts';
import { formatTime } from '../../ui/time.ts';
import { Tone } from '../../ui/Tone.tsx';
import { merges, mergesQuery, useRefreshAll } from './queries.ts';
import type { Merge, UnmergeReply } from './types.ts';

/** What became of an undone merge: who is back, what stayed as it is now, what reactions made meanwhile. */
export function Unmerged({ reply, onClose }: { reply: UnmergeReply; onClose: () => void }) {
  const { t } = useTranslation();
  const text = useText();
  const { data: kind } = useKind('customer');
  return (
    <Modal open title={t('merge.undone')} onCancel={onClose} footer={<Button type="primary" onClick={onClose}>{t('common.close')}</Button>} width={640}>
      <p className="form-problems">{t('merge.restored')} <RecordLink kind="customer" id={reply.restored}>{t('merge.restored_open')}</RecordLink></p>
      {reply.conflicts.length > 0 && (
        <Alert
          type="warning"
          showIcon
          className="form-problems"
          title={t('merge.conflicts', { n: reply.conflicts.length })}
          description={
            <dl className="values">
              {reply.conflicts.map((each) => {
                const field = kind?.fields[each.field] ?? { type: 'text' as const, label: each.field };
                return <div key={each.field}><dt>{text(field.label)}</dt><dd>{t('history.now_is')} <FieldValue field={field} value={each.now} plain /> · {t('merge.before')} <FieldValue field={field} value={each.before} plain /></dd></div>;
              })}
            </dl>
          }
        />
      )}
      {reply.made.length > 0 && (
        <>
          <p>{t('merge.made')}</p>
          <ul className="plain-list">{reply.made.map((each) => <li key={each.seq}>{each.id ? <RecordLink kind={each.kind} id={each.id}>{each.kind}</RecordLink> : each.kind}</li>)}</ul>
        </>
      )}
    </Modal>
  );
}

/** What comes of it is shown by whoever holds the button: the button itself is gone by then. */
export function UnmergeButton({ id, merge, onUndone }: { id: string; merge: string; onUndone: (reply: UnmergeReply) => void }) {
  const { t } = useTranslation();
  const { modal, message } = App.useApp();
  const errorText = useErrorText();
  const refresh = useRefreshAll();
  const undo = () =>
    modal.confirm({
      title: t('merge.undo_title'),
      content: t('merge.undo_text'),
      okText: t('merge.undo'),
      cancelText: t('common.cancel'),
      onOk: async () => {
        try {
          const answer = await merges.undo(id, merge);
          if (answer?.reply) onUndone(answer.reply);
          void refresh();
        } catch (error) {
          message.error(errorText(error));
        }
      },
    });
  return <Button icon={<UndoOutlined />} onClick={undo}>{t('merge.undo')}</Button>;
}

const nameOf = (actor: Merge['actor']) => (typeof actor === 'string' ? actor : (actor.name ?? actor.label));

export function Merges({ id }: { id: string }) {
  const { t } = useTranslation();
  const now = useServerNow(60_000);
  const [reply, setReply] = useState<UnmergeReply>();
  const { data: items, error, refetch } = useQuery(mergesQuery(id));
  if (error && !items) return <Failure error={error} onRetry={() => void refetch()} />;
  if (!items) return <Loading rows={2} />;
  if (items.length === 0) return <Nothing title={t('merge.none')} hint={t('merge.none_hint')} />;
  return (
    <>
    {reply && <Unmerged reply={reply} onClose={() => setReply(undefined)} />}
    <ul className="rows merges">
      {items.map((each) => {
        const isOpen = !each.undone_at && Date.parse(each.undo_until) > now;
        return (
          <li key={each.merge}>
            <span>
              <strong>{t('merge.merged', { at: formatTime(each.at) })}</strong> {typeof each.lost?.name === 'string' && each.lost.name} <code className="muted">{each.other.slice(-8)}</code> {each.is_automatic && <Tone>{t('merge.automatic')}</Tone>}
              <span className="muted merge-line">{nameOf(each.actor)}{each.why ? ` · ${each.why}` : ''}</span>
            </span>
            <span className="rows-end merge-line">
              {each.undone_at ? <Tone>{t('merge.undone_at', { at: formatTime(each.undone_at) })}</Tone> : isOpen ? <><span className="muted">{t('merge.undo_until', { at: formatTime(each.undo_until, 'date') })}</span> <UnmergeButton id={id} merge={each.merge} onUndone={setReply} /></> : <span className="muted">{t('merge.too_late')}</span>}
            </span>
          </li>
        );
      })}
    </ul>
    </>
  );
}
