// Actions as buttons: a form where the action asks for something, a question where it does not.
import { DownOutlined } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { App, Button, Drawer, Dropdown } from 'antd';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from '@tanstack/react-router';
import { kindQuery, records, rehearse, useRefreshRecords, useUser, type Extras } from '../api/queries.ts';
import type { ActionSpec, Data, DryRun, Item, Kind, Text } from '../api/types.ts';
import { FieldsForm } from '../ui/FieldsForm.tsx';
import { fieldInput, kindInputs, prefill, schemaInputs } from '../ui/form.ts';
import { recordPath } from '../ui/RecordLink.tsx';
import { Failure, Loading } from '../ui/states.tsx';
import { useErrorText, useText } from '../ui/text.ts';
import type { FormSpec } from './types.ts';
import { offeredActions, offeredMoves } from './views.ts';

export interface Subject {
  kind: string;
  id: string;
}

/** Runs an action and lets every open page of the records it may have touched read again. */
function useRun(kind: Kind) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const refresh = useRefreshRecords();
  const text = useText();
  return async (action: ActionSpec, target: string | undefined, input: Data, preview?: string) => {
    const answer = await records.act(kind.kind, target, action.name, input, preview);
    const related = Object.values(kind.fields).flatMap((field) => (field.to ? [field.to] : []));
    void refresh(kind.kind, ...new Set(related));
    message.success(t('action.done', { label: text(action.label) }));
    return answer;
  };
}

interface ActionFormProps {
  kind: Kind;
  action: ActionSpec;
  target?: Item;
  subject?: Subject;
  layout?: FormSpec['layout'];
  onDone: (record: Item | null | undefined) => void;
  onCancel?: () => void;
}

export function ActionForm({ kind, action, target, subject, layout, onDone, onCancel }: ActionFormProps) {
  const text = useText();
  const run = useRun(kind);
  const fields = useMemo(() => schemaInputs(action.input, kind), [action.input, kind]);
  const initial = useMemo(() => prefill(fields, subject?.kind, subject?.id), [fields, subject?.kind, subject?.id]);
  return (
    <FieldsForm
      fields={fields}
      layout={layout}
      initial={initial}
      autoFocus
      submitLabel={text(action.label)}
      onCancel={onCancel}
      onRehearse={(input) => rehearse.act(kind.kind, target?.id, action.name, input)}
      onSubmit={async (input, { preview }) => onDone((await run(action, target?.id, input, preview))?.record)}
    />
  );
}

/** A form view: an action's input, or the fields of a new record where no action is named. */
export function FormBody({ spec, subject, onDone, onCancel }: { spec: FormSpec; subject?: Subject; onDone: (record: Item | null | undefined) => void; onCancel?: () => void }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const refresh = useRefreshRecords();
  const { data: kind, error, isPending } = useQuery(kindQuery(spec.kind));
  const fields = useMemo(() => (kind ? kindInputs(kind) : []), [kind]);
  const initial = useMemo(() => prefill(fields, subject?.kind, subject?.id), [fields, subject?.kind, subject?.id]);
  if (isPending) return <Loading />;
  if (error || !kind) return <Failure error={error} />;
  if (spec.action) {
    const action = kind.actions?.find((each) => each.name === spec.action);
    if (!action) return <Failure error={new Error(t('view.no_action', { action: spec.action }))} />;
    return <ActionForm kind={kind} action={action} subject={subject} layout={spec.layout} onDone={onDone} onCancel={onCancel} />;
  }
  return (
    <FieldsForm
      fields={fields}
      layout={spec.layout}
      initial={initial}
      autoFocus
      submitLabel={t('common.create')}
      onCancel={onCancel}
      asksWhy
      onRehearse={(data, extras) => rehearse.create(kind.kind, data, extras)}
      onSubmit={async (data, extras) => {
        const { item: record } = await records.create(kind.kind, data, extras);
        void refresh(kind.kind);
        message.success(t('record.created'));
        onDone(record);
      }}
    />
  );
}

interface DrawerProps {
  title: Text;
  spec: FormSpec;
  subject?: Subject;
  open: boolean;
  onClose: () => void;
  /** Whether to go to the record that was made. */
  follow?: boolean;
}

export function FormDrawer({ title, spec, subject, open, onClose, follow }: DrawerProps) {
  const text = useText();
  const navigate = useNavigate();
  return (
    <Drawer open={open} onClose={onClose} size={560} title={text(title)} destroyOnHidden mask={{ closable: false }}>
      <FormBody
        spec={spec}
        subject={subject}
        onCancel={onClose}
        onDone={(record) => {
          onClose();
          if (follow && record?.id) void navigate({ to: recordPath(record.kind ?? spec.kind, record.id) as never });
        }}
      />
    </Drawer>
  );
}

interface Offered {
  key: string;
  label: Text;
  fields: ReturnType<typeof schemaInputs>;
  isPrimary?: boolean;
  isDanger?: boolean;
  /** A move keeps the reason with its revision; what an action keeps, its plugin decides. */
  asksWhy?: boolean;
  run: (input: Data, extras: Extras) => Promise<unknown>;
  rehearse: (input: Data, extras: Extras) => Promise<DryRun>;
}

/** Actions and moves of a record as it stands, in one shape. */
function useOffered(kind: Kind, item: Item): Offered[] {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const user = useUser();
  const refresh = useRefreshRecords();
  const runAction = useRun(kind);
  const roles = user?.roles ?? [];
  const actions = offeredActions(kind, item, roles).map((action): Offered => ({
    key: `action.${action.name}`,
    label: action.label,
    fields: schemaInputs(action.input, kind),
    isDanger: action.style === 'danger',
    isPrimary: action.style === 'primary',
    run: (input, { preview }) => runAction(action, item.id, input, preview),
    rehearse: (input) => rehearse.act(kind.kind, item.id, action.name, input),
  }));
  const moves = offeredMoves(kind, item, roles).map((move): Offered => ({
    key: `move.${move.name}`,
    label: move.label,
    fields: (move.needs ?? []).flatMap((name) => {
      const field = kind.fields[name];
      return field && item.data[name] == null ? [{ ...fieldInput(name, field), required: true }] : [];
    }),
    asksWhy: true,
    rehearse: (input, extras) => rehearse.move(kind.kind, item.id, move.name, Object.keys(input).length > 0 ? input : undefined, extras),
    run: async (input, extras) => {
      await records.move(kind.kind, item.id, move.name, Object.keys(input).length > 0 ? input : undefined, extras);
      void refresh(kind.kind);
      message.success(t('common.saved'));
    },
  }));
  // What leads on stands first, what ends things last; otherwise the plugin's order.
  const weight = (each: Offered) => (each.isPrimary ? 0 : each.isDanger ? 2 : 1);
  return [...actions, ...moves].sort((a, b) => weight(a) - weight(b));
}

const SHOWN = 3;

export function RecordActions({ kind, item, only, except = [] }: { kind: Kind; item: Item; only?: string[]; /** Actions that have a page of their own. */ except?: string[] }) {
  const { t } = useTranslation();
  const text = useText();
  const errorText = useErrorText();
  const { modal } = App.useApp();
  const offered = useOffered(kind, item).filter(({ key }) => !except.includes(key.slice('action.'.length))).filter(({ key }) => !only || only.some((name) => key === `action.${name}` || key === `move.${name}`));
  const [openKey, setOpenKey] = useState<string>();
  const open = offered.find(({ key }) => key === openKey);
  const start = (each: Offered) => {
    if (each.fields.length > 0) {
      setOpenKey(each.key);
      return;
    }
    const question = modal.confirm({
      title: text(each.label),
      content: t('action.confirm', { label: text(each.label) }),
      okText: text(each.label),
      cancelText: t('common.cancel'),
      onOk: async () => {
        try {
          await each.run({}, {});
        } catch (error) {
          question.update({ content: <span role="alert" className="input-error">{errorText(error)}</span> });
          throw error;
        }
      },
    });
  };
  const rest = offered.slice(SHOWN);
  return (
    <>
      {offered.slice(0, SHOWN).map((each, index) => (
        <Button key={each.key} type={index === 0 && !each.isDanger ? 'primary' : 'default'} danger={each.isDanger} onClick={() => start(each)}>{text(each.label)}</Button>
      ))}
      {rest.length > 0 && (
        <Dropdown trigger={['click']} menu={{ items: rest.map((each) => ({ key: each.key, label: text(each.label), danger: each.isDanger, onClick: () => start(each) })) }}>
          <Button>{t('action.more')} <DownOutlined /></Button>
        </Dropdown>
      )}
      <Drawer open={open !== undefined} onClose={() => setOpenKey(undefined)} size={560} title={open ? text(open.label) : ''} destroyOnHidden mask={{ closable: false }}>
        {open && (
          <FieldsForm
            key={open.key}
            fields={open.fields}
            autoFocus
            submitLabel={text(open.label)}
            danger={open.isDanger}
            onCancel={() => setOpenKey(undefined)}
            asksWhy={open.asksWhy}
            onRehearse={open.rehearse}
            onSubmit={async (input, extras) => {
              await open.run(input, extras);
              setOpenKey(undefined);
            }}
          />
        )}
      </Drawer>
    </>
  );
}
