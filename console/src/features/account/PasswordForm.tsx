// A new password, with the present one as proof.
import { App, Button, Form, Input } from 'antd';
import { useTranslation } from 'react-i18next';
import { ApiError } from '../../api/client.ts';
import { Panel } from '../../ui/Panel.tsx';
import { sortErrors, useErrorText } from '../../ui/text.ts';
import { useAccountWrites } from './queries.ts';

interface Passwords {
  old: string;
  new: string;
  again: string;
}

export function PasswordForm({ login }: { login: string }) {
  const { t, i18n } = useTranslation();
  const errorText = useErrorText();
  const { message } = App.useApp();
  const [form] = Form.useForm<Passwords>();
  const { setPassword } = useAccountWrites();
  const submit = async (typed: Passwords) => {
    try {
      await setPassword.mutateAsync({ old: typed.old, new: typed.new });
    } catch (error) {
      const { fields } = sortErrors(error instanceof ApiError ? error.errors : [], ['old', 'new'], i18n.language);
      if (fields.length > 0) form.setFields(fields as Parameters<typeof form.setFields>[0]);
      else void message.error(errorText(error));
      return;
    }
    form.resetFields();
    void message.success(t('account.password_changed'));
  };
  const required = (label: string) => ({ required: true, message: t('form.required', { label }) });
  return (
    <Panel title={t('account.password')}>
      <Form<Passwords> form={form} layout="vertical" requiredMark={false} onFinish={(typed) => void submit(typed)}>
        {/* Password managers file the new one under the login they find beside it. */}
        <input type="text" name="username" autoComplete="username" value={login} readOnly hidden />
        <Form.Item name="old" label={t('account.old')} rules={[required(t('account.old'))]}>
          <Input.Password autoComplete="current-password" />
        </Form.Item>
        <Form.Item name="new" label={t('account.new')} extra={t('account.new_hint')} rules={[required(t('account.new')), { min: 8, max: 128, message: t('account.new_length') }]}>
          <Input.Password autoComplete="new-password" />
        </Form.Item>
        <Form.Item
          name="again"
          label={t('account.again')}
          dependencies={['new']}
          rules={[required(t('account.again')), ({ getFieldValue }) => ({ validator: (_, value: string) => (value === getFieldValue('new') ? Promise.resolve() : Promise.reject(new Error(t('account.not_same')))) })]}
        >
          <Input.Password autoComplete="new-password" />
        </Form.Item>
        <Button type="primary" htmlType="submit" loading={setPassword.isPending}>{t('account.change_password')}</Button>
        <p className="muted">{t('account.password_note')}</p>
      </Form>
    </Panel>
  );
}
