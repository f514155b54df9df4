// What was published, when, by whom.
import { useQuery } from '@tanstack/react-query';
import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { diffLines } from '../../ui/diff.ts';
import { RefTitle } from '../../ui/RecordLink.tsx';
import { Failure, Loading, Nothing } from '../../ui/states.tsx';
import { formatTime } from '../../ui/time.ts';
import { type Version, versionsQuery } from './queries.ts';
import { Pre } from '../../ui/Pre.tsx';

function who(version: Version): string {
  const { actor } = version;
  return typeof actor === 'string' ? actor : (actor?.name ?? actor?.label ?? '');
}

/** `user:ID` by name. */
function By({ by }: { by: string | null | undefined }) {
  if (!by) return null;
  return by.startsWith('user:') ? <RefTitle kind="user" id={by.slice(5)} /> : <>{by}</>;
}

export function Versions({ name, org, current, onReplay }: { name: string; org: string | undefined; current: string; onReplay: (version: number) => void }) {
  const { t } = useTranslation();
  const { data: versions, error, refetch } = useQuery(versionsQuery(name, org));
  if (error && !versions) return <Failure error={error} onRetry={() => void refetch()} />;
  if (!versions) return <Loading />;
  if (versions.length === 0) return <Nothing title={t('scripts.no_versions')} hint={t('scripts.no_versions_hint')} />;
  return (
    <ul className="versions">
      {versions.map((version) => {
        const at = version.published_at ?? version.at;
        const changed = version.source === undefined ? undefined : diffLines(version.source, current);
        return (
          <li key={version.version}>
            <details>
              <summary>
                <strong>{t('scripts.version', { version: version.version })}</strong>
                <span className="muted">{[at && formatTime(at, 'seconds'), who(version)].filter(Boolean).join(' · ')} <By by={version.published_by} /></span>
                {version.written_by && version.written_by !== version.published_by && <span className="muted">{t('scripts.written_by')} <By by={version.written_by} /></span>}
                {changed && <span className="muted">{t('scripts.diff_now', { n: changed.onlyA.size + changed.onlyB.size })}</span>}
              </summary>
              <p><Button size="small" onClick={() => onReplay(version.version)}>{t('replay.open')}</Button></p>
              {version.source !== undefined && <Pre>{version.source}</Pre>}
            </details>
          </li>
        );
      })}
    </ul>
  );
}
