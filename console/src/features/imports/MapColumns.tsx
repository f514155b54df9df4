// The second step: which column is which field, with the first rows to see by.
import { SaveOutlined } from '@ant-design/icons';
import { Alert, App, Button, Input, Modal, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Kind } from '../../api/types.ts';
import { Panel } from '../../ui/Panel.tsx';
import { useErrorText, useText } from '../../ui/text.ts';
import { imports } from './queries.ts';
import { Table } from '../../ui/Table.tsx';
import type { Inspection, SavedMapping } from './types.ts';

interface Props {
  kind: Kind;
  inspection: Inspection;
  file: File;
  onPreview: (mapping: Record<string, string | null>, key: string | undefined) => Promise<void>;
  onBack: () => void;
}

/** Fields that two columns claim: the later would silently win. */
export function claimedTwice(mapping: Record<string, string | null>): string[] {
  const fields = Object.values(mapping).filter((field): field is string => field !== null);
  return [...new Set(fields.filter((field, index) => fields.indexOf(field) !== index))];
}

/** A mapping worked out once is offered again for files with the same columns. */
function SaveMapping({ kind, suggestion, mapping, keyField }: { kind: string; suggestion: string; mapping: Record<string, string | null>; keyField: string | undefined }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const { message } = App.useApp();
  const [name, setName] = useState<string>();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  const save = async () => {
    if (!name?.trim()) return;
    setBusy(true);
    setProblem(undefined);
    try {
      await imports.saveMapping(kind, name.trim(), mapping, keyField);
      message.success(t('import.mapping_saved'));
      setName(undefined);
    } catch (error) {
      setProblem(errorText(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <Button size="small" icon={<SaveOutlined />} onClick={() => setName(suggestion)}>{t('import.save_mapping')}</Button>
      <Modal open={name !== undefined} title={t('import.save_mapping')} onCancel={() => setName(undefined)} onOk={() => void save()} okText={t('common.save')} cancelText={t('common.cancel')} confirmLoading={busy} okButtonProps={{ disabled: !name?.trim() }} width={420}>
        <p className="muted form-problems">{t('import.save_mapping_hint')}</p>
        <Input aria-label={t('import.mapping_name')} placeholder={t('import.mapping_name')} maxLength={100} value={name ?? ''} onChange={(event) => setName(event.target.value)} onPressEnter={() => void save()} />
        {problem && <div className="input-error" role="alert">{problem}</div>}
      </Modal>
    </>
  );
}

export function MapColumns({ kind, inspection, file, onPreview, onBack }: Props) {
  const { t, i18n } = useTranslation();
  const text = useText();
  const errorText = useErrorText();
  const [mapping, setMapping] = useState<Record<string, string | null>>(() => Object.fromEntries(inspection.headers.map((header) => [header, inspection.mapping[header] ?? null])));
  const [key, setKey] = useState<string>();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  const fields = Object.entries(kind.fields).filter(([name, field]) => !field.readonly && (field.type !== 'json' || Object.values(inspection.mapping).includes(name)));
  // Rows may say whose they are where something tells them apart in the whole brand.
  const saysOrg = !['customer', 'org'].includes(kind.kind) && kind.fields.org === undefined && Object.values(kind.fields).some(({ unique }) => unique === 'brand');
  const labelOf = (name: string) => text(kind.fields[name]?.label) || (name === 'org' ? t('common.org') : name);
  const twice = claimedTwice(mapping);
  const used = Object.values(mapping).filter((field) => field !== null);
  const missing = fields.filter(([name, field]) => field.required && field.default === undefined && !used.includes(name)).map(([name]) => labelOf(name));
  const guessed = inspection.headers.filter((header) => inspection.mapping[header]).length;
  const saved = inspection.mappings ?? [];
  const use = (one: SavedMapping) => {
    setMapping((old) => ({ ...old, ...Object.fromEntries(Object.entries(one.mapping).filter(([header]) => header in old)) }));
    setKey(one.key ?? undefined);
  };
  async function go() {
    setBusy(true);
    setProblem(undefined);
    try {
      await onPreview(mapping, key);
    } catch (error) {
      setProblem(errorText(error));
      setBusy(false);
    }
  }
  return (
    <Panel
      title={file.name}
      extra={<span className="muted">{[inspection.format.toUpperCase(), inspection.encoding, t('import.rows', { n: inspection.total.toLocaleString(i18n.language) })].filter(Boolean).join(' · ')}</span>}
    >
      <div className="map-bar">
        <p>{t('import.guessed', { n: guessed, of: inspection.headers.length })}</p>
        {saved.length > 0 && <Select aria-label={t('import.use_mapping')} placeholder={t('import.use_mapping')} className="map-saved" onChange={(id: string) => use(saved.find((each) => each.id === id)!)} options={saved.map((each) => ({ value: each.id, label: each.name }))} />}
        <SaveMapping kind={kind.kind} suggestion={file.name.replace(/\.[^.]+$/u, '')} mapping={mapping} keyField={key} />
      </div>
      {twice.length > 0 && <Alert type="error" showIcon className="form-problems" title={t('import.twice', { fields: twice.map(labelOf).join(t('common.comma')) })} />}
      {missing.length > 0 && <Alert type="warning" showIcon className="form-problems" title={t('import.missing', { fields: missing.join(t('common.comma')) })} />}
      {problem && <Alert type="error" showIcon className="form-problems" title={problem} />}
      <Table
        className="map-table"
        size="small"
        pagination={false}
        rowKey={(row) => String(row.at)}
        scroll={{ x: inspection.headers.length * 180, y: 360 }}
        dataSource={inspection.rows.map((cells, at) => ({ at, cells }))}
        columns={inspection.headers.map((header, index) => ({
          key: header,
          width: 180,
          ellipsis: true,
          title: (
            <div className="map-head">
              <span>{header || t('import.no_header', { n: index + 1 })}</span>
              <Select
                aria-label={t('import.field_for', { header })}
                allowClear
                showSearch={{ optionFilterProp: 'label' }}
                placeholder={t('import.skip')}
                status={mapping[header] && twice.includes(mapping[header]) ? 'error' : undefined}
                value={mapping[header] ?? undefined}
                onChange={(next: string | undefined) => setMapping((old) => ({ ...old, [header]: next ?? null }))}
                options={[...fields.map(([name]) => name), ...(saysOrg ? ['org'] : [])].map((name) => ({ value: name, label: labelOf(name) }))}
              />
            </div>
          ),
          render: (_: unknown, row: { cells: unknown[] }) => <span className={mapping[header] ? '' : 'muted'}>{String(row.cells[index] ?? '')}</span>,
        }))}
      />
      <div className="form-buttons form-buttons-split">
        <span className="map-key">
          <label htmlFor="import-key">{t('import.key')}</label>
          <Select id="import-key" allowClear placeholder={t('import.key_auto')} value={key} onChange={setKey} options={fields.filter(([name, field]) => used.includes(name) && (field.indexed || field.unique)).map(([name]) => ({ value: name, label: labelOf(name) }))} />
        </span>
        <span className="form-buttons">
          <Button onClick={onBack}>{t('common.back')}</Button>
          <Button type="primary" loading={busy} disabled={twice.length > 0 || used.length === 0} onClick={() => void go()}>{t('import.preview')}</Button>
        </span>
      </div>
    </Panel>
  );
}
