// All segments with how many are in them.
import { PlusOutlined } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { kindsQuery, segmentsQuery } from '../../api/queries.ts';
import type { Segment } from '../../api/types.ts';
import { countRules, readFilter } from '../../ui/builder.ts';
import { Ago } from '../../ui/FieldValue.tsx';
import { LinkButton } from '../../ui/LinkButton.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { RefTitle } from '../../ui/RecordLink.tsx';
import { Failure, Loading, Nothing } from '../../ui/states.tsx';
import { useText } from '../../ui/text.ts';
import { Tone } from '../../ui/Tone.tsx';

function Row({ segment, label }: { segment: Segment; label: string }) {
  const { t, i18n } = useTranslation();
  return (
    <li>
      <Link to="/segments/$id" params={{ id: segment.id }} className="segment-row">
        <span className="script-title">{segment.name}</span>
        <span className="segment-n"><strong className="number">{segment.n == null ? '–' : segment.n.toLocaleString(i18n.language)}</strong> <span className="muted">{label}</span></span>
        <span className="muted">{t('segments.rules', { n: countRules(readFilter(segment.filter)) })}</span>
        <span className="tags">{segment.is_static ? <Tone>{t('segments.static')}</Tone> : <Tone tone="info">{t('segments.live')}</Tone>}</span>
        <span className="muted segment-end">{segment.owner && <RefTitle kind="user" id={segment.owner} />}{segment.counted_at && <> · {t('segments.counted')} <Ago at={segment.counted_at} /></>}</span>
      </Link>
    </li>
  );
}

export function SegmentsPage() {
  const { t } = useTranslation();
  const text = useText();
  const { data: segments, error, refetch } = useQuery({ ...segmentsQuery, refetchInterval: 30_000 });
  const { data: kinds = [] } = useQuery(kindsQuery);
  const add = <LinkButton to="/segments/$id" params={{ id: 'new' }} look="primary" icon={<PlusOutlined />}>{t('segments.new')}</LinkButton>;
  return (
    <>
      <PageHeader title={t('nav.segments')} note={t('segments.note')} actions={add} />
      <Panel flush>
        {error && !segments ? <Failure error={error} onRetry={() => void refetch()} /> : !segments ? <Loading /> : segments.length === 0 ? <Nothing title={t('segments.empty')} hint={t('segments.empty_hint')} action={add} /> : (
          <ul className="script-rows">{segments.map((segment) => <Row key={segment.id} segment={segment} label={text(kinds.find(({ kind }) => kind === segment.kind)?.label) || segment.kind} />)}</ul>
        )}
      </Panel>
    </>
  );
}
