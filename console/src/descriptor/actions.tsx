// Actions as buttons: a form where the action asks for something, a question where it does not.
import { DownOutlined } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { App, Button, Drawer, Dropdown } from 'antd';
import { lazy, Suspense, useMemo, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from '@tanstack/react-router';
import { kindQuery, records, rehearse, useRefreshRecords, useUser, type Extras } from '../api/queries.ts';
import type { ActionSpec, Data, DryRun, Item, Kind, Text } from '../api/types.ts';
import { fieldInput, kindInputs, prefill, schemaInputs } from '../ui/form.ts';
import { recordPath } from '../ui/RecordLink.tsx';
import { Failure, Loading } from '../ui/states.tsx';
import { useErrorText, useText } from '../ui/text.ts';
import type { FormSpec } from './types.ts';
import { useLinks } from './links.tsx';
import { offeredActions, offeredMoves } from './views.ts';

// Forms come when the first one is opened.
const FieldsForm = lazy(() => import('../ui/FieldsForm.tsx').then(({ FieldsForm }) => ({ default: FieldsForm })));

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
  const offer = useLinks();
  return async (action: ActionSpec, target: string | undefined, input: Data, preview?: string) => {
    const answer = await records.act(kind.kind, target, action.name, input, preview);
    void offer(kind, action, answer?.reply);
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
  quick?: string;
  /** Inputs that are known already. They are sent, and asked for no more. */
  given?: Data;
  onDone: (record: Item | null | undefined) => void;
  onCancel?: () => void;
}

export function ActionForm({ kind, action, target, subject, layout, quick, given, onDone, onCancel }: ActionFormProps) {
  const text = useText();
  const run = useRun(kind);
  const all = useMemo(() => schemaInputs(action.input, kind), [action.input, kind]);
  const known = useMemo((): Data => ({ ...prefill(all, subject?.kind, subject?.id), ...given }), [all, subject?.kind, subject?.id, given]);
  // A quick form asks for what it does not know; others show it, to be changed.
  const fields = useMemo(() => (quick ? all.filter((field) => !Object.hasOwn(known, field.path[0] ?? '')) : all), [all, known, quick]);
  const whole = (input: Data): Data => (quick ? { ...known, ...input } : input);
  return (
    <FieldsForm
      fields={fields}
      layout={layout}
      quick={quick}
      initial={known}
      autoFocus
      submitLabel={text(action.label)}
      onCancel={onCancel}
      onRehearse={(input) => rehearse.act(kind.kind, target?.id, action.name, whole(input))}
      onSubmit={async (input, { preview }) => onDone((await run(action, target?.id, whole(input), preview))?.record)}
    />
  );
}

/** A form view: an action's input, or the fields of a new record where no action is named. */
export function FormBody({ spec, subject, given, onDone, onCancel }: { spec: FormSpec; subject?: Subject; given?: Data; onDone: (record: Item | null | undefined) => void; onCancel?: () => void }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const refresh = useRefreshRecords();
  const { data: kind, error } = useQuery(kindQuery(spec.kind));
  const fields = useMemo(() => (kind ? kindInputs(kind) : []), [kind]);
  const initial = useMemo((): Data => ({ ...prefill(fields, subject?.kind, subject?.id), ...given }), [fields, subject?.kind, subject?.id, given]);
  // A re-read that fails leaves standing what is being typed.
  if (!kind) return error ? <Failure error={error} /> : <Loading />;
  if (spec.action) {
    const action = kind.actions?.find((each) => each.name === spec.action);
    if (!action) return <Failure error={new Error(t('view.no_action', { action: spec.action }))} />;
    return <ActionForm kind={kind} action={action} subject={subject} layout={spec.layout} quick={spec.quick} given={given} onDone={onDone} onCancel={onCancel} />;
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
  given?: Data;
  open: boolean;
  onClose: () => void;
  /** Whether to go to the record that was made. */
  follow?: boolean;
}

export function FormDrawer({ title, spec, subject, given, open, onClose, follow }: DrawerProps) {
  const text = useText();
  const navigate = useNavigate();
  return (
    <Drawer open={open} onClose={onClose} size={560} title={text(title)} destroyOnHidden mask={{ closable: false }}>
      <Suspense fallback={<Loading />}><FormBody
        spec={spec}
        subject={subject}
        given={given}
        onCancel={onClose}
        onDone={(record) => {
          onClose();
          if (follow && record?.id) void navigate({ to: recordPath(record.kind ?? spec.kind, record.id) as never });
        }}
      /></Suspense>
    </Drawer>
  );
}

export interface Offered {
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
export function useOffered(kind: Kind): (item: Item) => Offered[] {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const user = useUser();
  const refresh = useRefreshRecords();
  const runAction = useRun(kind);
  const roles = user?.roles ?? [];
  const actionsOf = (item: Item) =>
    offeredActions(kind, item, roles).map((action): Offered => ({
      key: `action.${action.name}`,
      label: action.label,
      fields: schemaInputs(action.input, kind),
      isDanger: action.style === 'danger',
      isPrimary: action.style === 'primary',
      run: (input, { preview }) => runAction(action, item.id, input, preview),
      rehearse: (input) => rehearse.act(kind.kind, item.id, action.name, input),
    }));
  const movesOf = (item: Item) =>
    offeredMoves(kind, item, roles).map((move): Offered => ({
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
  return (item) => [...actionsOf(item), ...movesOf(item)].sort((one, other) => weight(one) - weight(other));
}

const SHOWN = 3;

/** Runs what is offered: a question where nothing is asked for, else a drawer with a form. */
export function useRunner(kind: Kind, offered: Offered[]): { start: (each: Offered) => void; drawer: ReactNode } {
  const { t } = useTranslation();
  const text = useText();
  const errorText = useErrorText();
  const { modal } = App.useApp();
  const [open, setOpen] = useState<Offered>();
  // The drawer follows the record while it is open: what it runs is what is offered now.
  const current = open && (offered.find(({ key }) => key === open.key) ?? open);
  const start = (each: Offered) => {
    if (each.fields.length > 0) {
      setOpen(each);
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
  const drawer = (
    <Drawer open={current !== undefined} onClose={() => setOpen(undefined)} size={560} title={current ? text(current.label) : ''} destroyOnHidden mask={{ closable: false }}>
      {current && (
        <Suspense fallback={<Loading />}><FieldsForm
          key={`${kind.kind} ${current.key}`}
          fields={current.fields}
          autoFocus
          submitLabel={text(current.label)}
          danger={current.isDanger}
          onCancel={() => setOpen(undefined)}
          asksWhy={current.asksWhy}
          onRehearse={current.rehearse}
          onSubmit={async (input, extras) => {
            await current.run(input, extras);
            setOpen(undefined);
          }}
        /></Suspense>
      )}
    </Drawer>
  );
  return { start, drawer };
}

export function RecordActions({ kind, item, only, except = [] }: { kind: Kind; item: Item; only?: string[]; /** Actions that have a page of their own. */ except?: string[] }) {
  const { t } = useTranslation();
  const text = useText();
  const offered = useOffered(kind)(item).filter(({ key }) => !except.includes(key.slice('action.'.length))).filter(({ key }) => !only || only.some((name) => key === `action.${name}` || key === `move.${name}`));
  const { start, drawer } = useRunner(kind, offered);
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
      {drawer}
    </>
  );
}
