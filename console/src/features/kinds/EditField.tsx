// Changing a field: everything that may change of one's own, the words of any, new values where the kind allows them.
import { App, Button, Checkbox, Drawer, Form } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Field, Kind, Text } from '../../api/types.ts';
import { useText } from '../../ui/text.ts';
import { languages, readValues, valueFaults, writeValues } from './draft.ts';
import { BothLanguages, Refusal, ValuesEditor } from './parts.tsx';
import { useKindWrites } from './queries.ts';

interface Row {
  name: string;
  field: Field;
}

const textOf = ({ zh, en }: { zh: string; en: string }): Text => ({ 'zh-CN': zh.trim(), en: en.trim() || zh.trim() });

function Body({ kind, org, row: { name, field }, onClose }: { kind: Kind; org: string | undefined; row: Row; onClose: () => void }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const { change, relabel } = useKindWrites(kind.kind, org);
  const [label, setLabel] = useState(() => languages(field.label));
  const [help, setHelp] = useState(() => languages(field.help));
  const [values, setValues] = useState(() => readValues(field));
  const [flags, setFlags] = useState({ required: field.required === true, indexed: field.indexed === true, searchable: field.searchable === true });
  const [fault, setFault] = useState<string>();
  const isChoice = values.length > 0;
  const isOwn = field.custom === true;
  const helpText = help.zh.trim() || help.en.trim() ? { help: textOf({ zh: help.zh || help.en, en: help.en }) } : {};
  async function save() {
    const [wrong] = isChoice ? valueFaults(values) : [];
    setFault(wrong && t(`kinds.fault.${wrong}`));
    if (wrong || !label.zh.trim()) return;
    try {
      if (isOwn) await change.mutateAsync({ name, label: textOf(label), ...helpText, ...(isChoice ? { values: writeValues(values) } : {}), ...(field.derived ? { indexed: flags.indexed } : flags) });
      else {
        const known = new Set((field.values ?? []).map(({ value }) => value));
        const words = Object.fromEntries(values.filter(({ value }) => known.has(value)).map((each) => [each.value, { label: textOf(each) }]));
        await relabel.mutateAsync({ fields: { [name]: { label: textOf(label), ...helpText, ...(isChoice ? { values: words } : {}) } } });
        const added = values.filter(({ value }) => !known.has(value));
        if (added.length > 0) await change.mutateAsync({ name, values: writeValues(added) });
      }
    } catch {
      // Shown above the form.
      return;
    }
    message.success(t('common.saved'));
    onClose();
  }
  return (
    <Form layout="vertical" className="fields-form" onFinish={() => void save()}>
      <Refusal error={change.error ?? relabel.error} />
      {!isOwn && <p className="muted form-problems">{t(field.extensible ? 'kinds.words_and_values' : 'kinds.words_only')}</p>}
      <BothLanguages id="edit-label" label={t('kinds.label')} zh={label.zh} en={label.en} onChange={(next) => setLabel((old) => ({ ...old, ...next }))} fault={label.zh.trim() ? undefined : t('kinds.fault.label')} required autoFocus />
      <BothLanguages id="edit-help" label={t('kinds.help')} zh={help.zh} en={help.en} onChange={(next) => setHelp((old) => ({ ...old, ...next }))} />
      {isChoice && <ValuesEditor values={values} onChange={setValues} fault={fault} isFixed={!isOwn && !field.extensible} />}
      {isOwn && (
        <div className="flag-boxes">
          {(['indexed', 'required', 'searchable'] as const).filter((flag) => flag === 'indexed' || !field.derived).map((flag) => (
            <Checkbox key={flag} checked={flags[flag]} onChange={(event) => setFlags((old) => ({ ...old, [flag]: event.target.checked }))}>{t(`field.flag.${flag}`)} <span className="muted">{t(`field.flag_hint.${flag}`)}</span></Checkbox>
          ))}
        </div>
      )}
      <div className="form-buttons">
        <Button onClick={onClose}>{t('common.cancel')}</Button>
        <Button type="primary" htmlType="submit" loading={change.isPending || relabel.isPending}>{t('common.save')}</Button>
      </div>
    </Form>
  );
}

export function EditField({ row, ...props }: { kind: Kind; org: string | undefined; row: Row | undefined; onClose: () => void }) {
  const { t } = useTranslation();
  const text = useText();
  return <Drawer open={row !== undefined} onClose={props.onClose} size={640} destroyOnHidden title={row ? t('record.edit_field', { label: text(row.field.label) }) : ''} mask={{ closable: false }}>{row && <Body key={row.name} row={row} {...props} />}</Drawer>;
}
