// All kinds of records there are, and where their fields can be made to fit.
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Input } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { kindsQuery } from '../../api/queries.ts';
import type { Kind } from '../../api/types.ts';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { Failure, Loading, Nothing } from '../../ui/states.tsx';
import { useText } from '../../ui/text.ts';
import { Tone } from '../../ui/Tone.tsx';

function Row({ kind }: { kind: Kind }) {
  const { t } = useTranslation();
  const text = useText();
  const fields = Object.values(kind.fields);
  const own = fields.filter(({ custom }) => custom).length;
  const derived = fields.filter((field) => field.derived).length;
  return (
    <li>
      <Link to="/kinds/$kind" params={{ kind: kind.kind }} className="kind-row">
        <span className="script-title">{text(kind.plural ?? kind.label)}</span>
        <code className="muted">{kind.kind}</code>
        <span className="muted">{kind.plugin ? t('kinds.by_plugin', { plugin: kind.plugin }) : t('kinds.by_core')}</span>
        <span className="tags">
          <span className="muted number">{t('kinds.n_fields', { n: fields.length })}</span>
          {own > 0 && <Tone tone="info">{t('kinds.n_own', { n: own })}</Tone>}
          {derived > 0 && <Tone>{t('kinds.n_derived', { n: derived })}</Tone>}
        </span>
      </Link>
    </li>
  );
}

export function KindsPage() {
  const { t } = useTranslation();
  const text = useText();
  const { data: kinds, error, refetch } = useQuery(kindsQuery);
  const [typed, setTyped] = useState('');
  const wanted = typed.trim().toLowerCase();
  const shown = kinds?.filter((kind) => `${kind.kind} ${text(kind.label)} ${text(kind.plural)}`.toLowerCase().includes(wanted));
  return (
    <>
      <PageHeader title={t('nav.kinds')} note={t('kinds.note')} actions={<Input type="search" allowClear aria-label={t('kinds.search')} placeholder={t('kinds.search')} value={typed} onChange={(event) => setTyped(event.target.value)} style={{ width: 220 }} />} />
      <Panel flush>
        {error && !kinds ? <Failure error={error} onRetry={() => void refetch()} /> : !shown ? <Loading rows={10} /> : shown.length === 0 ? <Nothing title={t('list.no_match')} /> : <ul className="script-rows">{shown.map((kind) => <Row key={kind.kind} kind={kind} />)}</ul>}
      </Panel>
    </>
  );
}
