// A new field of one's own: any type, choices with their values, roll-ups over other kinds, values worked out by a script.
import { useQuery } from '@tanstack/react-query';
import { App, Button, Checkbox, Drawer, Form, Input, InputNumber, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from '@tanstack/react-router';
import { kindsQuery } from '../../api/queries.ts';
import type { Kind, RollupFn } from '../../api/types.ts';
import { FilterBuilder } from '../../ui/FilterBuilder.tsx';
import { useText } from '../../ui/text.ts';
import { childKinds, emptyDraft, faultsOf, fieldOf, hasLimits, isChoice, PREFIX, RESULTS, rollupFields, TYPES, type Draft, type Fault } from './draft.ts';
import { BothLanguages, Refusal, ValuesEditor } from './parts.tsx';
import { useKindWrites } from './queries.ts';

interface PartProps {
  kind: Kind;
  draft: Draft;
  onChange: (change: Partial<Draft>) => void;
  faultText: (...faults: Fault[]) => string | undefined;
}

const FNS: RollupFn[] = ['count', 'sum', 'min', 'max', 'latest'];

function RollupPart({ kind, draft, onChange, faultText }: PartProps) {
  const { t } = useTranslation();
  const text = useText();
  const { data: kinds = [] } = useQuery(kindsQuery);
  const children = childKinds(kinds, kind.kind);
  const child = children.find((each) => each.kind.kind === draft.rollupKind);
  const fault = faultText('rollup');
  return (
    <fieldset className="form-group">
      <legend>{t('field.type.rollup')}</legend>
      <div className="form-row">
        <Form.Item label={t('kinds.rollup_kind')} htmlFor="rollup-kind" required validateStatus={fault ? 'error' : undefined} help={fault}>
          <Select id="rollup-kind" aria-label={t('kinds.rollup_kind')} notFoundContent={t('kinds.rollup_none')} value={draft.rollupKind} onChange={(next) => onChange({ rollupKind: next, rollupVia: children.find((each) => each.kind.kind === next)?.vias[0], rollupField: undefined })} options={children.map((each) => ({ value: each.kind.kind, label: text(each.kind.label) }))} />
        </Form.Item>
        <Form.Item label={t('kinds.rollup_via')} htmlFor="rollup-via" required>
          <Select id="rollup-via" aria-label={t('kinds.rollup_via')} disabled={!child} value={draft.rollupVia} onChange={(next) => onChange({ rollupVia: next })} options={(child?.vias ?? []).map((via) => ({ value: via, label: text(child?.kind.fields[via]?.label) }))} />
        </Form.Item>
      </div>
      <div className="form-row">
        <Form.Item label={t('kinds.rollup_fn')} htmlFor="rollup-fn">
          <Select<RollupFn> id="rollup-fn" aria-label={t('kinds.rollup_fn')} value={draft.rollupFn} onChange={(next) => onChange({ rollupFn: next, rollupField: undefined })} options={FNS.map((fn) => ({ value: fn, label: t(`field.fn.${fn}`) }))} />
        </Form.Item>
        {draft.rollupFn !== 'count' && (
          <Form.Item label={t('kinds.rollup_field')} htmlFor="rollup-field" required validateStatus={faultText('rollup_field') ? 'error' : undefined} help={faultText('rollup_field')}>
            <Select id="rollup-field" aria-label={t('kinds.rollup_field')} disabled={!child} value={draft.rollupField} onChange={(next) => onChange({ rollupField: next })} options={rollupFields(child?.kind, draft.rollupFn).map(([name, field]) => ({ value: name, label: text(field.label) }))} />
          </Form.Item>
        )}
      </div>
      {child && (
        <>
          <p className="muted">{t('kinds.rollup_filter')}</p>
          <FilterBuilder key={child.kind.kind} kind={child.kind.kind} value={draft.rollupFilter} onChange={(rollupFilter) => onChange({ rollupFilter })} />
        </>
      )}
    </fieldset>
  );
}

function ComputedPart({ kind, draft, onChange }: PartProps) {
  const { t } = useTranslation();
  return (
    <fieldset className="form-group">
      <legend>{t('field.type.computed')}</legend>
      <Form.Item label={t('kinds.as')} htmlFor="computed-as" extra={t('kinds.computed_hint')}>
        <Select id="computed-as" aria-label={t('kinds.as')} value={draft.as} onChange={(as) => onChange({ as })} options={RESULTS.map((type) => ({ value: type, label: t(`field.type.${type}`) }))} />
      </Form.Item>
      <p className="muted">{t('kinds.script')}: <code>computed/{kind.kind}.{PREFIX}{draft.name || '…'}</code></p>
    </fieldset>
  );
}

function Flags({ draft, onChange }: Pick<PartProps, 'draft' | 'onChange'>) {
  const { t } = useTranslation();
  const isDerived = draft.type === 'rollup' || draft.type === 'computed';
  const box = (name: 'required' | 'indexed' | 'searchable' | 'personal' | 'isUnique', flag: 'required' | 'indexed' | 'searchable' | 'personal' | 'unique') => (
    <Checkbox checked={draft[name]} onChange={(event) => onChange({ [name]: event.target.checked })}>{t(`field.flag.${flag}`)} <span className="muted">{t(`field.flag_hint.${flag}`)}</span></Checkbox>
  );
  return (
    <div className="flag-boxes">
      {box('indexed', 'indexed')}
      {!isDerived && box('required', 'required')}
      {!isDerived && box('searchable', 'searchable')}
      {!isDerived && box('personal', 'personal')}
      {!isDerived && box('isUnique', 'unique')}
    </div>
  );
}

function Limits({ draft, onChange }: Pick<PartProps, 'draft' | 'onChange'>) {
  const { t } = useTranslation();
  const isText = draft.type === 'text' || draft.type === 'long_text';
  return (
    <div className="form-row">
      {!isText && <Form.Item label={t('kinds.min')} htmlFor="field-min"><InputNumber<number> id="field-min" style={{ width: '100%' }} value={draft.min ?? null} onChange={(min) => onChange({ min: min ?? undefined })} /></Form.Item>}
      <Form.Item label={t(isText ? 'kinds.max_length' : 'kinds.max')} htmlFor="field-max"><InputNumber<number> id="field-max" style={{ width: '100%' }} min={isText ? 1 : undefined} value={draft.max ?? null} onChange={(max) => onChange({ max: max ?? undefined })} /></Form.Item>
    </div>
  );
}

function Body({ kind, org, onClose }: { kind: Kind; org: string | undefined; onClose: () => void }) {
  const { t } = useTranslation();
  const text = useText();
  const { message } = App.useApp();
  const navigate = useNavigate();
  const { data: kinds = [] } = useQuery(kindsQuery);
  const { add } = useKindWrites(kind.kind, org);
  const [draft, setDraft] = useState(emptyDraft);
  const [isAsked, setAsked] = useState(false);
  const change = (next: Partial<Draft>) => setDraft((old) => ({ ...old, ...next }));
  const faults = isAsked ? faultsOf(draft, Object.keys(kind.fields)) : [];
  const faultText = (...names: Fault[]) => {
    const found = faults.find((fault) => names.includes(fault));
    return found && t(`kinds.fault.${found}`);
  };
  const part = { kind, draft, onChange: change, faultText };
  async function save() {
    setAsked(true);
    if (faultsOf(draft, Object.keys(kind.fields)).length > 0) return;
    const field = fieldOf(draft, kind.kind, kinds.find((each) => each.kind === draft.rollupKind));
    try {
      await add.mutateAsync(field);
    } catch {
      // Shown above the form.
      return;
    }
    message.success(t('kinds.added', { label: text(field.label) }));
    onClose();
    if (field.script) void navigate({ to: `/scripts/${field.script}` as never, search: (org ? { org } : {}) as never });
  }
  return (
    <Form layout="vertical" className="fields-form" onFinish={() => void save()}>
      <Refusal error={add.error} />
      <BothLanguages id="field" label={t('kinds.label')} zh={draft.zh} en={draft.en} onChange={change} fault={faultText('label')} required autoFocus />
      <div className="form-row">
        <Form.Item label={t('kinds.name')} htmlFor="field-name" required validateStatus={faultText('name', 'name_taken') ? 'error' : undefined} help={faultText('name', 'name_taken')} extra={t('kinds.name_hint')}>
          <Input id="field-name" className="code-text" prefix={PREFIX} maxLength={60} value={draft.name} onChange={(event) => change({ name: event.target.value })} />
        </Form.Item>
        <Form.Item label={t('kinds.type')} htmlFor="field-type">
          <Select id="field-type" aria-label={t('kinds.type')} showSearch={{ optionFilterProp: 'label' }} value={draft.type} onChange={(type) => change({ type })} options={TYPES.map((type) => ({ value: type, label: t(`field.type.${type}`) }))} />
        </Form.Item>
      </div>
      {(draft.type === 'ref' || draft.type === 'ref_list') && (
        <div className="form-row">
          <Form.Item label={t('kinds.to')} htmlFor="field-to" required validateStatus={faultText('to') ? 'error' : undefined} help={faultText('to')}>
            <Select id="field-to" aria-label={t('kinds.to')} showSearch={{ optionFilterProp: 'label' }} value={draft.to} onChange={(to) => change({ to })} options={kinds.map((each) => ({ value: each.kind, label: text(each.label) }))} />
          </Form.Item>
        </div>
      )}
      {draft.type === 'rollup' && <RollupPart {...part} />}
      {draft.type === 'computed' && <ComputedPart {...part} />}
      {isChoice(draft) && <ValuesEditor values={draft.values} onChange={(values) => change({ values })} fault={faultText('values', 'value_name', 'value_twice')} />}
      {hasLimits(draft.type) && <Limits draft={draft} onChange={change} />}
      <BothLanguages id="help" label={t('kinds.help')} zh={draft.helpZh} en={draft.helpEn} onChange={({ zh, en }) => change({ ...(zh === undefined ? {} : { helpZh: zh }), ...(en === undefined ? {} : { helpEn: en }) })} />
      <Flags draft={draft} onChange={change} />
      <div className="form-buttons">
        <Button onClick={onClose}>{t('common.cancel')}</Button>
        <Button type="primary" htmlType="submit" loading={add.isPending}>{t(draft.type === 'computed' ? 'kinds.add_and_script' : 'kinds.add')}</Button>
      </div>
    </Form>
  );
}

export function AddField({ open, ...props }: { kind: Kind; org: string | undefined; open: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  return <Drawer open={open} onClose={props.onClose} size={720} destroyOnHidden title={t('kinds.add')} mask={{ closable: false }}><Body {...props} /></Drawer>;
}
