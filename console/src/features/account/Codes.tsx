// One-time codes of an authenticator app: switched on with a first code, off with the password.
import { SafetyOutlined } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { Alert, Button, Form, Input, Modal } from 'antd';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { saveFile } from '../../api/client.ts';
import { Panel } from '../../ui/Panel.tsx';
import { Failure, Loading } from '../../ui/states.tsx';
import { useErrorText } from '../../ui/text.ts';
import { Tone } from '../../ui/Tone.tsx';
import { codesQuery, useAccountWrites } from './queries.ts';

const QRCode = lazy(() => import('antd/es/qr-code'));

/** In groups of four, as they are typed off. */
const grouped = (secret: string) => secret.replaceAll(/(.{4})(?=.)/gu, '$1 ');

function Begin({ begun, isBusy, error, onCode, onCancel }: { begun: { secret: string; uri: string }; isBusy: boolean; error?: string; onCode: (code: string) => void; onCancel: () => void }) {
  const { t } = useTranslation();
  return (
    <div className="codes">
      <Suspense fallback={<Loading rows={3} />}><QRCode type="svg" value={begun.uri} size={184} bgColor="#fff" color="#000" aria-label={t('account.qr')} /></Suspense>
      <Form<{ code: string }> layout="vertical" requiredMark={false} onFinish={({ code }) => onCode(code.replaceAll(/\s/gu, ''))}>
        <p>{t('account.scan')}</p>
        <p className="muted">{t('account.type_secret')} <code className="secret">{grouped(begun.secret)}</code></p>
        <Form.Item name="code" label={t('login.code')} validateStatus={error ? 'error' : undefined} help={error} rules={[{ required: true, message: t('form.required', { label: t('login.code') }) }]}>
          <Input autoFocus autoComplete="one-time-code" inputMode="numeric" maxLength={8} className="code-input" />
        </Form.Item>
        <div className="form-actions">
          <Button type="primary" htmlType="submit" loading={isBusy}>{t('account.switch_on')}</Button>
          <Button onClick={onCancel}>{t('common.cancel')}</Button>
        </div>
      </Form>
    </div>
  );
}

function Recovery({ codes, onClose }: { codes: string[]; onClose: () => void }) {
  const { t } = useTranslation();
  const save = () => saveFile('marque-recovery-codes.txt', new Blob([`${codes.join('\n')}\n`], { type: 'text/plain' }));
  return (
    <Modal open title={t('account.recovery')} onCancel={onClose} closable={false} mask={{ closable: false }} keyboard={false} footer={[<Button key="save" onClick={save}>{t('account.save_codes')}</Button>, <Button key="done" type="primary" onClick={onClose}>{t('account.codes_kept')}</Button>]}>
      <p>{t('account.recovery_note')}</p>
      <ul className="recovery">{codes.map((code) => <li key={code}><code>{code}</code></li>)}</ul>
    </Modal>
  );
}

/** Whoever changes how they sign in proves anew who they are. */
function Prove({ title, note, isDanger, isBusy, error, onPassword, onClose }: { title: string; note: string; isDanger?: boolean; isBusy: boolean; error: unknown; onPassword: (password: string) => void; onClose: () => void }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  return (
    <Modal open title={title} onCancel={onClose} footer={null}>
      <Form<{ password: string }> layout="vertical" requiredMark={false} onFinish={({ password }) => onPassword(password)}>
        <p>{note}</p>
        <Form.Item name="password" label={t('account.old')} validateStatus={error ? 'error' : undefined} help={error ? errorText(error) : undefined} rules={[{ required: true, message: t('form.required', { label: t('account.old') }) }]}>
          <Input.Password autoFocus autoComplete="current-password" />
        </Form.Item>
        <Button danger={isDanger} type="primary" htmlType="submit" loading={isBusy}>{title}</Button>
      </Form>
    </Modal>
  );
}

export function Codes() {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const { data, error, refetch } = useQuery(codesQuery);
  const { beginCodes, confirmCodes, endCodes } = useAccountWrites();
  const [begun, setBegun] = useState<{ secret: string; uri: string }>();
  const [recovery, setRecovery] = useState<string[]>();
  const [asks, setAsks] = useState<'begin' | 'end'>();
  const begin = (password: string) => beginCodes.mutateAsync(password).then((told) => { setBegun(told); setAsks(undefined); }, () => undefined);
  const end = (password: string) => endCodes.mutateAsync(password).then(() => setAsks(undefined), () => undefined);
  const ask = (what: 'begin' | 'end') => { beginCodes.reset(); endCodes.reset(); setAsks(what); };
  const confirm = (code: string) => confirmCodes.mutateAsync(code).then((told) => { setBegun(undefined); setRecovery(told.recovery); }, () => undefined);
  const cancel = () => { setBegun(undefined); confirmCodes.reset(); };
  return (
    <Panel title={t('account.codes')} extra={data && <Tone tone={data.is_on ? 'good' : 'warn'}>{data.is_on ? t('account.on') : t('account.off')}</Tone>}>
      {error && !data ? <Failure error={error} onRetry={() => void refetch()} /> : !data ? <Loading rows={2} /> : (
        <>
          {!begun && <p className="muted">{t('account.codes_note')}</p>}
          {data.is_on && data.n_recovery < 3 && <Alert type="warning" showIcon title={t('account.few_recovery', { n: data.n_recovery })} />}
          {begun ? (
            <Begin begun={begun} isBusy={confirmCodes.isPending} error={confirmCodes.error ? errorText(confirmCodes.error) : undefined} onCode={(code) => void confirm(code)} onCancel={cancel} />
          ) : data.is_on ? (
            <div className="form-actions"><Button onClick={() => ask('end')}>{t('account.switch_off')}</Button><span className="muted">{t('account.n_recovery', { n: data.n_recovery })}</span></div>
          ) : (
            <Button type="primary" icon={<SafetyOutlined />} onClick={() => ask('begin')}>{t('account.set_up')}</Button>
          )}
        </>
      )}
      {recovery && <Recovery codes={recovery} onClose={() => setRecovery(undefined)} />}
      {asks === 'begin' && <Prove title={t('account.set_up')} note={t('account.set_up_note')} isBusy={beginCodes.isPending} error={beginCodes.error} onPassword={(password) => void begin(password)} onClose={() => setAsks(undefined)} />}
      {asks === 'end' && <Prove title={t('account.switch_off')} note={t('account.switch_off_note')} isDanger isBusy={endCodes.isPending} error={endCodes.error} onPassword={(password) => void end(password)} onClose={() => setAsks(undefined)} />}
    </Panel>
  );
}
