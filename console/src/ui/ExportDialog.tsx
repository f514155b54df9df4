// Taking a list out as a file: which format and fields, and what for, which is kept in the audit.
import { Alert, Button, Form, Input, Modal, Radio, Select } from 'antd';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, filterParam, saveFile } from '../api/client.ts';
import { fieldsInUse } from '../api/kind.ts';
import type { Filter, Kind } from '../api/types.ts';
import { OWN_FIELDS } from './columns.ts';
import { useErrorText, useText } from './text.ts';

export type ExportFormat = 'xlsx' | 'csv' | 'ndjson';

interface Props {
  kind: Kind;
  filter?: Filter;
  q?: string;
  order?: string;
  columns: string[];
  count?: number;
  onClose: () => void;
}

export function ExportDialog({ kind, filter, q, order, columns, count, onClose }: Props) {
  const { t, i18n } = useTranslation();
  const text = useText();
  const errorText = useErrorText();
  const all = [...fieldsInUse(kind).map(([name]) => name), ...Object.keys(OWN_FIELDS)];
  const [format, setFormat] = useState<ExportFormat>('xlsx');
  const [fields, setFields] = useState(columns);
  const [isRaw, setRaw] = useState(false);
  const [purpose, setPurpose] = useState('');
  const [isAsked, setAsked] = useState(false);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  const running = useRef<AbortController>(null);
  const labelOf = (name: string) => text((kind.fields[name] ?? OWN_FIELDS[name])?.label) || name;
  const isMissing = isAsked && purpose.trim() === '';
  async function go() {
    setAsked(true);
    if (purpose.trim() === '' || fields.length === 0) return;
    setBusy(true);
    setProblem(undefined);
    running.current = new AbortController();
    try {
      const file = await api.download(`/records/${encodeURIComponent(kind.kind)}/export`, { format, filter: filterParam(filter), q, order, fields: fields.join(','), labels: isRaw ? 'raw' : i18n.language, purpose: purpose.trim() }, running.current.signal);
      saveFile(`${text(kind.plural ?? kind.label)}-${new Date().toISOString().slice(0, 10)}.${format}`, file);
      onClose();
    } catch (error) {
      if (!running.current.signal.aborted) setProblem(errorText(error));
    } finally {
      setBusy(false);
    }
  }
  const close = () => {
    running.current?.abort();
    onClose();
  };
  return (
    <Modal
      open
      title={t('export.title', { label: text(kind.plural ?? kind.label) })}
      onCancel={close}
      width={560}
      footer={<><Button onClick={close}>{t('common.cancel')}</Button><Button type="primary" loading={busy} onClick={() => void go()}>{busy ? t('export.busy') : t('export.go')}</Button></>}
    >
      <Form layout="vertical">
        {problem && <Alert type="error" showIcon className="form-problems" title={problem} />}
        <p className="muted form-problems">{count === undefined ? t('export.what') : t('export.what_n', { n: count.toLocaleString(i18n.language) })}</p>
        <Form.Item label={t('export.format')}>
          <Radio.Group aria-label={t('export.format')} optionType="button" value={format} onChange={(event) => setFormat(event.target.value as ExportFormat)} options={[{ value: 'xlsx', label: 'Excel (XLSX)' }, { value: 'csv', label: 'CSV' }, { value: 'ndjson', label: 'NDJSON' }]} />
        </Form.Item>
        <Form.Item label={t('export.fields')} htmlFor="export-fields" validateStatus={fields.length === 0 ? 'error' : undefined} help={fields.length === 0 ? t('export.no_fields') : undefined}>
          <Select id="export-fields" aria-label={t('export.fields')} mode="multiple" maxTagCount="responsive" value={fields} onChange={setFields} showSearch={{ optionFilterProp: 'label' }} options={all.map((name) => ({ value: name, label: labelOf(name) }))} />
        </Form.Item>
        <p className="export-sets">
          <Button size="small" onClick={() => setFields(columns)}>{t('export.shown_fields')}</Button> <Button size="small" onClick={() => setFields(all)}>{t('export.all_fields')}</Button>
        </p>
        <Form.Item label={t('export.labels')}>
          <Radio.Group aria-label={t('export.labels')} value={isRaw} onChange={(event) => setRaw(event.target.value === true)} options={[{ value: false, label: t('export.readable') }, { value: true, label: t('export.raw') }]} />
        </Form.Item>
        <Form.Item label={t('export.purpose')} htmlFor="export-purpose" required validateStatus={isMissing ? 'error' : undefined} help={isMissing ? t('form.required', { label: t('export.purpose') }) : t('export.purpose_hint')}>
          <Input id="export-purpose" maxLength={200} value={purpose} placeholder={t('export.purpose_example')} onChange={(event) => setPurpose(event.target.value)} />
        </Form.Item>
      </Form>
    </Modal>
  );
}
