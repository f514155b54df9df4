// An address that leads nowhere.
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { PageHeader } from '../ui/PageHeader.tsx';
import { Nothing } from '../ui/states.tsx';

export function NotFound() {
  const { t } = useTranslation();
  return (
    <>
      <PageHeader title={t('error.no_page')} />
      <Nothing title={t('error.no_page_hint')} action={<Link to="/today">{t('nav.today')}</Link>} />
    </>
  );
}
