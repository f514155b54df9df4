// The matrix: a row a grant, a box a verb, then how far it reaches and which fields it shows.
import { DeleteOutlined, EyeOutlined, PlusOutlined } from '@ant-design/icons';
import { Button, Checkbox, Drawer, Select, Switch } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Kind } from '../../api/types.ts';
import { LEVELS, SCOPES, VERBS, type Level } from '../../ui/rights.ts';
import { useText } from '../../ui/text.ts';
import { Tone } from '../../ui/Tone.tsx';
import { fieldsToShow, grantKinds, setLevel, toggleVerb, type Grant } from './grants.ts';
import { Table } from '../../ui/Table.tsx';

interface Props {
  grants: Grant[];
  kinds: Kind[];
  onChange?: (grants: Grant[]) => void;
}

export function useKindName(kinds: Kind[]) {
  const { t } = useTranslation();
  const text = useText();
  return (name: string) => {
    if (name === '*') return t('roles.all_kinds');
    if (name === 'other') return t('roles.other_kinds');
    if (name.endsWith('.*')) return t('roles.all_of', { plugin: name.slice(0, -2) });
    const kind = kinds.find((each) => each.kind === name);
    return kind ? text(kind.plural ?? kind.label) : name;
  };
}

function Levels({ grant, kind, name, onChange, onClose }: { grant: Grant; kind: Kind | undefined; name: string; onChange?: (grant: Grant) => void; onClose: () => void }) {
  const { t } = useTranslation();
  const text = useText();
  const groups: [string, string][] = [['*', t('roles.every_field')], ['personal', t('roles.personal_fields')]];
  const rows: [string, string][] = [...groups, ...fieldsToShow(kind).map(([field, definition]): [string, string] => [field, text(definition.label) + (definition.personal ? ` · ${t('field.flag.personal')}` : '')])];
  return (
    <Drawer open onClose={onClose} size={520} title={t('roles.levels_title', { kind: name })}>
      <p className="muted form-problems">{t('roles.levels_hint')}</p>
      <ul className="level-rows">
        {rows.map(([field, label]) => (
          <li key={field}>
            <span>{label} <code className="muted">{field}</code></span>
            <Select
              aria-label={t('roles.level_of', { field: label })}
              allowClear
              disabled={!onChange}
              placeholder={t('roles.level_unsaid')}
              value={grant.fields?.[field]}
              onChange={(level: Level | undefined) => onChange?.(setLevel(grant, field, level))}
              options={LEVELS.map((level) => ({ value: level, label: t(`rights.level.${level}`) }))}
            />
          </li>
        ))}
      </ul>
      <label className="level-reveal"><Switch aria-label={t('roles.reveal')} disabled={!onChange} checked={grant.reveal === true} onChange={(reveal) => onChange?.({ ...grant, reveal })} /> <span>{t('roles.reveal')}<span className="muted field-detail">{t('roles.reveal_hint')}</span></span></label>
    </Drawer>
  );
}

export function Matrix({ grants, kinds, onChange }: Props) {
  const { t } = useTranslation();
  const nameOf = useKindName(kinds);
  const [shown, setShown] = useState<number>();
  const [added, setAdded] = useState<string>();
  const set = (at: number, next: Grant) => onChange?.(grants.map((grant, index) => (index === at ? next : grant)));
  const levelsOf = ({ fields = {} }: Grant) => (Object.keys(fields).length > 0 ? t('roles.levels_n', { n: Object.keys(fields).length }) : t('roles.levels_none'));
  const open = shown === undefined ? undefined : grants[shown];
  return (
    <>
      {grants.length === 0 && <p className="muted matrix-add">{t('roles.no_grants')}</p>}
      {grants.length > 0 && <Table<{ grant: Grant; at: number }>
        className="matrix"
        size="small"
        pagination={false}
        rowKey={({ at }) => String(at)}
        scroll={{ x: 1120 }}
        dataSource={grants.map((grant, at) => ({ grant, at }))}
        columns={[
          { key: 'kind', title: t('roles.kind'), width: 190, fixed: 'left', render: (_, { grant }) => <span className="field-name"><strong>{nameOf(grant.kind)}</strong><code className="muted">{grant.kind}</code></span> },
          ...VERBS.map((verb) => ({
            key: verb, title: t(`rights.verb.${verb}`), width: 76, align: 'center' as const,
            render: (_: unknown, { grant, at }: { grant: Grant; at: number }) => <Checkbox aria-label={t('roles.cell', { verb: t(`rights.verb.${verb}`), kind: nameOf(grant.kind) })} disabled={!onChange} checked={grant.verbs.includes(verb)} onChange={() => set(at, toggleVerb(grant, verb))} />,
          })),
          { key: 'scope', title: t('roles.scope'), width: 140, render: (_, { grant, at }) => <Select size="small" className="matrix-scope" aria-label={t('roles.scope_of', { kind: nameOf(grant.kind) })} disabled={!onChange} value={grant.scope} onChange={(scope) => set(at, { ...grant, scope })} options={SCOPES.map((scope) => ({ value: scope, label: t(`rights.scope.${scope}`) }))} /> },
          {
            key: 'fields', title: t('roles.fields'), width: 180,
            render: (_, { grant, at }) => (
              <span className="row-buttons">
                <Button size="small" icon={<EyeOutlined />} aria-label={`${levelsOf(grant)} · ${t('roles.levels_title', { kind: nameOf(grant.kind) })}`} onClick={() => setShown(at)}>{levelsOf(grant)}</Button>
                {grant.when && <Tone tone="info">{t('roles.when')}</Tone>}
                {onChange && <Button size="small" type="text" icon={<DeleteOutlined />} aria-label={t('roles.remove_row', { kind: nameOf(grant.kind) })} onClick={() => onChange(grants.filter((_, index) => index !== at))} />}
              </span>
            ),
          },
        ]}
      />}
      {onChange && (
        <div className="matrix-add">
          <Select aria-label={t('roles.add_kind')} placeholder={t('roles.add_kind')} showSearch={{ optionFilterProp: 'label' }} value={added} onChange={setAdded} options={grantKinds(kinds).map((name) => ({ value: name, label: nameOf(name) }))} />
          <Button icon={<PlusOutlined />} disabled={!added} onClick={() => { onChange([...grants, { kind: added!, verbs: ['read'], scope: 'own' }]); setAdded(undefined); }}>{t('roles.add_row')}</Button>
        </div>
      )}
      {open && <Levels grant={open} kind={kinds.find(({ kind }) => kind === open.kind)} name={nameOf(open.kind)} onChange={onChange && ((next) => set(shown!, next))} onClose={() => setShown(undefined)} />}
    </>
  );
}
