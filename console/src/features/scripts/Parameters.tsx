// Parameters as a form, so that a number or a list is changed without touching the rule.
import { DeleteOutlined, PlusOutlined } from '@ant-design/icons';
import { Button, Input, InputNumber, Select, Switch } from 'antd';
import { useTranslation } from 'react-i18next';
import type { Json } from '../../api/types.ts';
import './scripts.css';
import { JsonEditor } from './JsonEditor.tsx';
import { controlOf, labelsOf, namesOf, numbersOf } from './parameters.ts';

interface Props {
  source: string;
  value: Json;
  onChange: (value: Json) => void;
}

export function Parameters({ source, value, onChange }: Props) {
  const { t } = useTranslation();
  const parameters = value && typeof value === 'object' && !Array.isArray(value) ? (value as Record<string, Json>) : {};
  const labels = labelsOf(source);
  const names = namesOf(parameters, labels);
  return (
    <div className="parameters">
      <p className="muted">{t('scripts.parameters_hint')}</p>
      {names.map((name) => (
        <div key={name} className="parameter">
          <span>{labels[name] ?? name}{labels[name] && <code className="muted"> {name}</code>}</span>
          <One label={labels[name] ?? name} value={parameters[name]} onChange={(next) => onChange({ ...parameters, [name]: next })} />
        </div>
      ))}
      <details>
        <summary className="muted">JSON</summary>
        <JsonEditor label={t('scripts.parameters')} value={value} onChange={onChange} />
      </details>
    </div>
  );
}

function One({ label, value, onChange }: { label: string; value: Json | undefined; onChange: (value: Json) => void }) {
  switch (controlOf(value)) {
    case 'number': return <InputNumber aria-label={label} value={value as number} onChange={(next) => onChange(next ?? 0)} />;
    case 'switch': return <Switch aria-label={label} checked={value as boolean} onChange={onChange} />;
    case 'text': return <Input aria-label={label} value={value as string} onChange={(event) => onChange(event.target.value)} />;
    case 'texts': return <Select mode="tags" open={false} suffixIcon={null} aria-label={label} value={value as string[]} onChange={onChange} className="parameter-list" />;
    case 'numbers': return <Select mode="tags" open={false} suffixIcon={null} aria-label={label} value={(value as number[]).map(String)} onChange={(next: string[]) => onChange(numbersOf(next))} className="parameter-list" />;
    case 'table': return <Table label={label} value={value as Record<string, number | string>} onChange={onChange} />;
    default: return <JsonEditor label={label} value={value} onChange={onChange} rows={2} />;
  }
}

function Table({ label, value, onChange }: { label: string; value: Record<string, number | string>; onChange: (value: Json) => void }) {
  const rows = Object.entries(value);
  const isNumber = rows.length > 0 && rows.every(([, each]) => typeof each === 'number');
  const put = (index: number, row: [string, number | string]) => onChange(Object.fromEntries(rows.map((each, at) => (at === index ? row : each))));
  return (
    <div className="parameter-table">
      {rows.map(([name, each], index) => (
        <div key={index} className="parameter-row">
          <Input aria-label={`${label} ${index + 1}`} value={name} onChange={(event) => put(index, [event.target.value, each])} />
          {isNumber ? <InputNumber aria-label={`${label} ${name}`} value={each as number} onChange={(next) => put(index, [name, next ?? 0])} /> : <Input aria-label={`${label} ${name}`} value={each} onChange={(event) => put(index, [name, event.target.value])} />}
          <Button type="text" icon={<DeleteOutlined />} aria-label={`${label} ${name} ×`} onClick={() => onChange(Object.fromEntries(rows.filter((_, at) => at !== index)))} />
        </div>
      ))}
      <Button size="small" icon={<PlusOutlined />} aria-label={`${label} +`} onClick={() => onChange({ ...value, '': isNumber ? 0 : '' })} />
    </div>
  );
}
