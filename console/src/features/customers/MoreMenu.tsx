// What is done to a customer's file rather than for the customer: merge, copy, erase, remove.
import { DeleteOutlined, EllipsisOutlined, FileProtectOutlined, MergeCellsOutlined, UserDeleteOutlined } from '@ant-design/icons';
import { Link, useNavigate } from '@tanstack/react-router';
import { App, Button, Dropdown } from 'antd';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { titleOf } from '../../api/kind.ts';
import { hasRole } from '../../api/may.ts';
import { records, useRefreshRecords, useUser } from '../../api/queries.ts';
import type { Item, Kind } from '../../api/types.ts';
import { useErrorText } from '../../ui/text.ts';
import { useUndoOffer } from '../../ui/undo.tsx';

const CopyDialog = lazy(() => import('../../ui/CopyDialog.tsx').then(({ CopyDialog }) => ({ default: CopyDialog })));
const EraseDialog = lazy(() => import('../../ui/EraseDialog.tsx').then(({ EraseDialog }) => ({ default: EraseDialog })));

/** Whether one of the customer's actions is offered to the person signed in. */
function useMayAct(kind: Kind) {
  const roles = useUser()?.roles ?? [];
  return (name: string) => {
    const action = kind.actions?.find((each) => each.name === name);
    return action !== undefined && hasRole(action.roles, roles);
  };
}

export function MoreMenu({ kind, item }: { kind: Kind; item: Item }) {
  const { t } = useTranslation();
  const { modal, message } = App.useApp();
  const errorText = useErrorText();
  const navigate = useNavigate();
  const refresh = useRefreshRecords();
  const [open, setOpen] = useState<'erase' | 'copy'>();
  const may = useMayAct(kind);
  const name = titleOf(kind, item);
  const offerUndo = useUndoOffer();
  const remove = () =>
    modal.confirm({
      title: t('record.remove_title', { title: name }),
      content: t('record.remove_hint'),
      okText: t('common.remove'),
      okButtonProps: { danger: true },
      cancelText: t('common.cancel'),
      onOk: async () => {
        try {
          await records.remove(kind.kind, item.id, item.rev);
        } catch (error) {
          message.error(errorText(error));
          return;
        }
        void navigate({ to: '/customers' });
        void refresh(kind.kind);
        offerUndo(t('record.removed', { title: name }), async () => {
          await records.restore(kind.kind, item.id);
          await refresh(kind.kind);
          await navigate({ to: '/customers/$id', params: { id: item.id } });
        });
      },
    });
  const rights = [
    ...(may('export') ? [{ key: 'copy', icon: <FileProtectOutlined />, label: t('copy.menu'), onClick: () => setOpen('copy') }] : []),
    ...(may('erase') ? [{ key: 'erase', danger: true, icon: <UserDeleteOutlined />, label: t('erase.menu'), onClick: () => setOpen('erase') }] : []),
  ];
  return (
    <>
    <Suspense>
      {open === 'copy' && <CopyDialog id={item.id} name={name} onClose={() => setOpen(undefined)} />}
      {open === 'erase' && <EraseDialog id={item.id} name={name} onClose={() => setOpen(undefined)} />}
    </Suspense>
    <Dropdown trigger={['click']} placement="bottomRight" menu={{ items: [{ key: 'merge', icon: <MergeCellsOutlined />, label: <Link to="/customers/$id/merge" params={{ id: item.id }}>{t('merge.menu')}</Link> }, ...rights, { key: 'remove', danger: true, icon: <DeleteOutlined />, label: t('common.remove'), onClick: remove }] }}>
      <Button icon={<EllipsisOutlined />} aria-label={t('action.more')} />
    </Dropdown>
    </>
  );
}
