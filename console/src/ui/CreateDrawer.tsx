// A new record of any kind, from the kind's own fields or from the action that creates it.
import { App, Drawer } from 'antd';
import { lazy, Suspense, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from '@tanstack/react-router';
import { records, rehearse, useRefreshRecords } from '../api/queries.ts';
import type { Kind } from '../api/types.ts';
import { kindInputs, schemaInputs } from './form.ts';
import { recordPath } from './RecordLink.tsx';
import { Loading } from './states.tsx';
import { useText } from './text.ts';

const FieldsForm = lazy(() => import('./FieldsForm.tsx').then(({ FieldsForm }) => ({ default: FieldsForm })));

interface Props {
  kind: Kind;
  open: boolean;
  onClose: () => void;
  layout?: (string | string[])[];
}

/** What a create of this kind is asked for: the input of its create action where it has one. */
export function createInputs(kind: Kind) {
  const action = kind.create_action ? kind.actions?.find(({ name }) => name === kind.create_action) : undefined;
  return action ? schemaInputs(action.input, kind) : kindInputs(kind);
}

export function CreateDrawer({ kind, open, onClose, layout }: Props) {
  const { t } = useTranslation();
  const text = useText();
  const navigate = useNavigate();
  const { message, notification } = App.useApp();
  const refresh = useRefreshRecords();
  const fields = useMemo(() => createInputs(kind), [kind]);
  return (
    <Drawer open={open} onClose={onClose} size={560} destroyOnHidden mask={{ closable: false }} title={t('record.new', { label: text(kind.label) })}>
      <Suspense fallback={<Loading />}><FieldsForm
        fields={fields}
        layout={layout}
        autoFocus
        submitLabel={t('common.create')}
        onCancel={onClose}
        asksWhy={!kind.create_action}
        onRehearse={(data, extras) => rehearse.create(kind.kind, data, extras)}
        onSubmit={async (data, extras) => {
          const { item, isNew } = await records.create(kind.kind, data, extras);
          void refresh(kind.kind);
          onClose();
          if (!item?.id) return;
          // A customer who matches one on file is not made twice: the server answers with that one.
          if (!isNew) notification.info({ title: t('record.existing'), description: t('record.existing_hint') });
          else message.success(t('record.created'));
          void navigate({ to: recordPath(item.kind ?? kind.kind, item.id) as never });
        }}
      /></Suspense>
    </Drawer>
  );
}
