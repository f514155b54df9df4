// A field shown with a pencil beside it; its editor comes when the first one is pressed.
import { EditOutlined } from '@ant-design/icons';
import { Button } from 'antd';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { FieldValue } from './FieldValue.tsx';
import type { Props } from './InlineEditor.tsx';
import { useText } from './text.ts';

const InlineEditor = lazy(() => import('./InlineEditor.tsx').then(({ InlineEditor }) => ({ default: InlineEditor })));

export function InlineField(props: Props) {
  const { t } = useTranslation();
  const text = useText();
  const [isOpen, setOpen] = useState(false);
  const { item, name, field } = props;
  if (isOpen) return <Suspense fallback={<FieldValue field={field} value={item.data[name]} refs={item.refs} />}><InlineEditor {...props} onClose={() => setOpen(false)} /></Suspense>;
  return (
    <span className="inline-field">
      <FieldValue field={field} value={item.data[name]} refs={item.refs} />
      <Button type="text" size="small" className="inline-edit" icon={<EditOutlined />} aria-label={t('record.edit_field', { label: text(field.label) })} onClick={() => setOpen(true)} />
    </span>
  );
}
