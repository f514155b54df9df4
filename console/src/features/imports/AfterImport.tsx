// After an import: events that wait are let go or dropped; all of it can be taken back, with what was edited since told.
import { UndoOutlined } from '@ant-design/icons';
import { Alert, App, Button } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Job, Kind } from '../../api/types.ts';
import { FieldValue } from '../../ui/FieldValue.tsx';
import { RecordLink, RefTitle } from '../../ui/RecordLink.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { faultText, useErrorText, useText } from '../../ui/text.ts';
import { imports } from './queries.ts';

const SHOWN = 50;

function Conflicts({ kind, job }: { kind: Kind; job: Job }) {
  const { t, i18n } = useTranslation();
  const text = useText();
  const conflicts = job.conflicts ?? [];
  if (job.state !== 'undone' || conflicts.length === 0) return null;
  return (
    <Panel title={t('import.conflicts', { n: conflicts.length.toLocaleString(i18n.language) })}>
      <p className="muted form-problems">{t('import.conflicts_hint')}</p>
      <ul className="plain-list">
        {conflicts.slice(0, SHOWN).map((each, index) => {
          const field = each.field ? kind.fields[each.field] : undefined;
          return (
            <li key={index}>
              <RecordLink kind={each.kind} id={each.id}><RefTitle kind={each.kind} id={each.id} /></RecordLink>{' '}
              {field ? <>{text(field.label)}: <FieldValue field={field} value={each.now} plain /> <span className="muted">({t('import.was')} <FieldValue field={field} value={each.before} plain />)</span></> : faultText(each, i18n.language)}
            </li>
          );
        })}
      </ul>
      {conflicts.length > SHOWN && <p className="muted">{t('timeline.more', { n: conflicts.length - SHOWN })}</p>}
    </Panel>
  );
}

export function AfterImport({ kind, job, onChanged }: { kind: Kind; job: Job; onChanged: () => Promise<unknown> }) {
  const { t, i18n } = useTranslation();
  const errorText = useErrorText();
  const { modal, message } = App.useApp();
  const [busy, setBusy] = useState<string>();
  const run = async (what: string, work: () => Promise<unknown>) => {
    setBusy(what);
    try {
      await work();
    } catch (error) {
      message.error(errorText(error));
    } finally {
      setBusy(undefined);
    }
    await onChanged();
  };
  const ask = (what: 'undo' | 'discard', work: () => Promise<unknown>) =>
    modal.confirm({ title: t(`import.${what}_title`), content: t(`import.${what}_hint`), okText: t(`import.${what}`), okButtonProps: { danger: true }, cancelText: t('common.cancel'), onOk: () => run(what, work) });
  const canUndo = job.state === 'done' || job.state === 'cancelled' || job.state === 'failed';
  const { held } = job;
  const n = (held?.n_waiting ?? 0).toLocaleString(i18n.language);
  return (
    <>
      {held?.state === 'held' && held.n_waiting > 0 && (
        <Alert
          type="warning"
          showIcon
          title={t('import.held', { n })}
          description={t('import.held_hint')}
          action={
            <span className="row-buttons">
              <Button size="small" onClick={() => ask('discard', () => imports.discard(job.id))} loading={busy === 'discard'}>{t('import.discard')}</Button>
              <Button size="small" type="primary" loading={busy === 'release'} onClick={() => void run('release', () => imports.release(job.id))}>{t('import.release')}</Button>
            </span>
          }
        />
      )}
      {held?.state === 'going' && <Alert type="info" showIcon title={held.n_waiting > 0 ? t('import.going', { n }) : t('import.gone')} />}
      {held?.state === 'discarded' && <Alert type="info" showIcon title={t('import.discarded')} />}
      {job.state === 'undone' && <Alert type="info" showIcon title={t('import.undone')} />}
      {canUndo && <p><Button danger icon={<UndoOutlined />} loading={busy === 'undo'} onClick={() => ask('undo', () => imports.undo(job.id))}>{t('import.undo')}</Button></p>}
      <Conflicts kind={kind} job={job} />
    </>
  );
}
