// Making an organisation below another, changing one, giving it another place.
import { Alert, App, Drawer, Form, Modal, Select } from 'antd';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from '@tanstack/react-router';
import { rehearse } from '../../api/queries.ts';
import type { Data, Item, Kind } from '../../api/types.ts';
import { FieldsForm } from '../../ui/FieldsForm.tsx';
import { fieldInput } from '../../ui/form.ts';
import { useErrorText, useText } from '../../ui/text.ts';
import { difference, orgInputs } from './inputs.ts';
import { useChangeOrg, useCreateOrg } from './queries.ts';
import { placesFor, typesUnder, type OrgNode, type OrgTree } from './tree.ts';

const LAYOUT = [['code', 'name'], ['type'], ['city', 'time_zone'], ['address'], ['phone']];

interface Props {
  kind: Kind;
  open: boolean;
  onClose: () => void;
}

export function CreateBelow({ kind, above, tree, open, onClose }: Props & { above: OrgNode; tree: OrgTree }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const navigate = useNavigate();
  const create = useCreateOrg();
  const fields = useMemo(() => {
    const allowed = typesUnder(tree.types, above.type);
    const type = fieldInput('type', kind.fields.type!);
    return [{ ...type, choices: type.choices?.filter(({ value }) => allowed.includes(String(value))), initial: allowed.length === 1 ? allowed[0] : undefined }, ...orgInputs(kind)];
  }, [kind, tree, above]);
  return (
    <Drawer open={open} onClose={onClose} size={560} destroyOnHidden mask={{ closable: false }} title={t('orgs.create_below', { name: above.name })}>
      <FieldsForm
        fields={fields}
        layout={LAYOUT}
        autoFocus
        submitLabel={t('common.create')}
        onCancel={onClose}
        onRehearse={(data, extras) => rehearse.create('org', { ...data, parent: above.id }, extras)}
        onSubmit={async (data, extras) => {
          const { item } = await create.mutateAsync({ data: { ...data, parent: above.id }, extras });
          message.success(t('record.created'));
          onClose();
          void navigate({ to: '/orgs', search: { id: item.id } });
        }}
      />
    </Drawer>
  );
}

export function EditOrg({ kind, item, open, onClose }: Props & { item: Item }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const change = useChangeOrg();
  const fields = useMemo(() => orgInputs(kind), [kind]);
  const changes = (said: Data) => difference(fields.map(({ path }) => path[0]!), item.data, said);
  return (
    <Drawer open={open} onClose={onClose} size={560} destroyOnHidden mask={{ closable: false }} title={t('orgs.edit', { name: String(item.data.name) })}>
      <FieldsForm
        fields={fields}
        layout={LAYOUT}
        initial={item.data}
        asksWhy
        submitLabel={t('common.save')}
        onCancel={onClose}
        onSubmit={async (said, extras) => {
          await change.mutateAsync({ item, data: changes(said), extras });
          message.success(t('common.saved'));
          onClose();
        }}
      />
    </Drawer>
  );
}

export function MoveOrg({ kind, item, tree, open, onClose }: Props & { item: Item; tree: OrgTree }) {
  const { t } = useTranslation();
  const text = useText();
  const errorText = useErrorText();
  const { message } = App.useApp();
  const change = useChangeOrg();
  const [parent, setParent] = useState<string>();
  const places = placesFor(tree, item.id).filter(({ id }) => id !== item.data.parent);
  const typeOf = (type: string) => text(kind.fields.type?.values?.find(({ value }) => value === type)?.label) || type;
  const move = async () => {
    if (!parent) return;
    try {
      await change.mutateAsync({ item, data: { parent } });
      message.success(t('common.saved'));
      onClose();
    } catch {
      // Shown in the dialog.
    }
  };
  return (
    <Modal open={open} title={t('orgs.move_title', { name: String(item.data.name) })} onCancel={onClose} onOk={() => void move()} okText={t('orgs.move')} cancelText={t('common.cancel')} okButtonProps={{ disabled: !parent }} confirmLoading={change.isPending} destroyOnHidden width={480}>
      <p className="muted form-problems">{t('orgs.move_hint')}</p>
      {change.error && <Alert type="error" showIcon className="form-problems" title={errorText(change.error)} />}
      <Form layout="vertical">
        <Form.Item label={t('orgs.new_place')} htmlFor="org-place">
          <Select id="org-place" showSearch={{ optionFilterProp: 'label' }} value={parent} onChange={setParent} notFoundContent={t('orgs.no_place')} options={places.map((place) => ({ value: place.id, label: `${place.name} · ${typeOf(place.type)}` }))} />
        </Form.Item>
      </Form>
    </Modal>
  );
}
