// What comes along in a merge: everything that refers to the customer who goes.
import { useQueries, useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { countQuery, kindsQuery } from '../../api/queries.ts';
import { useText } from '../../ui/text.ts';
import { refsTo } from './merging.ts';

export function Along({ id }: { id: string }) {
  const { t, i18n } = useTranslation();
  const text = useText();
  const { data: kinds = [] } = useQuery(kindsQuery);
  const refs = refsTo(kinds, 'customer');
  const counts = useQueries({ queries: refs.map(({ kind, field }) => ({ ...countQuery(kind.kind, { filter: { [field]: id } }), retry: false })) });
  const lines = refs.flatMap(({ kind, field }, index) => {
    const n = counts[index]?.data;
    return n ? [{ key: `${kind.kind} ${field}`, label: text(kind.plural ?? kind.label), n }] : [];
  });
  return (
    <section className="along">
      <h3>{t('merge.along')}</h3>
      {lines.length === 0 ? <p className="muted">{t('merge.along_none')}</p> : <ul>{lines.map(({ key, label, n }) => <li key={key}><strong>{n.toLocaleString(i18n.language)}</strong> {label}</li>)}</ul>}
      <p className="muted">{t('merge.along_hint')}</p>
    </section>
  );
}
