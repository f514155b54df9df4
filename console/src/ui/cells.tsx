// Cells of a table that are changed where they stand: a pencil beside the value, then its editor.
import { EditOutlined } from '@ant-design/icons';
import { lazy, Suspense, useState, type KeyboardEvent, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { isEditable } from '../api/kind.ts';
import { useMay } from '../api/may.ts';
import type { Item, Kind } from '../api/types.ts';
import { isMasked } from './Masked.tsx';
import { useText } from './text.ts';

const InlineEditor = lazy(() => import('./InlineEditor.tsx').then(({ InlineEditor }) => ({ default: InlineEditor })));

interface Cell {
  item: Item;
  name: string;
}

export interface Cells {
  editing: Cell | undefined;
  /** Where the editor stood last: its pencil has the focus again. */
  left: Cell | undefined;
  edit: (cell: Cell) => void;
  close: () => void;
}

/** What is edited stands above the table: a list that is read again, reordered or emptied meanwhile does not take it along. */
export function useCells(kind: Kind): Cells | undefined {
  const mayChange = useMay(kind.kind, 'change');
  const [editing, setEditing] = useState<Cell>();
  const [left, setLeft] = useState<Cell>();
  if (!mayChange || kind.written_by === 'plugin') return undefined;
  const close = () => {
    setLeft(editing);
    setEditing(undefined);
  };
  return { editing, left, edit: setEditing, close };
}

/** The rows to draw: those of the list, and before them the one being edited if the list has lost it. */
export function rowsWith(items: Item[], cells: Cells | undefined): Item[] {
  const kept = cells?.editing?.item;
  return kept && !items.some(({ id }) => id === kept.id) ? [kept, ...items] : items;
}

/** Pencils are no stops of the tab key, which would make hundreds: F2 on a row's title leads to them, arrows along them. */
export function toPencils(event: KeyboardEvent<HTMLElement>) {
  const row = event.currentTarget.closest('tr');
  const pencils = [...(row?.querySelectorAll<HTMLButtonElement>('.cell-edit') ?? [])];
  const at = pencils.indexOf(event.target as HTMLButtonElement);
  const next = event.key === 'F2' ? pencils[0] : at < 0 ? undefined : event.key === 'ArrowRight' ? pencils[at + 1] : event.key === 'ArrowLeft' ? pencils[at - 1] : event.key === 'Escape' ? row?.querySelector<HTMLElement>('.title-link') : undefined;
  if (!next) return;
  event.preventDefault();
  event.stopPropagation();
  next.focus();
}

const isAt = (cell: Cell | undefined, item: Item, name: string) => cell?.item.id === item.id && cell.name === name;

export function EditableCell({ kind, item, name, cells, children }: { kind: Kind; item: Item; name: string; cells: Cells | undefined; children: ReactNode }) {
  const { t } = useTranslation();
  const text = useText();
  const field = kind.fields[name];
  if (!cells || !field || !isEditable(kind, name) || isMasked(item, name)) return children;
  if (isAt(cells.editing, item, name)) {
    // The row is a target for the mouse; what is pressed in the editor is not meant for it.
    // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/no-static-element-interactions
    return <div className="cell-editor" onClick={(event) => event.stopPropagation()}><Suspense fallback={children}><InlineEditor kind={kind} item={item} name={name} field={field} onClose={cells.close} /></Suspense></div>;
  }
  return (
    <>
      {children}
      <button type="button" className="cell-edit" tabIndex={-1} autoFocus={isAt(cells.left, item, name)} aria-label={t('record.edit_field', { label: text(field.label) })} title={t('record.edit_field', { label: text(field.label) })} onClick={(event) => { event.stopPropagation(); cells.edit({ item, name }); }}>
        <EditOutlined aria-hidden />
      </button>
    </>
  );
}
