// What stands where a value is kept from whoever looks.
import { LockOutlined } from '@ant-design/icons';
import { useTranslation } from 'react-i18next';

/** The hint, or dots where nothing may be said. */
export function Kept({ hint = '••••' }: { hint?: string }) {
  const { t } = useTranslation();
  return <span className="masked"><LockOutlined aria-hidden /> <span className="number">{hint}</span><span className="sr-only">{t('masked.label')}</span></span>;
}
