// Taking down what a customer said: a yes with its text and proof, a no with as little as can be.
import { Alert, Input, Modal, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Data, Kind } from '../../api/types.ts';
import { useText } from '../../ui/text.ts';
import { useSending } from '../../ui/useSending.ts';
import { useSay } from './contact.ts';

export interface Saying {
  purpose: string;
  channel?: string;
  state: 'granted' | 'refused' | 'withdrawn';
}

export function SayForm({ customer, kind, saying, onClose }: { customer: string; kind: Kind; saying: Saying; onClose: () => void }) {
  const { t } = useTranslation();
  const text = useText();
  const say = useSay(customer);
  const isYes = saying.state === 'granted';
  const [how, setHow] = useState('in_person');
  const [version, setVersion] = useState('');
  const [proof, setProof] = useState('');
  const { isBusy, problem, send, tell } = useSending();
  const label = (field: string, value: string | undefined) => text(kind.fields[field]?.values?.find((each) => each.value === value)?.label) || value;
  const go = async () => {
    if (isYes && !version.trim()) return tell(t('form.required', { label: text(kind.fields.text_version?.label) }));
    const input: Data = { ...saying, how };
    if (version.trim()) input.text_version = version.trim();
    if (proof.trim()) input.proof = proof.trim();
    if (await send(() => say(input))) onClose();
  };
  const what = [label('purpose', saying.purpose), saying.channel ? label('channel', saying.channel) : ''].filter(Boolean).join(' · ');
  return (
    <Modal open title={t('consent.saying', { say: t(`consent.say.${saying.state}`), what })} onCancel={onClose} onOk={() => void go()} okText={t('common.save')} cancelText={t('common.cancel')} okButtonProps={{ danger: !isYes }} confirmLoading={isBusy} width={480}>
      <div className="say-form">
        <label htmlFor="say-how">{text(kind.fields.how?.label)}</label>
        <Select id="say-how" value={how} onChange={setHow} options={(kind.fields.how?.values ?? []).map((each) => ({ value: each.value, label: text(each.label) }))} />
        {isYes && <>
          <label htmlFor="say-version">{text(kind.fields.text_version?.label)}</label>
          <Input id="say-version" value={version} maxLength={60} placeholder={t('consent.version_example')} onChange={(event) => { setVersion(event.target.value); tell(undefined); }} />
        </>}
        <label htmlFor="say-proof">{text(kind.fields.proof?.label)}</label>
        <Input id="say-proof" value={proof} maxLength={500} placeholder={text(kind.fields.proof?.help)} onChange={(event) => setProof(event.target.value)} />
      </div>
      {!isYes && <Alert type="info" showIcon title={t('consent.at_once')} />}
      {problem && <div className="input-error" role="alert">{problem}</div>}
    </Modal>
  );
}
