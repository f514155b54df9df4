// The views above a list: everything, the saved ones, and what can be done with the one that is open.
import { DownOutlined, LockOutlined, PlusOutlined, StarFilled, TeamOutlined } from '@ant-design/icons';
import { useQueryClient } from '@tanstack/react-query';
import { App, Button, Dropdown, Form, Input, Modal, Switch } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { keys } from '../api/keys.ts';
import { records, useUser } from '../api/queries.ts';
import type { Kind } from '../api/types.ts';
import { useErrorText } from './text.ts';
import { useSending } from './useSending.ts';
import { defaultView, isChanged, patchView, setDefaultView, VIEW_KIND, writeView, type Shown, type View } from './views.ts';

interface Props {
  kind: Kind;
  views: View[];
  active: View | undefined;
  shown: Shown;
  usual: string[];
  onOpen: (view: View | undefined) => void;
}

interface Naming {
  /** The view that gets a new name; none for a new view. */
  view?: View;
  name: string;
  isShared: boolean;
}

function NameDialog({ naming, onCancel, onSave }: { naming: Naming; onCancel: () => void; onSave: (name: string, isShared: boolean) => Promise<void> }) {
  const { t } = useTranslation();
  const [name, setName] = useState(naming.name);
  const [isShared, setShared] = useState(naming.isShared);
  const { isBusy, problem, send, tell } = useSending();
  const save = async () => {
    if (!name.trim()) return tell(t('form.required', { label: t('views.name') }));
    await send(() => onSave(name.trim(), isShared));
  };
  return (
    <Modal open title={naming.view ? t('views.rename') : t('views.save')} onCancel={onCancel} onOk={() => void save()} okText={t('common.save')} cancelText={t('common.cancel')} confirmLoading={isBusy} width={420}>
      <Form layout="vertical" onSubmitCapture={(event) => { event.preventDefault(); void save(); }}>
        <Form.Item label={t('views.name')} htmlFor="view-name" validateStatus={problem ? 'error' : undefined} help={problem}>
          <Input id="view-name" autoFocus maxLength={60} value={name} onChange={(event) => { setName(event.target.value); tell(undefined); }} />
        </Form.Item>
        <label className="switch-line"><Switch checked={isShared} onChange={setShared} aria-label={t('views.shared')} /> {t('views.shared')}</label>
      </Form>
    </Modal>
  );
}

export function SavedViews({ kind, views, active, shown, usual, onOpen }: Props) {
  const { t } = useTranslation();
  const { message, modal } = App.useApp();
  const errorText = useErrorText();
  const client = useQueryClient();
  const user = useUser();
  const [naming, setNaming] = useState<Naming>();
  const [preferred, setPreferred] = useState(() => defaultView(user?.id ?? '', kind.kind));
  const refresh = () => client.invalidateQueries({ queryKey: keys.records(VIEW_KIND) });
  const isMine = active !== undefined && (active.owner === user?.id || active.owner === undefined);
  const isOther = active ? isChanged(active, shown, usual) : Object.keys(shown.filter ?? {}).length > 0 || shown.q !== undefined || shown.columns !== undefined || shown.order !== undefined;
  const run = async (work: () => Promise<unknown>) => {
    try {
      await work();
      await refresh();
      message.success(t('common.saved'));
    } catch (error) {
      message.error(errorText(error));
    }
  };
  const prefer = (id: string | undefined) => {
    setDefaultView(user?.id ?? '', kind.kind, id);
    setPreferred(id);
  };
  const remove = (view: View) =>
    modal.confirm({
      title: t('views.remove_title', { name: view.name }),
      content: view.isShared ? t('views.remove_shared') : undefined,
      okText: t('common.remove'),
      okButtonProps: { danger: true },
      cancelText: t('common.cancel'),
      onOk: () => run(async () => {
        await records.remove(VIEW_KIND, view.id, view.rev);
        if (preferred === view.id) prefer(undefined);
        onOpen(undefined);
      }),
    });
  const save = async (name: string, isShared: boolean) => {
    if (naming?.view) await records.change(VIEW_KIND, naming.view.id, { name, is_shared: isShared }, naming.view.rev);
    else {
      const { item } = await records.create(VIEW_KIND, writeView(kind.kind, name, isShared, shown));
      await refresh();
      // It is as we saved it, even where the answer carries less.
      onOpen({ id: item.id, rev: item.rev, name, isShared, position: 0, filter: shown.filter ?? {}, order: shown.order, columns: shown.columns, search: shown.q, owner: user?.id });
    }
    void refresh();
    setNaming(undefined);
    message.success(t('common.saved'));
  };
  const items = active && [
    ...(isMine ? [{ key: 'rename', label: t('views.rename'), onClick: () => setNaming({ view: active, name: active.name, isShared: active.isShared }) }] : []),
    { key: 'default', label: preferred === active.id ? t('views.no_default') : t('views.default'), onClick: () => prefer(preferred === active.id ? undefined : active.id) },
    ...(isMine ? [{ key: 'remove', danger: true, label: t('common.remove'), onClick: () => remove(active) }] : []),
  ];
  return (
    <nav className="views" aria-label={t('views.title')}>
      <ul>
        <li><button type="button" className={`view ${active ? '' : 'view-active'}`} aria-current={active ? undefined : 'page'} onClick={() => onOpen(undefined)}>{t('views.all')}</button></li>
        {views.map((view) => (
          <li key={view.id}>
            <button type="button" className={`view ${view.id === active?.id ? 'view-active' : ''}`} aria-current={view.id === active?.id ? 'page' : undefined} onClick={() => onOpen(view)}>
              {preferred === view.id && <StarFilled aria-label={t('views.is_default')} />}
              {view.isShared ? <TeamOutlined aria-label={t('views.is_shared')} /> : <LockOutlined aria-label={t('views.is_private')} />}
              {view.name}
            </button>
            {view.id === active?.id && items && (
              <Dropdown trigger={['click']} menu={{ items }}><Button type="text" size="small" icon={<DownOutlined />} aria-label={t('views.more', { name: view.name })} /></Dropdown>
            )}
          </li>
        ))}
      </ul>
      {isOther && (
        <span className="views-save">
          {active && isMine && <Button size="small" onClick={() => void run(() => records.change(VIEW_KIND, active.id, patchView(shown), active.rev))}>{t('views.update')}</Button>}
          <Button size="small" icon={<PlusOutlined />} onClick={() => setNaming({ name: '', isShared: false })}>{t(active ? 'views.save_as' : 'views.save')}</Button>
        </span>
      )}
      {naming && <NameDialog naming={naming} onCancel={() => setNaming(undefined)} onSave={save} />}
    </nav>
  );
}
