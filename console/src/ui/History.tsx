// Every revision of a record: who, when, what, why; a look back at any of them, and one change taken back.
import { EyeOutlined, HistoryOutlined, UndoOutlined } from '@ant-design/icons';
import { Button } from 'antd';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useHistory, useKind } from '../api/queries.ts';
import type { Kind, Revision } from '../api/types.ts';
import { Changes } from './Changes.tsx';
import { Nothing } from './states.tsx';
import { useText } from './text.ts';
import { formatTime, fromPicker, toPicker } from './time.ts';
import { Tone } from './Tone.tsx';
import { ActorIcon, Paged, useActorName } from './Timeline.tsx';
import { DatePicker } from './dates.tsx';

const AsOf = lazy(() => import('./AsOf.tsx').then(({ AsOf }) => ({ default: AsOf })));
const UndoDialog = lazy(() => import('./UndoDialog.tsx').then(({ UndoDialog }) => ({ default: UndoDialog })));

function Reasons({ revision, kind }: { revision: Revision; kind: Kind | undefined }) {
  const { t } = useTranslation();
  const text = useText();
  const overrides = Object.entries(revision.overrides ?? {});
  if (!revision.why && overrides.length === 0) return null;
  return (
    <dl className="revision-why">
      {revision.why && <div><dt>{t('history.why')}</dt><dd>{revision.why}</dd></div>}
      {overrides.map(([name, reason]) => <div key={name}><dt>{t('history.override', { label: text(kind?.fields[name]?.label) || name })}</dt><dd>{reason}</dd></div>)}
    </dl>
  );
}

interface Props {
  kind: string;
  id: string;
  /** The record is gone: nothing of it can be taken back but its removal. */
  isRemoved?: boolean;
}

export function History({ kind, id, isRemoved }: Props) {
  const { t } = useTranslation();
  const nameOf = useActorName();
  const { data: spec } = useKind(kind);
  const query = useHistory(kind, id);
  const [seen, setSeen] = useState<{ rev: number } | { at: string }>();
  const [undone, setUndone] = useState<Revision>();
  const revisions = query.data?.pages.flatMap((page) => page.items) ?? [];
  const newest = revisions[0]?.rev ?? 1;
  return (
    <Paged query={query} isEmpty={revisions.length === 0} empty={<Nothing title={t('history.empty')} />}>
      {!isRemoved && (
        <div className="history-bar">
          <HistoryOutlined aria-hidden />
          <span id={`as-of-${id}`}>{t('history.as_of')}</span>
          <DatePicker
            aria-labelledby={`as-of-${id}`}
            showTime={{ format: 'HH:mm' }}
            format="YYYY-MM-DD HH:mm"
            placeholder={t('history.pick')}
            value={seen && 'at' in seen ? toPicker(seen.at) : null}
            onChange={(at) => setSeen(at ? { at: fromPicker(at)! } : undefined)}
          />
        </div>
      )}
      <ol className="entries">
        {revisions.map((revision) => (
          <li key={revision.rev} className="entry">
            <ActorIcon actor={revision.actor} />
            <div className="entry-body">
              <div className="entry-head">
                <span className="entry-title">{t('history.revision', { rev: revision.rev })}</span>
                {revision.undoes != null && <Tone>{t('history.undoes', { rev: revision.undoes })}</Tone>}
                {!isRemoved && (
                  <span className="entry-buttons">
                    <Button type="link" size="small" icon={<EyeOutlined />} onClick={() => setSeen({ rev: revision.rev })}>{t('history.look')}</Button>
                    {spec?.written_by !== 'plugin' && revision.rev > 1 && revision.changes.length > 0 && <Button type="link" size="small" icon={<UndoOutlined />} onClick={() => setUndone(revision)}>{t('history.undo')}</Button>}
                  </span>
                )}
              </div>
              <div className="entry-meta">{nameOf(revision.actor)} · <time dateTime={revision.at}>{formatTime(revision.at, 'seconds')}</time></div>
              <Reasons revision={revision} kind={spec} />
              <Changes kind={kind} changes={revision.changes} />
            </div>
          </li>
        ))}
      </ol>
      <Suspense>
        {seen && spec && <AsOf kind={spec} id={id} at={seen} newest={newest} onAt={setSeen} onClose={() => setSeen(undefined)} />}
        {undone && spec && <UndoDialog kind={spec} id={id} revision={undone} onClose={() => setUndone(undefined)} />}
      </Suspense>
    </Paged>
  );
}
