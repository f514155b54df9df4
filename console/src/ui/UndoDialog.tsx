// Taking one change back, field by field; what was changed again since is told and left alone unless that is undone first.
import { useQuery } from '@tanstack/react-query';
import { Alert, App, Checkbox, Modal } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError } from '../api/client.ts';
import { recordQuery, records, useRefreshRecords } from '../api/queries.ts';
import type { Kind, Revision } from '../api/types.ts';
import { WhyInput } from './Doubt.tsx';
import { FieldValue } from './FieldValue.tsx';
import { Kept } from './Kept.tsx';
import { errorText, pointerPath, useText } from './text.ts';

/** The fields a refused undo names. */
export function conflictsOf(error: unknown): string[] {
  if (!(error instanceof ApiError) || error.code !== 'undo.conflict') return [];
  return error.errors.flatMap(({ pointer }) => pointerPath(pointer).at(-1) ?? []);
}

export function UndoDialog({ kind, id, revision, onClose }: { kind: Kind; id: string; revision: Revision; onClose: () => void }) {
  const { t, i18n } = useTranslation();
  const text = useText();
  const { message } = App.useApp();
  const refresh = useRefreshRecords();
  const { data: now } = useQuery(recordQuery(kind.kind, id));
  const names = revision.changes.map(({ field }) => field);
  const [chosen, setChosen] = useState(names);
  const [conflicts, setConflicts] = useState<string[]>([]);
  const [why, setWhy] = useState('');
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  async function undo() {
    setBusy(true);
    setProblem(undefined);
    try {
      await records.undo(kind.kind, id, revision.rev, chosen.length === names.length ? undefined : chosen, why);
      void refresh(kind.kind);
      message.success(t('history.undone'));
      onClose();
    } catch (error) {
      const found = conflictsOf(error);
      if (found.length > 0) {
        setConflicts(found);
        setChosen((old) => old.filter((name) => !found.includes(name)));
      } else setProblem(errorText(error, i18n.language));
    } finally {
      setBusy(false);
    }
  }
  return (
    <Modal open title={t('history.undo_title', { rev: revision.rev })} onCancel={onClose} okText={t('history.undo')} cancelText={t('common.cancel')} confirmLoading={busy} okButtonProps={{ disabled: chosen.length === 0 }} onOk={() => void undo()} width={600}>
      {problem && <Alert type="error" showIcon className="form-problems" title={problem} />}
      {conflicts.length > 0 && <Alert type="warning" showIcon className="form-problems" title={t('history.conflict')} description={t('history.conflict_hint')} />}
      <ul className="undo-fields">
        {revision.changes.map((change) => {
          const field = kind.fields[change.field] ?? { type: 'text' as const, label: change.field };
          const isContested = conflicts.includes(change.field);
          return (
            <li key={change.field} className={isContested ? 'undo-contested' : ''}>
              <Checkbox checked={chosen.includes(change.field)} disabled={isContested} onChange={(event) => setChosen((old) => (event.target.checked ? [...old, change.field] : old.filter((name) => name !== change.field)))}>
                <strong>{text(field.label) || change.field}</strong>
              </Checkbox>
              <span className="undo-values">{change.masked ? <Kept /> : <><FieldValue field={field} value={change.new} refs={now?.refs} plain /> → <FieldValue field={field} value={change.old} refs={now?.refs} plain /></>}</span>
              {isContested && <span className="warn-text">{t('history.now_is')} <FieldValue field={field} value={now?.data[change.field]} refs={now?.refs} plain /></span>}
            </li>
          );
        })}
      </ul>
      <WhyInput value={why} onChange={setWhy} />
    </Modal>
  );
}
