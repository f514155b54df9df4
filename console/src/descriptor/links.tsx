// Links that an action answers with: shown once it is done, for a desk that hands them on.
import { useQueryClient } from '@tanstack/react-query';
import { App } from 'antd';
import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { pagesQuery } from '../api/queries.ts';
import type { ActionSpec, Kind } from '../api/types.ts';
import { linksIn } from '../ui/pages.ts';
import { Loading } from '../ui/states.tsx';
import { useText } from '../ui/text.ts';
import { formatTime } from '../ui/time.ts';

const Posters = lazy(() => import('../ui/Posters.tsx').then(({ Posters }) => ({ default: Posters })));

/** Shows the links of a reply, if it holds any; the form that asked may have gone by then. */
export function useLinks(): (kind: Kind, action: ActionSpec, reply: unknown) => Promise<void> {
  const { t } = useTranslation();
  const text = useText();
  const { modal } = App.useApp();
  const client = useQueryClient();
  return async (kind, action, reply) => {
    const links = linksIn(reply);
    if (links.length === 0) return;
    // What a page is called only its plugin knows; without an answer the link is still a link.
    const pages = kind.plugin ? await client.fetchQuery(pagesQuery(kind.plugin)).catch(() => []) : [];
    const isOne = (page: string | undefined) => links.filter((link) => link.page === page).length === 1;
    const titleOf = ({ name, page }: (typeof links)[number]) => {
      const label = text(pages.find((each) => each.name === page)?.label);
      // Of several to one page, as of a study's codes, the name tells them apart.
      return label && isOne(page) ? label : [label || t('poster.page'), name].join(' · ');
    };
    const items = links.map((link) => ({
      url: link.url,
      title: titleOf(link),
      notes: [...(link.once ? [t('poster.once')] : []), ...(link.expires_at ? [t('poster.until', { at: formatTime(link.expires_at) })] : [])],
    }));
    modal.info({ title: t('poster.of_action', { label: text(action.label) }), icon: null, width: items.length > 1 ? 760 : 460, okText: t('common.close'), closable: true, content: <Suspense fallback={<Loading rows={4} />}><Posters items={items} /></Suspense> });
  };
}
