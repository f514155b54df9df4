// Inputs inside inputs: a list whose rows have fields of their own, and a matrix of one answer a line.
import { DeleteOutlined, PlusOutlined } from '@ant-design/icons';
import { Button, Form } from 'antd';
import { useTranslation } from 'react-i18next';
import type { Data, Json } from '../api/types.ts';
import { FieldInput } from './FieldInput.tsx';
import type { FormField } from './form.ts';
import { useText } from './text.ts';

/** The rows of a list, each with its inputs; errors of the server stand at the input they point at. */
export function RowsInput({ field }: { field: FormField }) {
  const { t } = useTranslation();
  const text = useText();
  const label = text(field.label);
  return (
    <fieldset className="form-group">
      <legend>{label}</legend>
      {field.help && <p className="muted">{text(field.help)}</p>}
      <Form.List name={field.path}>
        {(rows, { add, remove }) => (
          <>
            {rows.map(({ key, name }, index) => (
              <div key={key} className="nested-row" role="group" aria-label={`${label} ${t('form.row', { n: index + 1 })}`}>
                <div className="nested-fields">
                  {(field.fields ?? []).map((inner) => {
                    const at = inner.path.at(-1)!;
                    return (
                      <Form.Item key={at} name={[name, at]} label={text(inner.label)} required={inner.required} extra={inner.help ? text(inner.help) : undefined} rules={[{ required: inner.required && inner.input !== 'bool', message: t('form.required', { label: text(inner.label) }) }]} validateTrigger="onBlur">
                        <FieldInput field={inner} label={`${text(inner.label)} ${index + 1}`} />
                      </Form.Item>
                    );
                  })}
                </div>
                <Button type="text" icon={<DeleteOutlined />} aria-label={t('form.remove_row', { n: index + 1 })} onClick={() => remove(name)} />
              </div>
            ))}
            <Button size="small" icon={<PlusOutlined />} onClick={() => add({})}>{t('form.add_row')}</Button>
          </>
        )}
      </Form.List>
    </fieldset>
  );
}

interface MatrixProps {
  field: FormField;
  label: string;
  id?: string;
  value?: Json;
  onChange?: (value: Json) => void;
}

/** One line a property, one column a choice: as surveys ask. */
export function MatrixInput({ field, label, id, value, onChange }: MatrixProps) {
  const { t } = useTranslation();
  const text = useText();
  const lines = field.fields ?? [];
  const columns = lines[0]?.choices ?? [];
  const given = (value ?? {}) as Data;
  return (
    <div className="merge-scroll">
      <table className="matrix-input" id={id} aria-label={label}>
        <thead><tr><th scope="col"><span className="visually-hidden">{label}</span></th>{columns.map((column) => <th key={column.value} scope="col">{text(column.label)}</th>)}</tr></thead>
        <tbody>
          {lines.map((line) => {
            const at = line.path.at(-1)!;
            return (
              <tr key={at}>
                <th scope="row">{text(line.label)}</th>
                {columns.map((column) => (
                  <td key={column.value}>
                    {/* oxlint-disable-next-line jsx-a11y/control-has-associated-label */}
                    <label className="matrix-cell">
                      <input type="radio" name={`${field.path.join('.')}.${at}`} checked={given[at] === column.value} disabled={field.readOnly} onChange={() => onChange?.({ ...given, [at]: column.value })} />
                      <span className="visually-hidden">{t('form.matrix_of', { row: text(line.label), column: text(column.label) })}</span>
                    </label>
                  </td>
                ))}
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
