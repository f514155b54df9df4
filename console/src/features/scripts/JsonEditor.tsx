// JSON typed by hand: what is valid is passed on, what is not is told and kept.
import { Input } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Json } from '../../api/types.ts';

export function JsonEditor({ value, onChange, label, rows = 4 }: { value: Json | undefined; onChange: (value: Json) => void; label: string; rows?: number }) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState<string>();
  const [isWrong, setWrong] = useState(false);
  return (
    <>
      <Input.TextArea
        aria-label={label}
        className="code-text"
        spellCheck={false}
        autoSize={{ minRows: rows, maxRows: 16 }}
        status={isWrong ? 'error' : undefined}
        value={typed ?? (value === undefined ? '' : JSON.stringify(value, null, 2))}
        onChange={(event) => {
          setTyped(event.target.value);
          try {
            onChange(JSON.parse(event.target.value || 'null') as Json);
            setWrong(false);
          } catch {
            setWrong(true);
          }
        }}
        onBlur={() => !isWrong && setTyped(undefined)}
      />
      {isWrong && <div className="input-error" role="alert">{t('form.json_invalid')}</div>}
    </>
  );
}
