// Tokens for programs: each with a name, an end, and no more than it needs.
import { PlusOutlined } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { Alert, App, Button, Checkbox, Drawer, Form, Input, Popconfirm, Select, Typography } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError } from '../../api/client.ts';
import { kindsQuery } from '../../api/queries.ts';
import { Ago } from '../../ui/FieldValue.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { Failure, Loading, Nothing } from '../../ui/states.tsx';
import { faultText, useErrorText, useText } from '../../ui/text.ts';
import { formatTime } from '../../ui/time.ts';
import { Tone } from '../../ui/Tone.tsx';
import { openQuery, useAccountWrites, type Open } from './queries.ts';
import { VERBS, type Verb } from '../../ui/rights.ts';
import { addressesOf, entriesOf } from './scopes.ts';

interface Draft {
  name: string;
  days: number;
  isHeld: boolean;
  verbs: Verb[];
  kinds: string[];
  addresses: string;
}

const DAYS = [7, 30, 90, 365];
const START: Draft = { name: '', days: 90, isHeld: true, verbs: ['read'], kinds: [], addresses: '' };

function NewToken({ onMade, onClose }: { onMade: (secret: string) => void; onClose: () => void }) {
  const { t, i18n } = useTranslation();
  const text = useText();
  const errorText = useErrorText();
  const { data: kinds = [] } = useQuery(kindsQuery);
  const { makeToken } = useAccountWrites();
  const [form] = Form.useForm<Draft>();
  const { error } = makeToken;
  // The place that is wrong says more than the refusal as a whole.
  const place = error instanceof ApiError ? error.errors[0] : undefined;
  const isHeld = Form.useWatch('isHeld', form) ?? START.isHeld;
  const submit = async (draft: Draft) => {
    const expires = new Date(Date.now() + draft.days * 86_400_000).toISOString();
    const scopes = draft.isHeld ? entriesOf(draft.verbs, draft.kinds) : [];
    const made = await makeToken.mutateAsync({ name: draft.name, expires_at: expires, scopes, addresses: addressesOf(draft.addresses) }).catch(() => undefined);
    if (made) onMade(made.token);
  };
  return (
    <Drawer open title={t('account.new_token')} onClose={onClose} size={460}>
      <Form<Draft> form={form} layout="vertical" requiredMark={false} initialValues={START} onFinish={(draft) => void submit(draft)}>
        {error && <Form.Item><Alert type="error" showIcon title={place ? faultText(place, i18n.language) : errorText(error)} /></Form.Item>}
        <Form.Item name="name" label={t('account.token_name')} extra={t('account.token_name_hint')} rules={[{ required: true, whitespace: true, message: t('form.required', { label: t('account.token_name') }) }]}>
          <Input maxLength={100} autoFocus />
        </Form.Item>
        <Form.Item name="days" label={t('account.token_days')}>
          <Select options={DAYS.map((days) => ({ value: days, label: t('account.days', { n: days }) }))} />
        </Form.Item>
        <Form.Item name="isHeld" valuePropName="checked" extra={t('account.held_hint')}>
          <Checkbox>{t('account.held')}</Checkbox>
        </Form.Item>
        {isHeld && (
          <>
            <Form.Item name="verbs" label={t('account.verbs')} rules={[{ validator: (_, verbs: Verb[] | undefined) => (verbs?.length ? Promise.resolve() : Promise.reject(new Error(t('form.required', { label: t('account.verbs') })))) }]}>
              <Checkbox.Group options={VERBS.map((verb) => ({ value: verb, label: t(`account.verb.${verb}`) }))} />
            </Form.Item>
            <Form.Item name="kinds" label={t('account.kinds')} extra={t('account.kinds_hint')}>
              <Select mode="multiple" optionFilterProp="label" options={kinds.map(({ kind, label }) => ({ value: kind, label: text(label) || kind }))} />
            </Form.Item>
          </>
        )}
        <Form.Item name="addresses" label={t('account.addresses')} extra={t('account.addresses_hint')}>
          <Input.TextArea rows={2} placeholder="10.0.0.0/8" spellCheck={false} />
        </Form.Item>
        <Button type="primary" htmlType="submit" loading={makeToken.isPending}>{t('common.create')}</Button>
      </Form>
    </Drawer>
  );
}

function Row({ token, onEnd }: { token: Open; onEnd: () => void }) {
  const { t } = useTranslation();
  return (
    <li className="account-row">
      <span>
        <strong>{token.name}</strong>{' '}
        <span className="tags">
          {token.scopes?.length ? token.scopes.map((entry) => <Tone key={entry}>{entry}</Tone>) : <Tone tone="warn">{t('account.all_rights')}</Tone>}
          {token.addresses?.map((address) => <Tone key={address} tone="info">{address}</Tone>)}
        </span>
      </span>
      <span className="muted">{t('account.seen')} <Ago at={token.seen_at} /> · {t('account.until', { at: formatTime(token.expires_at, 'date') })}</span>
      <Popconfirm title={t('account.end_token')} onConfirm={onEnd}><Button size="small" danger>{t('account.end')}</Button></Popconfirm>
    </li>
  );
}

export function Tokens() {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const { message } = App.useApp();
  const { data, error, refetch } = useQuery(openQuery);
  const { end } = useAccountWrites();
  const [isMaking, setMaking] = useState(false);
  const [secret, setSecret] = useState<string>();
  const tokens = data?.filter(({ kind }) => kind === 'token');
  const add = <Button size="small" icon={<PlusOutlined />} onClick={() => setMaking(true)}>{t('account.new_token')}</Button>;
  return (
    <Panel title={t('account.tokens')} extra={add} flush>
      {secret && <Alert className="account-secret" type="success" showIcon closable={{ onClose: () => setSecret(undefined) }} title={t('account.token_made')} description={<Typography.Text code copyable>{secret}</Typography.Text>} />}
      {error && !tokens ? <Failure error={error} onRetry={() => void refetch()} /> : !tokens ? <Loading rows={2} /> : tokens.length === 0 ? <Nothing title={t('account.no_tokens')} hint={t('account.no_tokens_hint')} /> : (
        <ul className="account-rows">{tokens.map((token) => <Row key={token.id} token={token} onEnd={() => void end.mutateAsync(token.id).catch((refused: unknown) => void message.error(errorText(refused)))} />)}</ul>
      )}
      {isMaking && <NewToken onClose={() => setMaking(false)} onMade={(made) => { setMaking(false); setSecret(made); }} />}
    </Panel>
  );
}
