// The editor of a field where it stands. A colleague's change in between is told, not overwritten.
import { CheckOutlined, CloseOutlined } from '@ant-design/icons';
import { useQueryClient } from '@tanstack/react-query';
import { Button } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError } from '../api/client.ts';
import { keys } from '../api/keys.ts';
import { recordQuery, records } from '../api/queries.ts';
import type { Field, Item, Json, Kind } from '../api/types.ts';
import { DoubtQuestion, WhyInput } from './Doubt.tsx';
import { answeredDoubts, splitDoubts, type Doubts } from './doubt.ts';
import { FieldInput } from './FieldInput.tsx';
import { FieldValue } from './FieldValue.tsx';
import { fieldInput } from './form.ts';
import { errorText, faultText, useText } from './text.ts';
import { useUndoOffer } from './undo.tsx';

export interface Props {
  kind: Kind;
  item: Item;
  name: string;
  field: Field;
}

export function InlineEditor({ kind, item, name, field, onClose }: Props & { onClose: () => void }) {
  const { t, i18n } = useTranslation();
  const text = useText();
  const client = useQueryClient();
  const offerUndo = useUndoOffer();
  const label = text(field.label);
  const [value, setValue] = useState<Json | undefined>(item.data[name]);
  // The revision that was on screen when editing began: what If-Match is about.
  const [rev] = useState(item.rev);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  const [stale, setStale] = useState<Item>();
  const [doubts, setDoubts] = useState<Doubts>({});
  const [reasons, setReasons] = useState<Record<string, string>>({});
  const [isAsked, setAsked] = useState(false);
  const [why, setWhy] = useState<string>();

  async function save(over: number) {
    const overrides = answeredDoubts(doubts, reasons);
    setAsked(true);
    if (Object.keys(overrides).length < Object.keys(doubts).length) return;
    setBusy(true);
    setProblem(undefined);
    try {
      const changed = await records.change(kind.kind, item.id, { [name]: value === undefined || value === '' ? null : value }, over, { why, overrides });
      // A change answers with the record itself; its refs are kept until it is read again.
      client.setQueryData(keys.record(kind.kind, item.id), (old: Item | undefined) => ({ ...changed, refs: { ...old?.refs, ...changed?.refs } }));
      void client.invalidateQueries({ queryKey: keys.records(kind.kind) });
      onClose();
      offerUndo(t('record.saved_field', { label }), async () => {
        await records.undo(kind.kind, item.id, changed.rev, [name], undefined);
        await client.invalidateQueries({ queryKey: keys.records(kind.kind) });
      });
    } catch (error) {
      if (error instanceof ApiError && error.status === 412) {
        const fresh = await client.fetchQuery({ ...recordQuery(kind.kind, item.id), staleTime: 0 });
        setStale(fresh);
      } else if (error instanceof ApiError && error.errors.length > 0) {
        const { doubts: asked, wrong } = splitDoubts(error.errors, [name]);
        setDoubts(asked);
        setAsked(false);
        setProblem(wrong.map((each) => faultText(each, i18n.language)).join(' ') || undefined);
      } else {
        setProblem(errorText(error, i18n.language));
      }
    } finally {
      setBusy(false);
    }
  }

  return (
    // Enter and Escape work from any input inside, as in a spreadsheet.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <form
      className="inline-editor"
      aria-label={t('record.edit_field', { label })}
      onSubmit={(event) => { event.preventDefault(); void save(stale?.rev ?? rev); }}
      onKeyDown={(event) => {
        // Arrows and Escape are the input's and the editor's here, not the table's or the drawer's around it.
        event.stopPropagation();
        if (event.key === 'Escape') onClose();
      }}
    >
      <div className="inline-input">
        <FieldInput field={{ ...fieldInput(name, field), required: false }} value={value} onChange={(next) => { setValue(next); setDoubts({}); }} autoFocus label={label} />
        <Button type="primary" htmlType="submit" icon={<CheckOutlined />} loading={busy} aria-label={t('common.save')} />
        <Button icon={<CloseOutlined />} onClick={onClose} aria-label={t('common.cancel')} />
      </div>
      {why === undefined ? <Button type="link" size="small" className="why" onClick={() => setWhy('')}>{t('form.add_why')}</Button> : <WhyInput value={why} onChange={setWhy} />}
      {doubts[name] && <DoubtQuestion doubt={doubts[name]} reason={reasons[name] ?? ''} onReason={(reason) => setReasons({ [name]: reason })} label={label} isMissing={isAsked && !reasons[name]?.trim()} autoFocus />}
      {problem && <div className="input-error" role="alert">{problem}</div>}
      {stale && (
        <div className="stale" role="alert">
          <p>{t('record.stale', { label })}</p>
          <p>{t('record.stale_now')} <FieldValue field={field} value={stale.data[name]} refs={stale.refs} plain /></p>
          <Button size="small" onClick={onClose}>{t('record.stale_keep')}</Button>{' '}
          <Button size="small" danger htmlType="submit" loading={busy}>{t('record.stale_over')}</Button>
        </div>
      )}
    </form>
  );
}
