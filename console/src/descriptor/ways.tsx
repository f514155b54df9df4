// Any kind as a board or a calendar, without a plugin having described one.
import { Select } from 'antd';
import { lazy, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { fieldsInUse } from '../api/kind.ts';
import type { Filter, Kind } from '../api/types.ts';
import { useText } from '../ui/text.ts';
import type { Document } from './types.ts';

const BoardView = lazy(() => import('./BoardView.tsx').then(({ BoardView }) => ({ default: BoardView })));
const CalendarView = lazy(() => import('./CalendarView.tsx').then(({ CalendarView }) => ({ default: CalendarView })));

const MOST_COLUMNS = 16;

/** Choices that make columns: a state before all others. */
export function boardFields(kind: Kind): string[] {
  const choices = fieldsInUse(kind).filter(([, field]) => field.type === 'enum' && (field.values?.length ?? 0) > 1 && (field.values?.length ?? 0) <= MOST_COLUMNS).map(([name]) => name);
  const state = kind.states?.field;
  return state && choices.includes(state) ? [state, ...choices.filter((name) => name !== state)] : choices;
}

/** Moments that make a calendar: what falls due before what has been. */
export function calendarFields(kind: Kind): string[] {
  const moments = fieldsInUse(kind).filter(([, field]) => ['date', 'datetime'].includes(field.type) && field.indexed).map(([name]) => name);
  return moments.sort((a, b) => Number(/due/u.test(b)) - Number(/due/u.test(a)));
}

interface Props {
  kind: Kind;
  fields: string[];
  sort: 'board' | 'calendar';
  filter: Filter | undefined;
  q: string | undefined;
}

function Way({ kind, fields, sort, filter, q }: Props) {
  const { t } = useTranslation();
  const text = useText();
  const [chosen, setChosen] = useState(fields[0]!);
  const doc: Document = { ui: 1, plugin: kind.plugin ?? 'core', views: {} };
  return (
    <>
      {fields.length > 1 && (
        <div className="way-by">
          <Select size="small" aria-label={t(sort === 'board' ? 'board.by' : 'calendar.by')} value={chosen} onChange={setChosen} popupMatchSelectWidth={false} options={fields.map((name) => ({ value: name, label: text(kind.fields[name]?.label) }))} />
        </div>
      )}
      {sort === 'board'
        ? <BoardView key={chosen} doc={doc} spec={{ view: 'board', kind: kind.kind, by: chosen }} filter={filter} q={q} />
        : <CalendarView key={chosen} doc={doc} spec={{ view: 'calendar', kind: kind.kind, start: chosen }} filter={filter} q={q} />}
    </>
  );
}

/** The other ways a list of this kind can be shown. */
export function waysOf(kind: Kind) {
  const [board, calendar] = [boardFields(kind), calendarFields(kind)];
  const draw = (sort: 'board' | 'calendar', fields: string[]) => (filter: Filter | undefined, q: string | undefined) => <Way kind={kind} fields={fields} sort={sort} filter={filter} q={q} />;
  return { ...(board.length > 0 ? { board: draw('board', board) } : {}), ...(calendar.length > 0 ? { calendar: draw('calendar', calendar) } : {}) };
}
