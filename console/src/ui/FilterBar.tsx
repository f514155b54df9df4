// Conditions of a list as chips; each opens its own small editor.
import { CloseOutlined, FilterOutlined, PlusOutlined } from '@ant-design/icons';
import { Button, Checkbox, Input, InputNumber, Popover, Radio } from 'antd';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Field, Filter, Json, Kind } from '../api/types.ts';
import { countRules, readFilter, splitFilter } from './builder.ts';
import { filterable, readCondition, writeCondition, type Range } from './filter.ts';
import { RefTitle } from './RecordLink.tsx';
import { RecordPicker } from './RecordPicker.tsx';
import { useText } from './text.ts';
import { formatTime, fromPicker, toPicker } from './time.ts';
import { RangePicker } from './dates.tsx';

/** The builder is asked for seldom, so it comes when it is. */
const FilterDrawer = lazy(() => import('./FilterDrawer.tsx').then(({ FilterDrawer }) => ({ default: FilterDrawer })));

interface EditorProps {
  field: Field;
  value: Json | undefined;
  onChange: (value: Json | undefined) => void;
  onDone: () => void;
}

function RangeEditor({ field, value, onChange }: EditorProps) {
  const { t } = useTranslation();
  const { range } = readCondition(value);
  const set = (part: Range) => onChange(writeCondition(field, { range: { ...range, ...part } }));
  if (field.type === 'date' || field.type === 'datetime') {
    return (
      <RangePicker
        aria-label={t('filter.range')}
        allowEmpty={[true, true]}
        value={[toPicker(range.gte), toPicker(range.lte)]}
        onChange={(days) => {
          const [from, to] = days ?? [null, null];
          if (field.type === 'date') set({ gte: from?.format('YYYY-MM-DD'), lte: to?.format('YYYY-MM-DD') });
          else set({ gte: fromPicker(from?.startOf('day') ?? null), lte: fromPicker(to?.endOf('day') ?? null) });
        }}
      />
    );
  }
  const scale = field.type === 'money' ? 100 : 1;
  const input = (part: 'gte' | 'lte', label: string) => (
    <InputNumber<number>
      aria-label={label}
      placeholder={label}
      prefix={field.type === 'money' ? '¥' : undefined}
      value={typeof range[part] === 'number' ? range[part] / scale : null}
      onChange={(next) => set({ [part]: next == null ? undefined : Math.round(next * scale) })}
    />
  );
  return <div className="filter-range">{input('gte', t('filter.from'))} – {input('lte', t('filter.to'))}</div>;
}

function Editor(props: EditorProps) {
  const { field, value, onChange, onDone } = props;
  const { t } = useTranslation();
  const text = useText();
  const { values, text: words } = readCondition(value);
  const [typed, setTyped] = useState(words);
  const set = (next: Json[]) => onChange(writeCondition(field, { values: next }));
  switch (field.type) {
    case 'enum':
    case 'enum_list':
      return <Checkbox.Group className="filter-options" value={values as string[]} onChange={(next) => set(next as Json[])} options={(field.values ?? []).map((each) => ({ value: each.value, label: text(each.label) }))} />;
    case 'bool':
      return <Radio.Group className="filter-options" value={values[0]} onChange={(event) => set([event.target.value as Json])} options={[{ value: true, label: t('common.yes') }, { value: false, label: t('common.no') }]} />;
    case 'ref':
    case 'ref_list':
      return <RecordPicker kind={field.to ?? 'user'} autoFocus aria-label={text(field.label)} value={values[0] as string} onChange={(id) => { set(typeof id === 'string' ? [id] : []); onDone(); }} />;
    case 'int': case 'decimal': case 'money': case 'date': case 'datetime':
      return <RangeEditor {...props} />;
    default:
      return (
        <Input.Search
          autoFocus
          aria-label={text(field.label)}
          placeholder={t('filter.contains')}
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
          enterButton={t('filter.apply')}
          onSearch={() => { onChange(writeCondition(field, { text: typed })); onDone(); }}
        />
      );
  }
}

function Summary({ field, value }: { field: Field; value: Json }) {
  const { t } = useTranslation();
  const text = useText();
  const { values, range, text: words } = readCondition(value);
  if (field.type === 'enum' || field.type === 'enum_list') {
    return <>{values.map((each) => { const known = field.values?.find((one) => one.value === each); return known ? text(known.label) : String(each); }).join(t('common.comma'))}</>;
  }
  if (field.type === 'bool') return <>{t(values[0] === true ? 'common.yes' : 'common.no')}</>;
  if (field.type === 'ref' || field.type === 'ref_list') return <>{values.map((id) => <RefTitle key={String(id)} kind={field.to} id={String(id)} />)}</>;
  if (range.gte !== undefined || range.lte !== undefined) {
    const bound = (one: Json | undefined) => (one == null ? '' : field.type === 'money' ? `¥${Number(one) / 100}` : typeof one === 'string' ? formatTime(one, 'date') : String(one));
    return <>{bound(range.gte)} – {bound(range.lte)}</>;
  }
  return <>{words}</>;
}

interface Props {
  kind: Kind;
  filter: Filter;
  onChange: (filter: Filter) => void;
}

export function FilterBar({ kind, filter, onChange }: Props) {
  const { t } = useTranslation();
  const text = useText();
  const [open, setOpen] = useState<string>();
  const [adding, setAdding] = useState(false);
  const [isBuilding, setBuilding] = useState<boolean>();
  const offered = filterable(kind);
  const { simple, advanced } = splitFilter(kind, filter);
  const n = countRules(readFilter(advanced));
  // A condition being made stands among the others until it is left empty.
  const shown = [...new Set([...Object.keys(simple), ...(open && open !== '+' ? [open] : [])])];
  const set = (name: string, value: Json | undefined) => {
    const { [name]: _old, ...rest } = filter;
    onChange(value === undefined ? rest : { ...rest, [name]: value });
  };
  return (
    <div className="filter-bar" role="group" aria-label={t('filter.title')}>
      {shown.map((name) => {
        const field = kind.fields[name]!;
        return (
          <Popover
            key={name}
            trigger="click"
            placement="bottomLeft"
            open={open === name}
            onOpenChange={(next) => setOpen(next ? name : undefined)}
            destroyOnHidden
            content={<div className="filter-editor"><Editor field={field} value={filter[name]} onChange={(value) => set(name, value)} onDone={() => setOpen(undefined)} /></div>}
          >
            <span className={`chip ${filter[name] === undefined ? 'chip-new' : ''}`}>
              <button type="button" className="chip-main">
                <span className="chip-label">{text(field.label)}</span>
                {filter[name] !== undefined && <span className="chip-value"><Summary field={field} value={filter[name]} /></span>}
              </button>
              <button type="button" className="chip-close" aria-label={t('filter.remove', { label: text(field.label) })} onClick={(event) => { event.stopPropagation(); setOpen(undefined); set(name, undefined); }}>
                <CloseOutlined />
              </button>
            </span>
          </Popover>
        );
      })}
      <Popover
        trigger="click"
        placement="bottomLeft"
        open={adding}
        onOpenChange={setAdding}
        content={
          <ul className="filter-fields">
            {offered.filter(([name]) => !shown.includes(name)).map(([name, field]) => (
              <li key={name}>
                <button type="button" onClick={() => { setAdding(false); setTimeout(() => setOpen(name), 0); }}>{text(field.label)}</button>
              </li>
            ))}
          </ul>
        }
      >
        <Button icon={shown.length === 0 ? <FilterOutlined /> : <PlusOutlined />}>{t('filter.add')}</Button>
      </Popover>
      {n > 0 ? (
        <span className="chip">
          <button type="button" className="chip-main" onClick={() => setBuilding(true)}><span className="chip-value">{t('builder.rules', { n })}</span></button>
          <button type="button" className="chip-close" aria-label={t('filter.remove', { label: t('builder.open') })} onClick={() => onChange(simple)}><CloseOutlined /></button>
        </span>
      ) : (
        <Button type="text" onClick={() => setBuilding(true)}>{t('builder.open')}</Button>
      )}
      {isBuilding !== undefined && <Suspense><FilterDrawer kind={kind} filter={filter} open={isBuilding} onClose={() => setBuilding(false)} onChange={onChange} /></Suspense>}
      {Object.keys(filter).length > 0 && <Button type="text" onClick={() => onChange({})}>{t('filter.clear')}</Button>}
    </div>
  );
}
