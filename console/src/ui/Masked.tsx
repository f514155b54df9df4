// A value that is kept from whoever looks: what may be said of it, and the whole of it for a purpose that goes on record.
import { EyeOutlined } from '@ant-design/icons';
import { App, Button, Input, Modal, Tooltip } from 'antd';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '../api/client.ts';
import type { Data, Field, Item } from '../api/types.ts';
import { FieldValue } from './FieldValue.tsx';
import { Kept } from './Kept.tsx';
import { useErrorText, useText } from './text.ts';

export const isMasked = (item: Item, name: string) => item.masked?.includes(name) === true;

export const MaskedValue = ({ item, name }: { item: Item; name: string }) => <Kept hint={item.hints?.[name]} />;

/** How long a value that was shown stays on screen. */
const SHOWN_MS = 60_000;

interface Props {
  item: Item;
  name: string;
  field: Field;
}

/** The same on a record's own page, where it may be asked for. */
export function RevealField({ item, name, field }: Props) {
  const { t } = useTranslation();
  const text = useText();
  const errorText = useErrorText();
  const { message } = App.useApp();
  const [isAsking, setAsking] = useState(false);
  const [purpose, setPurpose] = useState('');
  const [problem, setProblem] = useState<string>();
  const [busy, setBusy] = useState(false);
  const [shown, setShown] = useState<Data>();
  useEffect(() => {
    if (!shown) return undefined;
    const timer = setTimeout(() => setShown(undefined), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [shown]);
  const label = text(field.label);
  const ask = async () => {
    setBusy(true);
    setProblem(undefined);
    try {
      const { data } = await api.post<{ data: Data }>(`/records/${encodeURIComponent(item.kind)}/${encodeURIComponent(item.id)}/reveal`, { fields: [name], purpose: purpose.trim() });
      setShown(data);
      setAsking(false);
      setPurpose('');
      message.info(t('masked.on_record'));
    } catch (error) {
      setProblem(errorText(error));
    } finally {
      setBusy(false);
    }
  };
  if (shown) return <FieldValue field={field} value={shown[name]} refs={item.refs} />;
  return (
    <span className="inline-field">
      <MaskedValue item={item} name={name} />
      <Tooltip title={t('masked.reveal', { label })}><Button type="text" size="small" className="inline-edit" icon={<EyeOutlined />} aria-label={t('masked.reveal', { label })} onClick={() => setAsking(true)} /></Tooltip>
      <Modal open={isAsking} title={t('masked.reveal', { label })} onCancel={() => setAsking(false)} onOk={() => void ask()} okText={t('masked.show')} cancelText={t('common.cancel')} confirmLoading={busy} okButtonProps={{ disabled: purpose.trim().length < 2 }} destroyOnHidden width={420}>
        <p className="muted form-problems">{t('masked.hint')}</p>
        <Input aria-label={t('masked.purpose')} placeholder={t('masked.purpose')} maxLength={200} value={purpose} onChange={(event) => setPurpose(event.target.value)} onPressEnter={() => purpose.trim().length >= 2 && void ask()} />
        {problem && <div className="input-error" role="alert">{problem}</div>}
      </Modal>
    </span>
  );
}
