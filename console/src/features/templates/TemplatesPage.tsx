// Templates that hold here: one's own, and those of the organisations above that nothing of one's own covers.
import { PlusOutlined } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useMay } from '../../api/may.ts';
import { useKind } from '../../api/queries.ts';
import { templatesQuery, type Template } from '../../api/templates.ts';
import { FieldValue } from '../../ui/FieldValue.tsx';
import { LinkButton } from '../../ui/LinkButton.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { Failure, Loading, Nothing } from '../../ui/states.tsx';
import { Tone } from '../../ui/Tone.tsx';

function Row({ template }: { template: Template }) {
  const { t } = useTranslation();
  const { data: kind } = useKind('template');
  return (
    <li>
      <Link to="/templates/$id" params={{ id: template.id }} className="segment-row">
        <span className="script-title">{template.label}</span>
        <code>{template.name}</code>
        <span className="tags">
          {kind && <FieldValue field={kind.fields.state!} value={template.state} plain />}
          {kind && <FieldValue field={kind.fields.purpose!} value={template.purpose} plain />}
          {kind && template.channels.length > 0 && <FieldValue field={kind.fields.channels!} value={template.channels} plain />}
          {template.is_inherited && <Tone>{t('templates.inherited', { org: template.org_name ?? template.org })}</Tone>}
          {template.is_overridden && <Tone tone="warn">{t('templates.overridden')}</Tone>}
        </span>
      </Link>
    </li>
  );
}

export function TemplatesPage() {
  const { t } = useTranslation();
  const canCreate = useMay('template', 'create');
  const { data, error, refetch } = useQuery(templatesQuery);
  const add = canCreate && <LinkButton to="/templates/$id" params={{ id: 'new' }} look="primary" icon={<PlusOutlined />}>{t('templates.new')}</LinkButton>;
  return (
    <>
      <PageHeader title={t('nav.templates')} note={t('templates.note')} actions={add} />
      <Panel flush>
        {error && !data ? <Failure error={error} onRetry={() => void refetch()} /> : !data ? <Loading /> : data.items.length === 0 ? <Nothing title={t('templates.empty')} hint={t('templates.empty_hint')} action={add} /> : (
          <ul className="script-rows">{data.items.map((template) => <Row key={template.id} template={template} />)}</ul>
        )}
      </Panel>
    </>
  );
}
