// Parameters as a form, so that a number or a list is changed without touching the rule.
import { DeleteOutlined, PlusOutlined } from '@ant-design/icons';
import { Button, Input, InputNumber, Select, Switch } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Json } from '../../api/types.ts';
import './scripts.css';
import { JsonEditor } from './JsonEditor.tsx';
import { controlOf, labelsOf, namesOf, numbersOf, rowsOf, tableOf, wrongRows, type Row } from './parameters.ts';

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
  const { t } = useTranslation();
  // Rows of their own: a name that is half typed, or stands twice, must not swallow a row or change their order.
  const [rows, setRows] = useState(() => rowsOf(value));
  const [shown, setShown] = useState(value);
  if (shown !== value) {
    setShown(value);
    const spelt = tableOf(rows);
    if (spelt && JSON.stringify(spelt) !== JSON.stringify(value)) setRows(rowsOf(value));
  }
  const wrong = wrongRows(rows);
  const isNumber = rows.length > 0 && rows.every((row) => typeof row.value === 'number');
  const put = (next: Row[]) => {
    setRows(next);
    const spelt = tableOf(next);
    if (spelt) onChange(spelt);
  };
  const change = (id: number, part: Partial<Row>) => put(rows.map((row) => (row.id === id ? { ...row, ...part } : row)));
  return (
    <div className="parameter-table">
      {rows.map(({ id, name, value: each }, index) => (
        <div key={id} className="parameter-row">
          <Input aria-label={`${label} ${index + 1}`} value={name} status={wrong.includes(id) ? 'error' : undefined} onChange={(event) => change(id, { name: event.target.value })} />
          {isNumber ? <InputNumber aria-label={`${label} ${name}`} value={each as number} onChange={(next) => change(id, { value: next ?? 0 })} /> : <Input aria-label={`${label} ${name}`} value={each} onChange={(event) => change(id, { value: event.target.value })} />}
          <Button type="text" icon={<DeleteOutlined />} aria-label={`${label} ${name} ×`} onClick={() => put(rows.filter((row) => row.id !== id))} />
        </div>
      ))}
      {wrong.length > 0 && <div className="input-error" role="alert">{t('scripts.names_once')}</div>}
      <Button size="small" icon={<PlusOutlined />} aria-label={`${label} +`} onClick={() => put([...rows, { id: Math.max(-1, ...rows.map(({ id }) => id)) + 1, name: '', value: isNumber ? 0 : '' }])} />
    </div>
  );
}
