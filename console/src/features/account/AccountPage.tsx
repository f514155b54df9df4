// One's own account.
import { useTranslation } from 'react-i18next';
import { Alert } from 'antd';
import { useQuery } from '@tanstack/react-query';
import { sessionQuery, useUser } from '../../api/queries.ts';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { Codes } from './Codes.tsx';
import { PasswordForm } from './PasswordForm.tsx';
import { Sessions } from './Sessions.tsx';
import { Tokens } from './Tokens.tsx';

export function AccountPage() {
  const { t } = useTranslation();
  const user = useUser();
  const { data: session } = useQuery(sessionQuery);
  return (
    <>
      <PageHeader title={t('account.title')} note={user && `${user.name} · ${user.login} · ${user.org.name}`} />
      <div className="account">
        {session?.wants && <Alert type="warning" showIcon title={t(`account.wants.${session.wants}`)} />}
        <PasswordForm login={user?.login ?? ''} />
        <Codes />
        <Sessions />
        <Tokens />
      </div>
    </>
  );
}
