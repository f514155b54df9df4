// All decision points and who decides them.
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useUser } from '../../api/queries.ts';
import { OrgSelect } from '../../ui/OrgSelect.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { Failure, Loading, Nothing } from '../../ui/states.tsx';
import { useText } from '../../ui/text.ts';
import { Tone } from '../../ui/Tone.tsx';
import { scriptsQuery } from './queries.ts';
import { Begin } from './Recipes.tsx';
import { isComputed, isPassedOver, isReaction } from './script.ts';
import type { ScriptItem } from './types.ts';

const route = getRouteApi('/shell/scripts');

export function ScriptState({ script }: { script: ScriptItem }) {
  const { t } = useTranslation();
  return (
    <span className="tags">
      {script.version > 0 || script.state === 'published' ? <Tone tone="good">{t('scripts.state.published', { version: script.version })}</Tone> : <Tone tone="plain">{t(isComputed(script) || isReaction(script) ? 'scripts.state.none' : 'scripts.state.builtin')}</Tone>}
      {script.has_draft && <Tone tone="info">{t('scripts.state.draft')}</Tone>}
      {isPassedOver(script) && <Tone tone="bad">{t('scripts.passed_over')}</Tone>}
    </span>
  );
}

export function ScriptsPage() {
  const { t } = useTranslation();
  const text = useText();
  const user = useUser();
  const { org = user?.org.id } = route.useSearch();
  const navigate = route.useNavigate();
  const { data: scripts, error, refetch } = useQuery(scriptsQuery(org));
  return (
    <>
      <PageHeader title={t('nav.scripts')} note={t('scripts.note')} actions={<><OrgSelect value={org} onChange={(next) => void navigate({ search: { org: next } })} /><Begin org={org} /></>} />
      <Panel flush>
        {error && !scripts ? <Failure error={error} onRetry={() => void refetch()} /> : !scripts ? <Loading /> : scripts.length === 0 ? <Nothing title={t('scripts.empty')} /> : (
          <ul className="script-rows">
            {scripts.map((script) => (
              <li key={script.name}>
                <Link to={`/scripts/${script.name}` as never} search={{ org } as never} className="script-row">
                  <span className="script-title">{text(script.label) || script.name}</span>
                  <code className="muted">{script.name}</code>
                  <ScriptState script={script} />
                  <span className="muted script-owner">{t('scripts.owner', { owner: script.owner })}</span>
                </Link>
              </li>
            ))}
          </ul>
        )}
      </Panel>
    </>
  );
}
