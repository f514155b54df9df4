// One kind: its fields in their order, those of the organisation's own, their words and values.
import { EditOutlined, LeftOutlined, PlusOutlined } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { App, Button } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { kindsQuery, useUser } from '../../api/queries.ts';
import type { Field, Kind } from '../../api/types.ts';
import { OrgSelect } from '../../ui/OrgSelect.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { RefTitle } from '../../ui/RecordLink.tsx';
import { Failure, Loading } from '../../ui/states.tsx';
import { useErrorText, useText } from '../../ui/text.ts';
import { Tone } from '../../ui/Tone.tsx';
import { AddField } from './AddField.tsx';
import { flagsOf } from './draft.ts';
import { EditField } from './EditField.tsx';
import { kindInQuery, useKindWrites } from './queries.ts';
import { Relabel } from './Relabel.tsx';
import { Table } from '../../ui/Table.tsx';

const route = getRouteApi('/shell/kinds/$kind');

function TypeOf({ field }: { field: Field }) {
  const { t } = useTranslation();
  const text = useText();
  const { data: kinds = [] } = useQuery(kindsQuery);
  const labelOf = (name: string) => text(kinds.find(({ kind }) => kind === name)?.label) || name;
  return (
    <span className="field-type">
      {t(`field.type.${field.derived ?? field.type}`)}
      {field.to && <span className="muted"> → {labelOf(field.to)}</span>}
      {field.derived && <span className="muted"> · {t(`field.type.${field.type}`)}</span>}
      {field.rollup && <span className="muted field-detail">{t('kinds.rollup_of', { fn: t(`field.fn.${field.rollup.fn}`), kind: labelOf(field.rollup.kind) })}</span>}
      {field.script && <Link to={`/scripts/${field.script}` as never} className="field-detail">{t('kinds.script')}</Link>}
      {(field.values?.length ?? 0) > 0 && !field.derived && <span className="muted field-detail">{field.values!.filter(({ retired }) => !retired).slice(0, 4).map(({ label }) => text(label)).join(t('common.comma'))}{field.values!.length > 4 ? '…' : ''}</span>}
    </span>
  );
}

function Source({ kind, field }: { kind: Kind; field: Field }) {
  const { t } = useTranslation();
  if (field.custom) return <Tone tone="info">{t('kinds.own')}{field.org && <> · <RefTitle kind="org" id={field.org} /></>}</Tone>;
  return <span className="muted">{kind.plugin ? t('kinds.by_plugin', { plugin: kind.plugin }) : t('kinds.by_core')}</span>;
}

interface Row {
  name: string;
  field: Field;
}

function Fields({ kind, org }: { kind: Kind; org: string | undefined }) {
  const { t } = useTranslation();
  const text = useText();
  const errorText = useErrorText();
  const { modal, message } = App.useApp();
  const writes = useKindWrites(kind.kind, org);
  const [edited, setEdited] = useState<Row>();
  const retire = (row: Row) =>
    modal.confirm({
      title: t('kinds.retire_title', { label: text(row.field.label) }),
      content: t('kinds.retire_hint'),
      okText: t('kinds.retire'),
      okButtonProps: { danger: true },
      cancelText: t('common.cancel'),
      onOk: async () => {
        try {
          await writes.retire.mutateAsync(row.name);
          message.success(t('common.saved'));
        } catch (error) {
          message.error(errorText(error));
        }
      },
    });
  const bringBack = async (row: Row) => {
    try {
      await writes.change.mutateAsync({ name: row.name, retired: false });
      message.success(t('common.saved'));
    } catch (error) {
      message.error(errorText(error));
    }
  };
  return (
    <>
      <Table<Row>
        size="medium"
        rowKey="name"
        pagination={false}
        scroll={{ x: 900 }}
        dataSource={Object.entries(kind.fields).map(([name, field]) => ({ name, field }))}
        rowClassName={({ field }) => (field.retired ? 'field-retired' : '')}
        columns={[
          { key: 'label', title: t('kinds.label'), width: 190, fixed: 'left', render: (_, { name, field }) => <span className="field-name"><strong>{text(field.label)}</strong><code className="muted">{name}</code></span> },
          { key: 'type', title: t('kinds.type'), render: (_, { field }) => <TypeOf field={field} /> },
          { key: 'flags', title: t('kinds.flags'), width: 230, render: (_, { field }) => <span className="tags">{field.retired && <Tone tone="warn">{t('kinds.retired')}</Tone>}{flagsOf(field).map((flag) => <Tone key={flag}>{t(`field.flag.${flag}`)}</Tone>)}</span> },
          { key: 'source', title: t('kinds.source'), width: 190, render: (_, { field }) => <Source kind={kind} field={field} /> },
          {
            key: 'do', title: t('kinds.what'), width: 170,
            render: (_, row) => (
              <span className="row-buttons">
                <Button size="small" icon={<EditOutlined />} aria-label={t('record.edit_field', { label: text(row.field.label) })} onClick={() => setEdited(row)}>{t('kinds.edit')}</Button>
                {row.field.custom && !row.field.retired && <Button size="small" danger onClick={() => retire(row)}>{t('kinds.retire')}</Button>}
                {row.field.custom && row.field.retired && <Button size="small" onClick={() => void bringBack(row)}>{t('kinds.bring_back')}</Button>}
              </span>
            ),
          },
        ]}
      />
      <EditField kind={kind} org={org} row={edited} onClose={() => setEdited(undefined)} />
    </>
  );
}

export function KindPage() {
  const { t } = useTranslation();
  const text = useText();
  const user = useUser();
  const { kind: name } = route.useParams();
  const { org } = route.useSearch();
  const navigate = route.useNavigate();
  const { data: kind, error, refetch } = useQuery(kindInQuery(name, org));
  const [open, setOpen] = useState<'add' | 'relabel'>();
  if (!kind) return error ? <Failure error={error} onRetry={() => void refetch()} /> : <Loading rows={12} />;
  return (
    <>
      <PageHeader
        title={text(kind.plural ?? kind.label)}
        note={<code>{kind.kind}</code>}
        back={<Link to="/kinds" className="back" aria-label={t('common.back')}><LeftOutlined /></Link>}
        actions={
          <>
            <OrgSelect value={org ?? user?.org.id} onChange={(next) => void navigate({ search: { org: next === user?.org.id ? undefined : next } })} />
            <Button onClick={() => setOpen('relabel')}>{t('kinds.relabel')}</Button>
            <Button type="primary" icon={<PlusOutlined />} onClick={() => setOpen('add')}>{t('kinds.add')}</Button>
          </>
        }
      />
      <p className="page-lead">{t('kinds.lead')}</p>
      <Panel flush><Fields kind={kind} org={org} /></Panel>
      <AddField kind={kind} org={org} open={open === 'add'} onClose={() => setOpen(undefined)} />
      <Relabel kind={kind} org={org} open={open === 'relabel'} onClose={() => setOpen(undefined)} />
    </>
  );
}
