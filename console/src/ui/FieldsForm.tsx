// A form drawn from a description of inputs. The server's errors land on the inputs they point at.
import { Alert, Button, Form } from 'antd';
import { createContext, useContext, useEffect, useMemo, useRef, useState, type KeyboardEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError } from '../api/client.ts';
import type { Extras } from '../api/queries.ts';
import type { Data, DryRun } from '../api/types.ts';
import { DoubtQuestion, WhyInput } from './Doubt.tsx';
import { answeredDoubts, splitDoubts, type Doubts } from './doubt.ts';
import { DryRunView } from './DryRun.tsx';
import { arrange, cleanValues, initialValues, type FormField } from './form.ts';
import { FieldInput } from './FieldInput.tsx';
import { RowsInput } from './Nested.tsx';
import { QuickChoice } from './QuickChoice.tsx';
import { errorText, sortErrors, useText } from './text.ts';

interface Props {
  fields: FormField[];
  layout?: (string | string[])[];
  initial?: Data;
  /** Refusals are thrown; the form shows them and keeps what was typed. */
  onSubmit: (values: Data, extras: Extras) => Promise<unknown>;
  /** Shows what submitting would do, where the server can work it out. */
  onRehearse?: (values: Data, extras: Extras) => Promise<DryRun>;
  /** Asks for a reason, which may be left empty. */
  asksWhy?: boolean;
  onCancel?: () => void;
  submitLabel: string;
  danger?: boolean;
  autoFocus?: boolean;
  /** A choice drawn as large buttons: one press of a key or a thumb. */
  quick?: string;
}

interface Asking {
  doubts: Doubts;
  reasons: Record<string, string>;
  isAsked: boolean;
  setReason: (name: string, reason: string) => void;
}

/** The questions of the moment; far below the form, beside their inputs. */
const Questions = createContext<Asking>({ doubts: {}, reasons: {}, isAsked: false, setReason: () => {} });

function Question({ name, label }: { name: string; label: string }) {
  const { doubts, reasons, isAsked, setReason } = useContext(Questions);
  const doubt = doubts[name];
  if (!doubt) return null;
  const reason = reasons[name] ?? '';
  return <DoubtQuestion doubt={doubt} reason={reason} onReason={(next) => setReason(name, next)} label={label} isMissing={isAsked && reason.trim() === ''} autoFocus={Object.keys(doubts)[0] === name} />;
}

function Row({ row, autoFocus, quick }: { row: FormField[]; autoFocus: boolean; quick?: string }) {
  const { t } = useTranslation();
  const text = useText();
  return (
    <div className="form-row">
      {row.map((field, index) => {
        const label = text(field.label);
        if (field.input === 'rows') return <RowsInput key={field.path.join('.')} field={field} />;
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
          <div key={field.path.join('.')} className="form-cell">
          <Form.Item
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
            {quick === field.path[0] ? <QuickChoice choices={field.choices ?? []} label={label} autoFocus={autoFocus && index === 0} /> : <FieldInput field={field} label={label} autoFocus={autoFocus && index === 0} />}
          </Form.Item>
          <Question name={field.path[0]!} label={label} />
          </div>
        );
      })}
    </div>
  );
}

export function FieldsForm({ fields, layout, initial, onSubmit, onRehearse, asksWhy, onCancel, submitLabel, danger, autoFocus, quick }: Props) {
  const { t, i18n } = useTranslation();
  const [form] = Form.useForm<Record<string, unknown>>();
  const [busy, setBusy] = useState<'submit' | 'rehearse'>();
  const [problems, setProblems] = useState<string[]>([]);
  const [doubts, setDoubts] = useState<Doubts>({});
  const [reasons, setReasons] = useState<Record<string, string>>({});
  const [isAsked, setAsked] = useState(false);
  const [why, setWhy] = useState('');
  const [run, setRun] = useState<DryRun>();
  const rows = useMemo(() => arrange(fields, layout), [fields, layout]);
  const start = useMemo(() => initialValues(fields, initial), [fields, initial]);
  const names = useMemo(() => fields.map((field) => field.path[0]!), [fields]);
  // What others change while the form is open is taken by a form nobody has typed in.
  const begun = useRef(start);
  useEffect(() => {
    if (JSON.stringify(begun.current) === JSON.stringify(start) || form.isFieldsTouched()) return;
    begun.current = start;
    form.resetFields();
  }, [form, start]);

  function tell(error: unknown) {
    const { doubts: asked, wrong: errors } = splitDoubts(error instanceof ApiError ? error.errors : [], names);
    const { fields: wrong, rest } = sortErrors(errors, names, i18n.language);
    // Rows of a list are counted, where a pointer spells the number.
    form.setFields(wrong.map((each) => ({ ...each, name: each.name.map((part) => (/^\d+$/u.test(part) ? Number(part) : part)) })) as never);
    setDoubts(asked);
    setAsked(false);
    const first = wrong[0]?.name ?? Object.keys(asked)[0];
    if (first) form.scrollToField(first as never, { block: 'center' });
    const isSilent = wrong.length > 0 || Object.keys(asked).length > 0;
    setProblems(rest.length > 0 ? rest : isSilent ? [] : [errorText(error, i18n.language)]);
  }
  async function send(what: 'submit' | 'rehearse', values: Record<string, unknown>) {
    const overrides = answeredDoubts(doubts, reasons);
    setAsked(true);
    if (Object.keys(overrides).length < Object.keys(doubts).length) return;
    setBusy(what);
    setProblems([]);
    const extras: Extras = { why: why.trim() || undefined, overrides, preview: run?.faults.length === 0 ? run.preview : undefined };
    try {
      if (what === 'submit') {
        await onSubmit(cleanValues(fields, values), extras);
        // What was typed is what the server has now: the form follows it again.
        form.setFields(form.getFieldsError().map(({ name }) => ({ name, touched: false })));
      } else setRun(await onRehearse?.(cleanValues(fields, values), extras));
    } catch (error) {
      // What was shown no longer holds once it was refused.
      setRun(undefined);
      tell(error);
    } finally {
      setBusy(undefined);
    }
  }
  // From within a long text too, where Enter begins a line.
  const sendByKey = (event: KeyboardEvent) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey) && busy === undefined) form.submit();
  };
  const rehearse = () => void form.validateFields().then((values) => send('rehearse', values), () => undefined);
  const changed = (values: object) => {
    setRun(undefined);
    setDoubts((old) => Object.fromEntries(Object.entries(old).filter(([name]) => !(name in values))));
  };
  const asking = useMemo(() => ({ doubts, reasons, isAsked, setReason: (name: string, reason: string) => { setRun(undefined); setReasons((old) => ({ ...old, [name]: reason })); } }), [doubts, reasons, isAsked]);

  return (
    <Form form={form} layout="vertical" initialValues={start} onFinish={(values) => void send('submit', values)} onValuesChange={changed} scrollToFirstError={{ block: 'center' }} requiredMark noValidate className="fields-form" onKeyDown={sendByKey}>
      {problems.length > 0 && <Alert type="error" showIcon className="form-problems" title={problems.length === 1 ? problems[0] : <ul>{problems.map((problem) => <li key={problem}>{problem}</li>)}</ul>} />}
      <Questions value={asking}>
        {rows.map((row, index) => <Row key={row.map((field) => field.path.join('.')).join(' ')} row={row} autoFocus={autoFocus === true && index === 0} quick={quick} />)}
      </Questions>
      {asksWhy && <div className="form-row"><WhyInput value={why} onChange={(next) => { setWhy(next); setRun(undefined); }} /></div>}
      {run && <DryRunView run={run} />}
      <div className="form-buttons">
        {onRehearse && <Button type="link" className="form-rehearse" loading={busy === 'rehearse'} onClick={rehearse}>{t('dry.ask')}</Button>}
        {onCancel && <Button onClick={onCancel}>{t('common.cancel')}</Button>}
        <Button type="primary" htmlType="submit" loading={busy === 'submit'} danger={danger}>{submitLabel}</Button>
      </div>
    </Form>
  );
}
