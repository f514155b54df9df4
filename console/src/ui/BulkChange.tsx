// One field of the marked records changed together: tried first, then applied, told record by record.
import { Alert, App, Button, Drawer, Form, Progress, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { fieldsInUse, titleOf } from '../api/kind.ts';
import { useRefreshRecords } from '../api/queries.ts';
import type { Data, Item, Json, Kind } from '../api/types.ts';
import { changeAll, tryAll, type Outcome } from './bulk.ts';
import { WhyInput } from './Doubt.tsx';
import { FieldInput } from './FieldInput.tsx';
import { fieldInput } from './form.ts';
import { useText } from './text.ts';

interface Props {
  kind: Kind;
  items: Item[];
  open: boolean;
  onClose: () => void;
  onDone: () => void;
}

/** Fields that make sense for many at once: not what is one's own, such as a name or a phone. */
export function bulkFields(kind: Kind): [string, Kind['fields'][string]][] {
  return fieldsInUse(kind).filter(([name, field]) => !field.readonly && !field.unique && !field.personal && name !== kind.title && name !== kind.states?.field && !['json', 'file'].includes(field.type));
}

function Faults({ kind, outcomes }: { kind: Kind; outcomes: Outcome[] }) {
  const failed = outcomes.filter(({ fault }) => fault !== undefined);
  return <ul className="plain-list">{failed.slice(0, 20).map(({ item, fault }) => <li key={item.id}>{titleOf(kind, item)}: {fault}</li>)}</ul>;
}

function Body({ kind, items, onClose, onDone }: Omit<Props, 'open'>) {
  const { t, i18n } = useTranslation();
  const text = useText();
  const { message } = App.useApp();
  const refresh = useRefreshRecords();
  const [name, setName] = useState<string>();
  const [value, setValue] = useState<Json>();
  const [why, setWhy] = useState('');
  const [tried, setTried] = useState<Outcome[]>();
  const [done, setDone] = useState<Outcome[]>();
  const [progress, setProgress] = useState<number>();
  const field = name ? kind.fields[name] : undefined;
  const data: Data = name ? { [name]: value === undefined || value === '' ? null : value } : {};
  const extras = { why };
  const failed = (done ?? tried ?? []).filter(({ fault }) => fault !== undefined).length;
  const able = (tried ?? []).length - failed;
  const forget = () => setTried(undefined);
  async function work(what: () => Promise<void>) {
    setProgress(0);
    try {
      await what();
    } finally {
      setProgress(undefined);
    }
  }
  const rehearse = () => work(async () => setTried(await tryAll(items, data, extras, i18n.language, setProgress)));
  const apply = () =>
    work(async () => {
      const outcomes = await changeAll(tried ?? [], data, extras, i18n.language, setProgress);
      setDone(outcomes);
      void refresh(kind.kind);
      onDone();
      const n = outcomes.filter(({ isDone }) => isDone).length;
      if (n === outcomes.length) {
        message.success(t('bulk.done', { n }));
        onClose();
      }
    });
  return (
    <Form layout="vertical">
      <p className="form-problems">{t('bulk.selected', { n: items.length })}</p>
      <Form.Item label={t('bulk.field')} htmlFor="bulk-field">
        <Select id="bulk-field" aria-label={t('bulk.field')} showSearch={{ optionFilterProp: 'label' }} disabled={done !== undefined} value={name} onChange={(next) => { setName(next); setValue(undefined); forget(); }} options={bulkFields(kind).map(([each, { label }]) => ({ value: each, label: text(label) }))} />
      </Form.Item>
      {name && field && (
        <Form.Item label={t('bulk.value')} extra={t('bulk.empty')}>
          <FieldInput field={{ ...fieldInput(name, field), required: false }} label={text(field.label)} value={value} onChange={(next) => { setValue(next); forget(); }} />
        </Form.Item>
      )}
      <Form.Item label={t('form.why')}><WhyInput value={why} onChange={(next) => { setWhy(next); forget(); }} /></Form.Item>
      {progress !== undefined && <Progress percent={Math.round((progress / items.length) * 100)} aria-label={t('bulk.working')} />}
      {tried && !done && (
        <Alert
          type={failed === 0 ? 'success' : 'warning'}
          showIcon
          className="form-problems"
          title={t('bulk.tried', { n: able, failed })}
          description={failed > 0 ? <Faults kind={kind} outcomes={tried} /> : undefined}
        />
      )}
      {done && <Alert type="warning" showIcon className="form-problems" title={t('bulk.some', { n: done.length - failed, failed })} description={<Faults kind={kind} outcomes={done} />} />}
      <div className="form-buttons">
        <Button onClick={onClose}>{done ? t('common.close') : t('common.cancel')}</Button>
        {!done && !tried && <Button type="primary" disabled={!name} loading={progress !== undefined} onClick={() => void rehearse()}>{t('bulk.try')}</Button>}
        {!done && tried && <Button type="primary" disabled={able === 0} loading={progress !== undefined} onClick={() => void apply()}>{t('bulk.apply', { n: able })}</Button>}
      </div>
    </Form>
  );
}

export function BulkChange({ open, ...props }: Props) {
  const { t } = useTranslation();
  return <Drawer open={open} onClose={props.onClose} size={480} destroyOnHidden title={t('bulk.title')} mask={{ closable: false }}><Body {...props} /></Drawer>;
}
