// What is installed, and a new package.
import { UploadOutlined } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Alert, App, Button, Switch } from 'antd';
import { useTranslation } from 'react-i18next';
import { ApiError } from '../../api/client.ts';
import type { Plugin } from '../../api/types.ts';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { Failure, Loading, Nothing } from '../../ui/states.tsx';
import { faultText, useErrorText, useText } from '../../ui/text.ts';
import { Upload } from '../../ui/Upload.tsx';
import { Tone } from '../../ui/Tone.tsx';
import { pluginsQuery, useInstall, useSwitch } from './queries.ts';
import { faultOf } from './words.ts';

export const STATE_TONES: Record<Plugin['state'], string> = { enabled: 'good', disabled: 'plain', failed: 'bad' };

export function PluginSwitch({ plugin }: { plugin: Plugin }) {
  const { t } = useTranslation();
  const text = useText();
  const errorText = useErrorText();
  const { modal, message } = App.useApp();
  const turn = useSwitch(plugin.name);
  const isOn = plugin.state === 'enabled';
  const set = async (on: boolean) => {
    try {
      await turn.mutateAsync(on);
      message.success(t(on ? 'plugins.enabled' : 'plugins.disabled', { label: text(plugin.label) }));
    } catch (error) {
      message.error(errorText(error));
    }
  };
  const ask = (on: boolean) => {
    if (on) void set(true);
    else modal.confirm({ title: t('plugins.disable_title', { label: text(plugin.label) }), content: t('plugins.disable_hint'), okText: t('plugins.disable'), okButtonProps: { danger: true }, cancelText: t('common.cancel'), onOk: () => set(false) });
  };
  return <Switch checked={isOn} loading={turn.isPending} onChange={ask} aria-label={t('plugins.switch', { label: text(plugin.label) })} />;
}

function Card({ plugin }: { plugin: Plugin }) {
  const { t, i18n } = useTranslation();
  const text = useText();
  const fault = faultOf(plugin);
  return (
    <li className="plugin-card">
      <div className="plugin-head">
        <span className="plugin-mark" aria-hidden="true">{text(plugin.label).slice(0, 1)}</span>
        <div className="plugin-name">
          <h2><Link to="/plugins/$name" params={{ name: plugin.name }}>{text(plugin.label) || plugin.name}</Link></h2>
          <span className="muted">{plugin.name} · {plugin.version}</span>
        </div>
        <PluginSwitch plugin={plugin} />
      </div>
      <p>{text(plugin.description)}</p>
      {fault && <Alert type="error" showIcon title={faultText(fault, i18n.language)} />}
      <div className="plugin-facts">
        <Tone tone={STATE_TONES[plugin.state]}>{t(`plugins.state.${plugin.state}`)}</Tone>
        <span className={plugin.lag > 100 ? 'warn-text' : 'muted'}>{t('plugins.lag', { n: plugin.lag })}</span>
        {plugin.parked > 0 ? <Link to="/plugins/$name" params={{ name: plugin.name }} search={{ tab: 'parked' }} className="bad-text">{t('plugins.parked', { n: plugin.parked })}</Link> : <span className="muted">{t('plugins.parked', { n: 0 })}</span>}
      </div>
    </li>
  );
}

export function PluginsPage() {
  const { t, i18n } = useTranslation();
  const errorText = useErrorText();
  const text = useText();
  const { message } = App.useApp();
  const { data: plugins, error, refetch } = useQuery(pluginsQuery);
  const install = useInstall();
  const upload = async (file: File) => {
    try {
      const plugin = await install.mutateAsync(file);
      message.success(t('plugins.installed', { label: text(plugin?.label) || file.name, version: plugin?.version ?? '' }));
    } catch {
      // Shown on the page: it may be long, and is needed until the package is mended.
    }
  };
  const refused = install.error;
  return (
    <>
      <PageHeader
        title={t('nav.plugins')}
        note={plugins ? t('list.count', { count: plugins.length }) : undefined}
        actions={<Upload accept=".mpk" label={t('plugins.install')} onFile={(file) => void upload(file)}><Button type="primary" icon={<UploadOutlined />} loading={install.isPending}>{t('plugins.install')}</Button></Upload>}
      />
      {refused && (
        <Alert
          type="error"
          showIcon
          className="banner"
          closable={{ onClose: () => install.reset() }}
          title={t('plugins.refused')}
          description={
            <>
              <p>{errorText(refused)}</p>
              {refused instanceof ApiError && refused.errors.length > 0 && <ul>{refused.errors.map((each) => <li key={`${each.pointer} ${each.code}`}><code>{each.pointer}</code> {faultText(each, i18n.language)}</li>)}</ul>}
            </>
          }
        />
      )}
      {error && !plugins ? <Failure error={error} onRetry={() => void refetch()} /> : !plugins ? <Loading /> : plugins.length === 0 ? <Nothing title={t('plugins.empty')} /> : <ul className="plugin-cards">{plugins.map((plugin) => <Card key={plugin.name} plugin={plugin} />)}</ul>}
    </>
  );
}
