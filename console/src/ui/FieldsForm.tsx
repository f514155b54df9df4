// A form drawn from a description of inputs. The server's errors land on the inputs they point at.
import { Alert, Button, Form } from 'antd';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError } from '../api/client.ts';
import type { Data } from '../api/types.ts';
import { arrange, cleanValues, initialValues, type FormField } from './form.ts';
import { FieldInput } from './FieldInput.tsx';
import { errorText, sortErrors, useText } from './text.ts';

interface Props {
  fields: FormField[];
  layout?: (string | string[])[];
  initial?: Data;
  /** Refusals are thrown; the form shows them and keeps what was typed. */
  onSubmit: (values: Data) => Promise<unknown>;
  onCancel?: () => void;
  submitLabel: string;
  danger?: boolean;
  autoFocus?: boolean;
}

function Row({ row, autoFocus }: { row: FormField[]; autoFocus: boolean }) {
  const { t } = useTranslation();
  const text = useText();
  return (
    <div className="form-row">
      {row.map((field, index) => {
        const label = text(field.label);
        if (field.input === 'group') {
          return (
            <fieldset key={field.path.join('.')} className="form-group">
              <legend>{label}</legend>
              {field.help && <p className="muted">{text(field.help)}</p>}
              {(field.fields ?? []).map((inner) => <Row key={inner.path.join('.')} row={[inner]} autoFocus={false} />)}
            </fieldset>
          );
        }
        return (
          <Form.Item
            key={field.path.join('.')}
            name={field.path}
            label={label}
            extra={field.help ? text(field.help) : undefined}
            required={field.required}
            rules={[
              { required: field.required && field.input !== 'bool', message: t('form.required', { label }) },
              ...(field.pattern && field.input === 'text' ? [{ pattern: new RegExp(field.pattern, 'u'), message: t('form.pattern', { label }) }] : []),
            ]}
            validateTrigger="onBlur"
          >
            <FieldInput field={field} label={label} autoFocus={autoFocus && index === 0} />
          </Form.Item>
        );
      })}
    </div>
  );
}

export function FieldsForm({ fields, layout, initial, onSubmit, onCancel, submitLabel, danger, autoFocus }: Props) {
  const { t, i18n } = useTranslation();
  const [form] = Form.useForm<Record<string, unknown>>();
  const [busy, setBusy] = useState(false);
  const [problems, setProblems] = useState<string[]>([]);
  const rows = useMemo(() => arrange(fields, layout), [fields, layout]);
  const start = useMemo(() => initialValues(fields, initial), [fields, initial]);

  async function submit(values: Record<string, unknown>) {
    setBusy(true);
    setProblems([]);
    try {
      await onSubmit(cleanValues(fields, values));
    } catch (error) {
      const names = fields.map((field) => field.path[0]!);
      const { fields: wrong, rest } = sortErrors(error instanceof ApiError ? error.errors : [], names, i18n.language);
      form.setFields(wrong as never);
      if (wrong[0]) form.scrollToField(wrong[0].name as never, { block: 'center' });
      setProblems(wrong.length === 0 && rest.length === 0 ? [errorText(error, i18n.language)] : rest);
    } finally {
      setBusy(false);
    }
  }

  return (
    <Form form={form} layout="vertical" initialValues={start} onFinish={submit} scrollToFirstError={{ block: 'center' }} requiredMark noValidate className="fields-form">
      {problems.length > 0 && <Alert type="error" showIcon className="form-problems" title={problems.length === 1 ? problems[0] : <ul>{problems.map((problem) => <li key={problem}>{problem}</li>)}</ul>} />}
      {rows.map((row, index) => <Row key={row.map((field) => field.path.join('.')).join(' ')} row={row} autoFocus={autoFocus === true && index === 0} />)}
      <div className="form-buttons">
        {onCancel && <Button onClick={onCancel}>{t('common.cancel')}</Button>}
        <Button type="primary" htmlType="submit" loading={busy} danger={danger}>{submitLabel}</Button>
      </div>
    </Form>
  );
}
