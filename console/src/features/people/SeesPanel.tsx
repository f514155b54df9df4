// What this person would see: rights in a kind, how many records, and the first of them as they would stand on their screen.
import { useQuery } from '@tanstack/react-query';
import { Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { kindsQuery } from '../../api/queries.ts';
import type { Kind } from '../../api/types.ts';
import { defaultColumns } from '../../ui/columns.ts';
import { RecordTable } from '../../ui/RecordTable.tsx';
import { scopeKey, verbKey } from '../../ui/rights.ts';
import { Failure, Loading, Nothing } from '../../ui/states.tsx';
import { useText } from '../../ui/text.ts';
import { Tone } from '../../ui/Tone.tsx';
import { seesQuery } from './queries.ts';

function Sight({ id, kind }: { id: string; kind: Kind }) {
  const { t, i18n } = useTranslation();
  const text = useText();
  const { data, error, refetch } = useQuery(seesQuery(id, kind.kind));
  if (error && !data) return <Failure error={error} onRetry={() => void refetch()} />;
  if (!data) return <Loading rows={5} />;
  const labelOf = (name: string) => text(kind.fields[name]?.label) || name;
  const list = (names: string[]) => names.map(labelOf).join(t('common.comma'));
  return (
    <>
      <dl className="field-list sight">
        <div className="field"><dt>{t('sees.verbs')}</dt><dd><span className="tags">{data.verbs.length === 0 ? <Tone tone="bad">{t('sees.nothing')}</Tone> : data.verbs.map((verb) => <Tone key={verb}>{t(verbKey(verb))}</Tone>)}</span></dd></div>
        {data.scope && <div className="field"><dt>{t('sees.scope')}</dt><dd>{t(scopeKey(data.scope))}</dd></div>}
        <div className="field"><dt>{t('sees.rows')}</dt><dd className="number">{data.rows.toLocaleString(i18n.language)}</dd></div>
        {data.masked.length > 0 && <div className="field"><dt>{t('rights.level.masked')}</dt><dd>{list(data.masked)}</dd></div>}
        {data.hidden.length > 0 && <div className="field"><dt>{t('rights.level.hidden')}</dt><dd>{list(data.hidden)}</dd></div>}
      </dl>
      {data.items.length === 0 ? <Nothing title={t('sees.none')} /> : <RecordTable kind={kind} items={data.items} columns={defaultColumns(kind).map((field) => ({ field }))} compact />}
    </>
  );
}

export function SeesPanel({ id, name }: { id: string; name: string }) {
  const { t } = useTranslation();
  const text = useText();
  const { data: kinds } = useQuery(kindsQuery);
  const [chosen, setChosen] = useState('customer');
  if (!kinds) return <Loading rows={5} />;
  const kind = kinds.find((each) => each.kind === chosen) ?? kinds[0];
  if (!kind) return null;
  return (
    <>
      <p className="muted sight-lead">{t('sees.lead', { name })}</p>
      <Select className="sight-kind" aria-label={t('sees.kind')} showSearch={{ optionFilterProp: 'label' }} value={kind.kind} onChange={setChosen} options={kinds.map((each) => ({ value: each.kind, label: text(each.plural ?? each.label) }))} />
      <Sight key={kind.kind} id={id} kind={kind} />
    </>
  );
}
