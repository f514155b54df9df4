// The versions beside the one at work: one that waits for its grants, one to go back to, and the way out.
import { useQuery } from '@tanstack/react-query';
import { Alert, App, Button, Popconfirm } from 'antd';
import { useTranslation } from 'react-i18next';
import { useErrorText, useText } from '../../ui/text.ts';
import { formatTime } from '../../ui/time.ts';
import { exportUrl, pluginQuery, type Shadow, type Standing, useGrant, usePreview, useRefuse, useRollback, useUninstall } from './queries.ts';
import { Table } from '../../ui/Table.tsx';
import { Pre } from '../../ui/Pre.tsx';

function Rights({ title, rights }: { title: string; rights: string[] }) {
  if (rights.length === 0) return null;
  return <p>{title}: {rights.map((right) => <code key={right}>{right} </code>)}</p>;
}

function Differences({ shadow }: { shadow: Shadow }) {
  const { t } = useTranslation();
  if (shadow.n_different === 0) return <p>{t('plugins.preview_same', { n: shadow.n_events })}</p>;
  return (
    <>
      <p>{t('plugins.preview_differs', { n: shadow.n_events, different: shadow.n_different })}</p>
      <Table<Shadow['items'][number]>
        size="small"
        rowKey="seq"
        dataSource={shadow.items}
        scroll={{ x: 720 }}
        pagination={{ defaultPageSize: 5 }}
        columns={[
          { key: 'event', title: t('plugins.event'), width: 200, render: (_, each) => <><code>{each.kind}</code> <span className="muted number">#{each.seq}</span></> },
          { key: 'before', title: t('plugins.before'), render: (_, each) => <Pre>{JSON.stringify(each.before, null, 1)}</Pre> },
          { key: 'after', title: t('plugins.after'), render: (_, each) => <Pre>{JSON.stringify(each.after, null, 1)}</Pre> },
        ]}
      />
    </>
  );
}

/** Tell of an outcome, or of what kept it from coming. */
function useRun() {
  const { message } = App.useApp();
  const errorText = useErrorText();
  return async (work: Promise<unknown>, told?: string) => {
    try {
      await work;
      if (told) message.success(told);
    } catch (error) {
      message.error(errorText(error));
    }
  };
}

export function Waiting({ name }: { name: string }) {
  const { t } = useTranslation();
  const run = useRun();
  const { data } = useQuery(pluginQuery(name));
  const { waiting } = (data ?? {}) as Standing;
  const grant = useGrant(name);
  const refuse = useRefuse(name);
  const preview = usePreview(name);
  if (!waiting) return null;
  const { version } = waiting;
  return (
    <Alert
      type="warning"
      showIcon
      className="banner"
      title={t('plugins.waits', { version })}
      description={
        <>
          <Rights title={t('plugins.waits_more')} rights={waiting.more} />
          <Rights title={t('plugins.waits_less')} rights={waiting.less} />
          {waiting.publisher && <p className="muted">{t('plugins.publisher')}: <code>{waiting.publisher}</code></p>}
          {preview.data && <Differences shadow={preview.data} />}
          <span className="row-buttons">
            <Button loading={preview.isPending} onClick={() => void run(preview.mutateAsync())}>{t('plugins.preview')}</Button>
            <Button type="primary" loading={grant.isPending} onClick={() => void run(grant.mutateAsync(version), t('plugins.granted', { version }))}>{t('plugins.grant')}</Button>
            <Button loading={refuse.isPending} onClick={() => void run(refuse.mutateAsync(), t('plugins.refused_version'))}>{t('plugins.refuse')}</Button>
          </span>
        </>
      }
    />
  );
}

export function Versions({ name }: { name: string }) {
  const { t } = useTranslation();
  const text = useText();
  const run = useRun();
  const { data: plugin } = useQuery(pluginQuery(name));
  const rollback = useRollback(name);
  const uninstall = useUninstall(name);
  if (!plugin) return null;
  const { previous, leaving_at, rests_s, held_back = [], publisher } = plugin as Standing;
  return (
    <>
      {leaving_at && <Alert type="warning" showIcon className="banner" title={t('plugins.leaving', { at: formatTime(leaving_at) })} />}
      {typeof rests_s === 'number' && <Alert type="error" showIcon className="banner" title={t('plugins.resting', { n: rests_s })} />}
      {held_back.length > 0 && <p className="muted">{t('plugins.held_back', { rights: held_back.join('; ') })}</p>}
      {publisher && <p className="muted">{t('plugins.publisher')}: <code>{publisher}</code></p>}
      <span className="row-buttons">
        {previous && (
          <Popconfirm title={t('plugins.rollback_title', { version: previous })} description={t('plugins.rollback_hint')} okText={t('plugins.rollback', { version: previous })} cancelText={t('common.cancel')} onConfirm={() => run(rollback.mutateAsync(), t('plugins.rolled_back', { version: previous }))}>
            <Button size="small">{t('plugins.rollback', { version: previous })}</Button>
          </Popconfirm>
        )}
        <Button size="small" href={exportUrl(name)}>{t('plugins.export')}</Button>
        {!leaving_at && (
          <Popconfirm title={t('plugins.uninstall_title', { label: text(plugin.label) })} description={t('plugins.uninstall_hint')} okText={t('plugins.uninstall')} cancelText={t('common.cancel')} okButtonProps={{ danger: true }} onConfirm={() => run(uninstall.mutateAsync())}>
            <Button size="small" danger>{t('plugins.uninstall')}</Button>
          </Popconfirm>
        )}
      </span>
    </>
  );
}
