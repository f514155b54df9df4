// Signing in, and back to the page that asked for it.
import { useQuery } from '@tanstack/react-query';
import { Alert, Button, Divider, Form, Input } from 'antd';
import { getRouteApi, useRouter } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError } from '../../api/client.ts';
import { faultText, useErrorText } from '../../ui/text.ts';
import { PageTitle } from '../../ui/PageHeader.tsx';
import { Brand } from '../../ui/Brand.tsx';
import { LanguageSwitch, ModeSwitch } from '../../ui/Switches.tsx';
import { OIDC_START, useSignIn, waysQuery } from './queries.ts';

const route = getRouteApi('/login');

interface Input {
  login: string;
  password: string;
}

/** The second step, for who has an authenticator app. */
function CodeForm({ isBusy, onCode, onBack }: { isBusy: boolean; onCode: (code: string) => void; onBack: () => void }) {
  const { t } = useTranslation();
  const [isRecovery, setRecovery] = useState(false);
  const label = isRecovery ? t('login.recovery') : t('login.code');
  return (
    <Form<{ code: string }> key={String(isRecovery)} layout="vertical" onFinish={({ code }) => onCode(code)} requiredMark={false} size="large">
      <Form.Item name="code" label={label} extra={isRecovery ? t('login.recovery_hint') : t('login.code_hint')} rules={[{ required: true, message: t('form.required', { label }) }]}>
        {/* What is pasted may have blanks in it. */}
        <Input autoFocus autoComplete="one-time-code" inputMode={isRecovery ? 'text' : 'numeric'} maxLength={40} spellCheck={false} />
      </Form.Item>
      <Button type="primary" htmlType="submit" block loading={isBusy}>{t('login.submit')}</Button>
      <div className="login-more">
        <Button type="link" onClick={() => setRecovery(!isRecovery)}>{isRecovery ? t('login.use_code') : t('login.use_recovery')}</Button>
        <Button type="link" onClick={onBack}>{t('common.back')}</Button>
      </div>
    </Form>
  );
}

export function LoginPage() {
  const { t, i18n } = useTranslation();
  const errorText = useErrorText();
  const { next, ended, fault } = route.useSearch();
  const router = useRouter();
  const signIn = useSignIn();
  const { data: ways } = useQuery(waysQuery);
  const [proved, setProved] = useState<Input>();
  // Not waited for, and no loss where it fails: the pages ask for it again.
  useEffect(() => void import('../../ui/ahead.ts').catch(() => undefined), []);
  const { error } = signIn;
  const code = error instanceof ApiError ? error.code : undefined;
  const submit = async (input: Input & { code?: string }) => {
    try {
      await signIn.mutateAsync(input);
    } catch (refused) {
      if (refused instanceof ApiError && refused.code === 'session.code_required') setProved(input);
      return;
    }
    // The sign-in route itself sends a person who is signed in to where they wanted to go.
    await router.navigate({ to: '/login', search: { next }, replace: true, ignoreBlocker: true });
    await router.invalidate();
  };
  const refusal = !error || code === 'session.code_required' ? undefined : code === 'session.refused' ? t('login.refused') : errorText(error);
  const fromProvider = fault && !error ? faultText({ code: fault, message: i18n.language === 'en' ? t('login.provider_refused') : '' }, i18n.language) : undefined;
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
          <h1>{proved ? t('login.code_title') : t('login.title')}</h1>
          {ended && !error && <Alert type="info" showIcon title={t('login.ended')} />}
          {fromProvider && <Alert type="error" showIcon title={fromProvider} />}
          {refusal && <Alert type="error" showIcon title={refusal} />}
          {proved ? (
            <CodeForm isBusy={signIn.isPending} onCode={(typed) => void submit({ ...proved, code: typed })} onBack={() => { setProved(undefined); signIn.reset(); }} />
          ) : (
            <Form<Input> layout="vertical" onFinish={submit} requiredMark={false} size="large">
              <Form.Item name="login" label={t('login.login')} rules={[{ required: true, message: t('form.required', { label: t('login.login') }) }]}>
                <Input autoFocus autoComplete="username" autoCapitalize="none" spellCheck={false} />
              </Form.Item>
              <Form.Item name="password" label={t('login.password')} rules={[{ required: true, message: t('form.required', { label: t('login.password') }) }]}>
                <Input.Password autoComplete="current-password" />
              </Form.Item>
              <Button type="primary" htmlType="submit" block loading={signIn.isPending}>{t('login.submit')}</Button>
            </Form>
          )}
          {ways?.oidc && !proved && (
            <>
              <Divider plain>{t('login.or')}</Divider>
              <Button href={OIDC_START} size="large" block>{t('login.with', { label: ways.oidc.label })}</Button>
            </>
          )}
        </div>
      </main>
    </div>
  );
}
