// The filter builder: rules over fields and refs, segments, groups within groups.
import { DeleteOutlined, PlusOutlined } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { Button, Cascader, Checkbox, InputNumber, Segmented, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { kindsQuery, segmentsQuery } from '../api/queries.ts';
import type { Field, Json, Kind } from '../api/types.ts';
import { emptyGroup, fieldAt, offeredOps, opsOf, pathOptions, type Group, type InSegment, type Op, type Part, type PathOption, type Rule } from './builder.ts';
import { FieldInput } from './FieldInput.tsx';
import { fieldInput } from './form.ts';
import { useText } from './text.ts';
import { fromPicker, toPicker } from './time.ts';
import { RangePicker } from './dates.tsx';

interface CascadeOption {
  value: string;
  label: string;
  children?: CascadeOption[];
}

function useOptions(kinds: Kind[], kind: string): CascadeOption[] {
  const text = useText();
  const draw = (options: PathOption[]): CascadeOption[] => options.map(({ value, field, children }) => ({ value, label: text(field.label), children: children && draw(children) }));
  return draw(pathOptions(kinds, kind));
}

interface ValueProps {
  rule: Rule;
  field: Field;
  onChange: (value: Json | undefined) => void;
}

function Days({ rule, onChange }: ValueProps) {
  const { t } = useTranslation();
  return <InputNumber<number> aria-label={t('builder.days')} className="builder-days" min={0} precision={0} suffix={t('builder.days')} value={typeof rule.value === 'number' ? rule.value : null} onChange={(next) => onChange(next ?? undefined)} />;
}

function Span({ rule, field, onChange }: ValueProps) {
  const { t } = useTranslation();
  const [from, to] = Array.isArray(rule.value) ? rule.value : [null, null];
  if (field.type === 'date' || field.type === 'datetime') {
    return (
      <RangePicker
        aria-label={t('filter.range')}
        value={[toPicker(from), toPicker(to)]}
        onChange={(days) => {
          const [first, last] = days ?? [null, null];
          if (!first || !last) onChange(undefined);
          else if (field.type === 'date') onChange([first.format('YYYY-MM-DD'), last.format('YYYY-MM-DD')]);
          else onChange([fromPicker(first.startOf('day'))!, fromPicker(last.endOf('day'))!]);
        }}
      />
    );
  }
  const part = (at: 0 | 1, label: string) => (
    <FieldInput field={{ ...fieldInput(rule.path, field), required: false, readOnly: false }} label={label} value={[from, to][at] ?? undefined} onChange={(next) => onChange(at === 0 ? [next ?? null, to ?? null] : [from ?? null, next ?? null])} />
  );
  return <div className="filter-range">{part(0, t('filter.from'))} – {part(1, t('filter.to'))}</div>;
}

function Person({ rule, field, onChange }: ValueProps) {
  const { t } = useTranslation();
  const text = useText();
  const isMe = typeof rule.value === 'object' && rule.value !== null && !Array.isArray(rule.value) && rule.value.$me === true;
  return (
    <div className="builder-person">
      {field.to === 'user' && <Checkbox checked={isMe} onChange={(event) => onChange(event.target.checked ? { $me: true } : undefined)}>{t('builder.me')}</Checkbox>}
      {!isMe && <FieldInput field={{ ...fieldInput(rule.path, field), input: 'ref', required: false, readOnly: false }} label={text(field.label)} value={rule.value} onChange={onChange} />}
    </div>
  );
}

function Value(props: ValueProps) {
  const { t } = useTranslation();
  const text = useText();
  const { rule, field, onChange } = props;
  const label = text(field.label);
  if (rule.op === 'empty' || rule.op === 'filled') return null;
  if (rule.op === 'within' || rule.op === 'before') return <Days {...props} />;
  if (rule.op === 'between') return <Span {...props} />;
  const input = { ...fieldInput(rule.path, field), required: false, readOnly: false };
  if (rule.op === 'in' || rule.op === 'nin') {
    const isChosen = field.type === 'enum' || field.type === 'enum_list';
    return <FieldInput field={{ ...input, input: isChosen ? 'enum_list' : 'text_list' }} label={label} value={rule.value ?? []} onChange={onChange} />;
  }
  if (field.type === 'bool') return <Segmented<string> aria-label={label} value={String(rule.value ?? 'true')} onChange={(next) => onChange(next === 'true')} options={[{ value: 'true', label: t('common.yes') }, { value: 'false', label: t('common.no') }]} />;
  if (field.type === 'ref' || field.type === 'ref_list') return <Person {...props} />;
  if (field.type === 'enum_list') return <FieldInput field={{ ...input, input: 'enum' }} label={label} value={rule.value} onChange={onChange} />;
  const isWords = ['text', 'long_text', 'phone', 'email', 'plate', 'vin', 'id_no', 'uscc', 'url'].includes(field.type);
  return <FieldInput field={isWords ? { ...input, input: 'text' } : input} label={label} value={rule.value} onChange={onChange} />;
}

interface RowProps<P extends Part> {
  part: P;
  kind: string;
  kinds: Kind[];
  onChange: (part: P) => void;
  onRemove: () => void;
}

function RuleRow({ part, kind, kinds, onChange, onRemove }: RowProps<Rule>) {
  const { t } = useTranslation();
  const options = useOptions(kinds, kind);
  const field = fieldAt(kinds, kind, part.path);
  const pick = (path: string) => {
    const next = fieldAt(kinds, kind, path);
    onChange({ sort: 'rule', path, op: next ? opsOf(next)[0]! : 'eq', value: next?.type === 'bool' ? true : undefined });
  };
  return (
    <div className="builder-rule">
      <Cascader<CascadeOption>
        aria-label={t('builder.field')}
        placeholder={t('builder.field')}
        className="builder-field"
        allowClear={false}
        changeOnSelect
        expandTrigger="click"
        showSearch
        displayRender={(labels) => labels.join(' › ')}
        options={options}
        value={part.path === '' ? undefined : part.path.split('.')}
        onChange={(path) => pick(path.join('.'))}
      />
      {field && (
        <Select<Op>
          aria-label={t('builder.op')}
          className="builder-op"
          value={part.op}
          onChange={(op) => onChange({ ...part, op, value: op === part.op || (op !== 'between' && part.op !== 'between' && op !== 'within' && op !== 'before') ? part.value : undefined })}
          options={offeredOps(field, part.op).map((op) => ({ value: op, label: t(`builder.op.${op}`) }))}
        />
      )}
      {field && <div className="builder-value"><Value rule={part} field={field} onChange={(value) => onChange({ ...part, value })} /></div>}
      <Button type="text" icon={<DeleteOutlined />} aria-label={t('builder.remove')} onClick={onRemove} />
    </div>
  );
}

function SegmentRow({ part, kind, onChange, onRemove }: RowProps<InSegment>) {
  const { t } = useTranslation();
  const { data: segments = [] } = useQuery(segmentsQuery);
  return (
    <div className="builder-rule">
      <Select<'in' | 'out'> aria-label={t('builder.op')} className="builder-op" value={part.isIn ? 'in' : 'out'} onChange={(next) => onChange({ ...part, isIn: next === 'in' })} options={[{ value: 'in', label: t('builder.in_segment') }, { value: 'out', label: t('builder.not_in_segment') }]} />
      <Select
        aria-label={t('builder.segment')}
        className="builder-value"
        placeholder={t('builder.segment')}
        value={part.id || undefined}
        showSearch={{ optionFilterProp: 'label' }}
        onChange={(id) => onChange({ ...part, id })}
        options={segments.filter((segment) => segment.kind === kind).map((segment) => ({ value: segment.id, label: segment.name }))}
      />
      <Button type="text" icon={<DeleteOutlined />} aria-label={t('builder.remove')} onClick={onRemove} />
    </div>
  );
}

function GroupBox({ part, kind, kinds, onChange, onRemove }: Omit<RowProps<Group>, 'onRemove'> & { onRemove?: () => void }) {
  const { t } = useTranslation();
  const add = (next: Part) => onChange({ ...part, parts: [...part.parts, next] });
  const set = (index: number, next: Part) => onChange({ ...part, parts: part.parts.map((each, at) => (at === index ? next : each)) });
  const remove = (index: number) => onChange({ ...part, parts: part.parts.filter((_, at) => at !== index) });
  return (
    <div className="builder-group" role="group" aria-label={t('builder.group')}>
      <div className="builder-head">
        <Segmented<Group['join']> aria-label={t('builder.join')} size="small" value={part.join} onChange={(join) => onChange({ ...part, join })} options={[{ value: 'and', label: t('builder.and') }, { value: 'or', label: t('builder.or') }]} />
        <Checkbox checked={part.isNot} onChange={(event) => onChange({ ...part, isNot: event.target.checked })}>{t('builder.not')}</Checkbox>
        {onRemove && <Button type="text" size="small" icon={<DeleteOutlined />} aria-label={t('builder.remove_group')} onClick={onRemove} />}
      </div>
      {part.parts.map((each, index) => {
        const common = { kind, kinds, onRemove: () => remove(index), onChange: (next: Part) => set(index, next) };
        if (each.sort === 'group') return <GroupBox key={index} part={each} {...common} />;
        if (each.sort === 'segment') return <SegmentRow key={index} part={each} {...common} />;
        return <RuleRow key={index} part={each} {...common} />;
      })}
      <div className="builder-add">
        <Button size="small" icon={<PlusOutlined />} onClick={() => add({ sort: 'rule', path: '', op: 'eq' })}>{t('builder.add_rule')}</Button>
        <Button size="small" onClick={() => add({ sort: 'segment', id: '', isIn: true })}>{t('builder.add_segment')}</Button>
        <Button size="small" onClick={() => add({ ...emptyGroup(part.join === 'and' ? 'or' : 'and'), parts: [{ sort: 'rule', path: '', op: 'eq' }] })}>{t('builder.add_group')}</Button>
      </div>
    </div>
  );
}

export function FilterBuilder({ kind, value, onChange }: { kind: string; value: Group; onChange: (group: Group) => void }) {
  const { data: kinds = [] } = useQuery(kindsQuery);
  return <GroupBox part={value} kind={kind} kinds={kinds} onChange={onChange} />;
}
