// One input, in terms of the JSON that will be sent: fen for money, RFC 3339 for moments, ids for references.
import { Input, InputNumber, Radio, Select, Switch } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { FormField } from './form.ts';
import { fenToYuan, yuanToFen } from './money.ts';
import { MatrixInput } from './Nested.tsx';
import { RecordPicker } from './RecordPicker.tsx';
import { useText } from './text.ts';
import { fromPicker, toPicker } from './time.ts';
import type { Json } from '../api/types.ts';
import { DatePicker } from './dates.tsx';

interface Props {
  field: FormField;
  id?: string;
  value?: Json;
  onChange?: (value: Json | undefined) => void;
  autoFocus?: boolean;
  label: string;
}

/** Few short choices are shown at once: one click instead of two, nothing hidden. More than half a drawer's width would wrap. */
const SHOWN_AT_ONCE = 4;
const WIDTH_AT_ONCE = 250;

function widthOf(label: string): number {
  return 32 + [...label].reduce((sum, char) => sum + (char > '\u2E80' ? 14 : 8), 0);
}

function Money({ id, value, onChange, label, field, autoFocus }: Props) {
  return (
    <InputNumber<string>
      id={id}
      aria-label={label}
      autoFocus={autoFocus}
      disabled={field.readOnly}
      stringMode
      precision={2}
      prefix="¥"
      style={{ width: '100%' }}
      inputMode="decimal"
      value={typeof value === 'number' ? fenToYuan(value) : null}
      min={field.min === undefined ? undefined : fenToYuan(field.min)}
      max={field.max === undefined ? undefined : fenToYuan(field.max)}
      formatter={(text) => String(text ?? '').replace(/\B(?=(\d{3})+(?!\d))/gu, ',')}
      parser={(text) => (text ?? '').replaceAll(/[,，\s¥￥]/gu, '')}
      onChange={(text) => onChange?.(text == null || text === '' ? undefined : (yuanToFen(String(text)) ?? undefined))}
    />
  );
}

function JsonText({ id, value, onChange, label, field }: Props) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState<string>();
  const [isWrong, setWrong] = useState(false);
  return (
    <>
      <Input.TextArea
        id={id}
        aria-label={label}
        className="code-text"
        autoSize={{ minRows: 2, maxRows: 14 }}
        disabled={field.readOnly}
        status={isWrong ? 'error' : undefined}
        value={typed ?? (value === undefined ? '' : JSON.stringify(value, null, 2))}
        onChange={(event) => {
          const text = event.target.value;
          setTyped(text);
          try {
            onChange?.(text.trim() ? (JSON.parse(text) as Json) : undefined);
            setWrong(false);
          } catch {
            setWrong(true);
          }
        }}
        onBlur={() => !isWrong && setTyped(undefined)}
      />
      {isWrong && <div className="input-error" role="alert">{t('form.json_invalid')}</div>}
    </>
  );
}

function Choices({ field, id, value, onChange, autoFocus, label }: Props) {
  const text = useText();
  const options = (field.choices ?? []).map((choice) => ({ value: choice.value, label: text(choice.label) }));
  if (field.input === 'enum' && options.length <= SHOWN_AT_ONCE && options.reduce((sum, option) => sum + widthOf(option.label), 0) <= WIDTH_AT_ONCE) {
    return (
      <Radio.Group id={id} aria-label={label} optionType="button" disabled={field.readOnly} options={options} value={value ?? undefined} onChange={(event) => onChange?.(event.target.value as Json)} />
    );
  }
  return (
    <Select
      id={id}
      aria-label={label}
      autoFocus={autoFocus}
      disabled={field.readOnly}
      mode={field.input === 'enum_list' ? 'multiple' : undefined}
      allowClear
      showSearch={{ optionFilterProp: 'label' }}
      options={options}
      value={value as string | undefined}
      onChange={(next: Json | undefined) => onChange?.(next)}
    />
  );
}

/** Enter takes the date that was typed; it does not send the form along, whose other inputs may not be filled in yet. */
const staysInForm = (event: { key: string; preventDefault: () => void }) => {
  if (event.key === 'Enter') event.preventDefault();
};

export function FieldInput(props: Props) {
  const { field, id, value, onChange, autoFocus, label } = props;
  const common = { id, autoFocus, disabled: field.readOnly, 'aria-label': label };
  switch (field.input) {
    case 'long_text':
      return <Input.TextArea {...common} autoSize={{ minRows: 3, maxRows: 10 }} maxLength={field.maxLength} value={(value as string) ?? ''} onChange={(event) => onChange?.(event.target.value)} />;
    case 'password':
      return <Input.Password {...common} autoComplete="new-password" value={(value as string) ?? ''} onChange={(event) => onChange?.(event.target.value)} />;
    case 'int':
    case 'decimal':
      return <InputNumber<number> {...common} style={{ width: '100%' }} min={field.min} max={field.max} precision={field.input === 'int' ? 0 : undefined} value={(value as number) ?? null} onChange={(next) => onChange?.(next ?? undefined)} />;
    case 'money':
      return <Money {...props} />;
    case 'bool':
      return <Switch id={id} aria-label={label} disabled={field.readOnly} checked={value === true} onChange={(next) => onChange?.(next)} />;
    case 'date':
      return <DatePicker {...common} onKeyDown={staysInForm} style={{ width: '100%' }} value={toPicker(value)} onChange={(day) => onChange?.(day ? day.format('YYYY-MM-DD') : undefined)} />;
    case 'datetime':
      return <DatePicker {...common} onKeyDown={staysInForm} style={{ width: '100%' }} showTime={{ format: 'HH:mm' }} format="YYYY-MM-DD HH:mm" value={toPicker(value)} onChange={(at) => onChange?.(fromPicker(at))} />;
    case 'enum':
    case 'enum_list':
      return <Choices {...props} />;
    case 'ref':
    case 'ref_list':
      return <RecordPicker {...common} kind={field.to ?? 'customer'} multiple={field.input === 'ref_list'} value={value as string} onChange={(next) => onChange?.(next)} />;
    case 'text_list':
      return <Select {...common} mode="tags" value={(value as string[]) ?? []} onChange={(next: string[]) => onChange?.(next)} tokenSeparators={[',', '，', ';', '；']} />;
    case 'file':
      // A file hangs on a record; it is put there from the record's own page.
      return null;
    case 'matrix':
      return <MatrixInput field={field} label={label} id={id} value={value} onChange={onChange} />;
    case 'json':
    case 'rows':
    case 'group':
      return <JsonText {...props} />;
    case 'phone':
    case 'email':
      return <Input {...common} type={field.input === 'phone' ? 'tel' : 'email'} inputMode={field.input === 'phone' ? 'tel' : 'email'} autoComplete="off" value={(value as string) ?? ''} onChange={(event) => onChange?.(event.target.value)} />;
    case 'text':
      return <Input {...common} autoComplete="off" maxLength={field.maxLength} value={(value as string) ?? ''} onChange={(event) => onChange?.(event.target.value)} />;
  }
}
