// Signing in, and back to the page that asked for it.
import { Alert, Button, Form, Input } from 'antd';
import { getRouteApi, useRouter } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { ApiError } from '../../api/client.ts';
import { useErrorText } from '../../ui/text.ts';
import { PageTitle } from '../../ui/PageHeader.tsx';
import { Brand } from '../../ui/Brand.tsx';
import { LanguageSwitch, ModeSwitch } from '../../ui/Switches.tsx';
import { useSignIn } from './queries.ts';

const route = getRouteApi('/login');

interface Input {
  login: string;
  password: string;
}

export function LoginPage() {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const { next, ended } = route.useSearch();
  const router = useRouter();
  const signIn = useSignIn();
  const { error } = signIn;
  const refused = error instanceof ApiError && error.status === 401;
  const submit = async (input: Input) => {
    try {
      await signIn.mutateAsync(input);
    } catch {
      return;
    }
    // The sign-in route itself sends a person who is signed in to where they wanted to go.
    await router.navigate({ to: '/login', search: { next }, replace: true, ignoreBlocker: true });
    await router.invalidate();
  };
  return (
    <div className="login">
      <PageTitle name={t('login.title')} />
      <div className="login-switches"><LanguageSwitch /><ModeSwitch /></div>
      <div className="login-side" aria-hidden="true">
        <div className="login-pitch">
          <Brand light />
          <p className="login-claim">{t('login.claim')}</p>
          <ul>
            <li>{t('login.point_customers')}</li>
            <li>{t('login.point_clocks')}</li>
            <li>{t('login.point_why')}</li>
          </ul>
        </div>
      </div>
      <main className="login-main">
        <div className="login-box">
          <Brand />
          <h1>{t('login.title')}</h1>
          {ended && !error && <Alert type="info" showIcon title={t('login.ended')} />}
          {error && <Alert type="error" showIcon title={refused ? t('login.refused') : errorText(error)} />}
          <Form<Input> layout="vertical" onFinish={submit} requiredMark={false} size="large">
            <Form.Item name="login" label={t('login.login')} rules={[{ required: true, message: t('form.required', { label: t('login.login') }) }]}>
              <Input autoFocus autoComplete="username" autoCapitalize="none" spellCheck={false} />
            </Form.Item>
            <Form.Item name="password" label={t('login.password')} rules={[{ required: true, message: t('form.required', { label: t('login.password') }) }]}>
              <Input.Password autoComplete="current-password" />
            </Form.Item>
            <Button type="primary" htmlType="submit" block loading={signIn.isPending}>{t('login.submit')}</Button>
          </Form>
        </div>
      </main>
    </div>
  );
}
