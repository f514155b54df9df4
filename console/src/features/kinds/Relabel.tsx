// What a kind is called in an organisation.
import { App, Button, Drawer, Form } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Kind } from '../../api/types.ts';
import { languages } from './draft.ts';
import { BothLanguages, Refusal } from './parts.tsx';
import { useKindWrites } from './queries.ts';

function Body({ kind, org, onClose }: { kind: Kind; org: string | undefined; onClose: () => void }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const { relabel } = useKindWrites(kind.kind, org);
  const [label, setLabel] = useState(() => languages(kind.label));
  const [plural, setPlural] = useState(() => languages(kind.plural ?? kind.label));
  async function save() {
    if (!label.zh.trim()) return;
    const textOf = ({ zh, en }: { zh: string; en: string }) => ({ 'zh-CN': zh.trim(), en: en.trim() || zh.trim() });
    try {
      await relabel.mutateAsync({ label: textOf(label), plural: textOf(plural.zh.trim() ? plural : label) });
    } catch {
      // Shown above the form.
      return;
    }
    message.success(t('common.saved'));
    onClose();
  }
  return (
    <Form layout="vertical" className="fields-form" onFinish={() => void save()}>
      <Refusal error={relabel.error} />
      <p className="muted form-problems">{t('kinds.relabel_hint')}</p>
      <BothLanguages id="kind-label" label={t('kinds.one')} zh={label.zh} en={label.en} onChange={(next) => setLabel((old) => ({ ...old, ...next }))} fault={label.zh.trim() ? undefined : t('kinds.fault.label')} required autoFocus />
      <BothLanguages id="kind-plural" label={t('kinds.many')} zh={plural.zh} en={plural.en} onChange={(next) => setPlural((old) => ({ ...old, ...next }))} />
      <div className="form-buttons">
        <Button onClick={onClose}>{t('common.cancel')}</Button>
        <Button type="primary" htmlType="submit" loading={relabel.isPending}>{t('common.save')}</Button>
      </div>
    </Form>
  );
}

export function Relabel({ open, ...props }: { kind: Kind; org: string | undefined; open: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  return <Drawer open={open} onClose={props.onClose} size={560} destroyOnHidden title={t('kinds.relabel')} mask={{ closable: false }}><Body {...props} /></Drawer>;
}
