// The question under a value that is doubtful but possible, with room for the reason.
import { QuestionCircleOutlined } from '@ant-design/icons';
import { Input } from 'antd';
import { useId } from 'react';
import { useTranslation } from 'react-i18next';
import type { FieldError } from '../api/types.ts';
import { faultText } from './text.ts';

interface Props {
  doubt: FieldError;
  reason: string;
  onReason: (reason: string) => void;
  label: string;
  /** Asked again because it was left empty. */
  isMissing?: boolean;
  autoFocus?: boolean;
}

export const MAX_WHY = 500;

export function DoubtQuestion({ doubt, reason, onReason, label, isMissing, autoFocus }: Props) {
  const { t, i18n } = useTranslation();
  const id = useId();
  return (
    <div className="doubt" role="alert">
      <p id={id}><QuestionCircleOutlined aria-hidden /> {faultText(doubt, i18n.language)}</p>
      <Input
        aria-label={t('doubt.reason', { label })}
        aria-describedby={id}
        placeholder={t('doubt.placeholder')}
        value={reason}
        maxLength={MAX_WHY}
        autoFocus={autoFocus}
        status={isMissing ? 'error' : undefined}
        onChange={(event) => onReason(event.target.value)}
      />
      {isMissing && <div className="input-error">{t('doubt.missing')}</div>}
    </div>
  );
}

/** Why a change is made: optional, kept with the revision. */
export function WhyInput({ value, onChange }: { value: string; onChange: (why: string) => void }) {
  const { t } = useTranslation();
  return <Input className="why-input" aria-label={t('form.why')} placeholder={t('form.why_hint')} value={value} maxLength={MAX_WHY} onChange={(event) => onChange(event.target.value)} />;
}
