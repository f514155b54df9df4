// Parts that describing and changing a field share: two languages, faults, values in their order.
import { ArrowDownOutlined, ArrowUpOutlined, DeleteOutlined, PlusOutlined } from '@ant-design/icons';
import { Alert, Button, Checkbox, Form, Input, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { ApiError } from '../../api/client.ts';
import { errorText, faultText } from '../../ui/text.ts';
import { Tone } from '../../ui/Tone.tsx';
import type { ValueDraft } from './draft.ts';

interface BothProps {
  id: string;
  label: string;
  zh: string;
  en: string;
  onChange: (texts: { zh?: string; en?: string }) => void;
  fault?: string;
  required?: boolean;
  autoFocus?: boolean;
}

/** A text in both languages; English may be left out and is then the Chinese one. */
export function BothLanguages({ id, label, zh, en, onChange, fault, required, autoFocus }: BothProps) {
  const { t } = useTranslation();
  return (
    <div className="form-row">
      <Form.Item label={t('kinds.in_zh', { label })} htmlFor={`${id}-zh`} required={required} validateStatus={fault ? 'error' : undefined} help={fault}>
        <Input id={`${id}-zh`} autoFocus={autoFocus} maxLength={200} value={zh} onChange={(event) => onChange({ zh: event.target.value })} />
      </Form.Item>
      <Form.Item label={t('kinds.in_en', { label })} htmlFor={`${id}-en`}>
        <Input id={`${id}-en`} maxLength={200} value={en} onChange={(event) => onChange({ en: event.target.value })} />
      </Form.Item>
    </div>
  );
}

const TONES = ['good', 'warn', 'bad', 'info', 'plain'] as const;

interface ValuesProps {
  values: ValueDraft[];
  onChange: (values: ValueDraft[]) => void;
  fault?: string;
  /** Only words may change: the values are not this organisation's. */
  isFixed?: boolean;
}

/** The choices of an enumeration: what is stored, how it reads in both languages, its colour, its place. */
export function ValuesEditor({ values, onChange, fault, isFixed }: ValuesProps) {
  const { t } = useTranslation();
  const set = (at: number, change: Partial<ValueDraft>) => onChange(values.map((each, index) => (index === at ? { ...each, ...change } : each)));
  const swap = (at: number, to: number) => onChange(values.map((each, index) => (index === at ? values[to]! : index === to ? values[at]! : each)));
  return (
    <fieldset className="form-group">
      <legend>{t('kinds.values')}</legend>
      {fault && <div className="input-error" role="alert">{fault}</div>}
      <ul className="value-rows">
        {values.map((each, at) => {
          const n = at + 1;
          return (
            <li key={at} className={each.retired ? 'field-retired' : ''}>
              <Input aria-label={t('kinds.value_n', { n })} placeholder={t('kinds.value')} className="code-text" disabled={each.isKept} maxLength={60} value={each.value} onChange={(event) => set(at, { value: event.target.value })} />
              <Input aria-label={t('kinds.value_zh', { n })} placeholder={t('kinds.zh')} maxLength={100} value={each.zh} onChange={(event) => set(at, { zh: event.target.value })} />
              <Input aria-label={t('kinds.value_en', { n })} placeholder={t('kinds.en')} maxLength={100} value={each.en} onChange={(event) => set(at, { en: event.target.value })} />
              {!isFixed && <Select aria-label={t('kinds.value_tone', { n })} value={each.tone ?? 'plain'} onChange={(tone: string) => set(at, { tone: tone === 'plain' ? undefined : tone })} options={TONES.map((tone) => ({ value: tone, label: <Tone tone={tone}>{t(`field.tone.${tone}`)}</Tone> }))} />}
              {!isFixed && (
                <span className="row-buttons">
                  <Button size="small" type="text" icon={<ArrowUpOutlined />} disabled={at === 0} aria-label={t('kinds.up', { n })} onClick={() => swap(at, at - 1)} />
                  <Button size="small" type="text" icon={<ArrowDownOutlined />} disabled={at === values.length - 1} aria-label={t('kinds.down', { n })} onClick={() => swap(at, at + 1)} />
                  {each.isKept ? <Checkbox checked={each.retired === true} onChange={(event) => set(at, { retired: event.target.checked || undefined })}>{t('kinds.retire')}</Checkbox> : <Button size="small" type="text" icon={<DeleteOutlined />} aria-label={t('kinds.remove_value', { n })} onClick={() => onChange(values.filter((_, index) => index !== at))} />}
                </span>
              )}
            </li>
          );
        })}
      </ul>
      {!isFixed && <Button size="small" icon={<PlusOutlined />} onClick={() => onChange([...values, { value: '', zh: '', en: '' }])}>{t('kinds.add_value')}</Button>}
    </fieldset>
  );
}

/** Why the server refused, with every place it names. */
export function Refusal({ error }: { error: unknown }) {
  const { i18n } = useTranslation();
  if (!error) return null;
  const places = error instanceof ApiError ? error.errors : [];
  return (
    <Alert
      type="error"
      showIcon
      className="form-problems"
      title={errorText(error, i18n.language)}
      description={places.length > 0 ? <ul className="plain-list">{places.map((each) => <li key={`${each.pointer} ${each.code}`}><code>{each.pointer}</code> {faultText(each, i18n.language)}</li>)}</ul> : undefined}
    />
  );
}
