// One plugin: what it may, how it is set, what it logged, what it could not do.
import { LeftOutlined } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { Alert, App } from 'antd';
import { lazy, Suspense, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { useUser } from '../../api/queries.ts';
import type { Json } from '../../api/types.ts';
import { schemaInputs } from '../../ui/form.ts';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { Sections } from '../../ui/Sections.tsx';
import { Failure, Loading, Nothing } from '../../ui/states.tsx';
import { faultText, useText } from '../../ui/text.ts';
import { formatTime } from '../../ui/time.ts';
import { Tone } from '../../ui/Tone.tsx';
import { PluginSwitch, STATE_TONES } from './PluginsPage.tsx';
import { logsQuery, pluginQuery, useSettings } from './queries.ts';
import { faultOf, logLevel, rights } from './words.ts';
import { Table } from '../../ui/Table.tsx';
import type { PluginDetail, PluginLog } from './types.ts';

const ParkedList = lazy(() => import('../../ui/ParkedList.tsx').then(({ ParkedList }) => ({ default: ParkedList })));
const FieldsForm = lazy(() => import('../../ui/FieldsForm.tsx').then(({ FieldsForm }) => ({ default: FieldsForm })));
const Pages = lazy(() => import('./Pages.tsx').then(({ Pages }) => ({ default: Pages })));
const Versions = lazy(() => import('./Versions.tsx').then(({ Versions }) => ({ default: Versions })));
const Waiting = lazy(() => import('./Versions.tsx').then(({ Waiting }) => ({ default: Waiting })));

const route = getRouteApi('/shell/plugins/$name');

function Rights({ plugin }: { plugin: PluginDetail }) {
  const { t } = useTranslation();
  const owns = plugin.owns ?? ([...(plugin.kinds ?? []), ...(plugin.points ?? [])] as Json);
  const groups = [
    { key: 'hears', items: rights(plugin.hears) },
    { key: 'reads', items: rights(plugin.reads) },
    { key: 'asks', items: rights(plugin.asks) },
    { key: 'owns', items: rights(owns) },
  ] as const;
  return (
    <div className="rights">
      {groups.map(({ key, items }) => (
        <section key={key}>
          <h3>{t(`plugins.${key}`)}</h3>
          <p className="muted">{t(`plugins.${key}_hint`)}</p>
          {items.length === 0 ? <p className="muted">{t('plugins.nothing')}</p> : <ul>{items.map(({ name, filter }) => <li key={name + (filter ?? '')}><code>{name}</code>{filter && <code className="muted"> {filter}</code>}</li>)}</ul>}
        </section>
      ))}
    </div>
  );
}

function Settings({ plugin }: { plugin: PluginDetail }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const user = useUser();
  const save = useSettings(plugin.name, user?.org.id);
  const fields = useMemo(() => schemaInputs(plugin.settings_schema), [plugin.settings_schema]);
  if (fields.length === 0) return <Nothing title={t('plugins.no_settings')} />;
  return (
    <div className="settings">
      <p className="muted">{t('plugins.settings_for', { org: user?.org.name ?? '' })}</p>
      <Suspense fallback={<Loading rows={4} />}><FieldsForm
        fields={fields}
        initial={plugin.settings ?? {}}
        submitLabel={t('common.save')}
        onSubmit={async (values) => {
          await save.mutateAsync(values);
          message.success(t('common.saved'));
        }}
      /></Suspense>
    </div>
  );
}

const LEVEL_TONES: Record<string, string> = { error: 'bad', warn: 'warn', info: 'info' };

function Logs({ name }: { name: string }) {
  const { t } = useTranslation();
  const { data: logs, error, refetch } = useQuery(logsQuery(name));
  if (error && !logs) return <Failure error={error} onRetry={() => void refetch()} />;
  if (!logs) return <Loading />;
  if (logs.length === 0) return <Nothing title={t('plugins.no_logs')} />;
  // A plugin may say the same twice within a moment.
  const lines = logs.map((line, index) => ({ ...line, key: `${logs.length - index}` }));
  return (
    <>
    <p className="muted">{t('plugins.logs_hint', { n: logs.length })}</p>
    <Table<PluginLog & { key: string }>
      size="small"
      rowKey="key"
      label={t('plugins.logs')}
      dataSource={lines}
      scroll={{ x: 640 }}
      pagination={{ defaultPageSize: 25 }}
      columns={[
        { key: 'at', title: t('plugins.log_at'), width: 170, render: (_, line) => <span className="number">{formatTime(line.at, 'seconds')}</span> },
        { key: 'level', title: t('plugins.log_level'), width: 90, render: (_, line) => <Tone tone={LEVEL_TONES[logLevel(line.level)]}>{logLevel(line.level)}</Tone> },
        { key: 'message', title: t('plugins.log_message'), render: (_, line) => <span>{line.message} {line.fields != null && Object.keys(line.fields).length > 0 && <code className="muted">{JSON.stringify(line.fields)}</code>}</span> },
      ]}
    />
    </>
  );
}

export function PluginPage() {
  const { t, i18n } = useTranslation();
  const text = useText();
  const { name } = route.useParams();
  const { tab = 'rights' } = route.useSearch();
  const navigate = route.useNavigate();
  const { data: plugin, error, refetch } = useQuery(pluginQuery(name));
  if (!plugin) return error ? <Failure error={error} onRetry={() => void refetch()} /> : <Loading rows={10} />;
  const fault = faultOf(plugin);
  return (
    <>
      <PageHeader
        title={text(plugin.label) || plugin.name}
        note={`${plugin.name} · ${plugin.version}`}
        back={<Link to="/plugins" className="back" aria-label={t('common.back')}><LeftOutlined /></Link>}
        tags={<Tone tone={STATE_TONES[plugin.state]}>{t(`plugins.state.${plugin.state}`)}</Tone>}
        actions={<PluginSwitch plugin={plugin} />}
      />
      {fault && <Alert type="error" showIcon className="banner" title={faultText(fault, i18n.language)} />}
      <Suspense><Waiting name={name} /></Suspense>
      {plugin.description && <p className="page-lead">{text(plugin.description)}</p>}
      <dl className="facts">
        <div><dt>{t('plugins.lag_label')}</dt><dd>{plugin.lag}</dd></div>
        <div className={plugin.parked > 0 ? 'fact-bad' : ''}><dt>{t('plugins.parked_label')}</dt><dd>{plugin.parked}</dd></div>
        {typeof plugin.calls === 'number' && <div><dt>{t('plugins.calls_label')}</dt><dd>{plugin.calls.toLocaleString(i18n.language)}</dd></div>}
      </dl>
      <Suspense fallback={<Loading rows={2} />}><Versions name={name} /></Suspense>
      <Panel className="panel-tabs">
        <Sections
          active={tab}
          onChange={(key) => void navigate({ search: { tab: key }, replace: true })}
          items={[
            { key: 'rights', label: t('plugins.rights'), children: <Rights plugin={plugin} /> },
            { key: 'settings', label: t('plugins.settings'), children: <Settings key={name} plugin={plugin} /> },
            ...(plugin.pages?.length ? [{ key: 'pages', label: t('pages.title'), children: <Suspense fallback={<Loading />}><Pages plugin={plugin} /></Suspense> }] : []),
            { key: 'logs', label: t('plugins.logs'), children: <Logs name={name} /> },
            { key: 'parked', label: t('plugins.parked_tab', { n: plugin.parked }), children: <Suspense fallback={<Loading />}><ParkedList of={`/plugins/${encodeURIComponent(name)}`} root="plugins" /></Suspense> },
          ]}
        />
      </Panel>
    </>
  );
}
