// The plugin's public pages: their addresses for an organisation, to copy, to scan, to print and put up in the shop.
import { CopyOutlined, QrcodeOutlined } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { Alert, Button, Input, Modal } from 'antd';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { orgsQuery, useUser } from '../../api/queries.ts';
import { OrgSelect } from '../../ui/OrgSelect.tsx';
import { addressOf, type PublicPage } from '../../ui/pages.ts';
import { useCopy } from '../../ui/Posters.tsx';
import { Loading } from '../../ui/states.tsx';
import { useText } from '../../ui/text.ts';
import type { PluginDetail } from './types.ts';

const Posters = lazy(() => import('../../ui/Posters.tsx').then(({ Posters }) => ({ default: Posters })));

export function Pages({ plugin }: { plugin: PluginDetail }) {
  const { t } = useTranslation();
  const text = useText();
  const copy = useCopy();
  const user = useUser();
  const { data: orgs } = useQuery(orgsQuery);
  const [chosen, setChosen] = useState<string>();
  const [ref, setRef] = useState('');
  const [shown, setShown] = useState<PublicPage>();
  const pages = plugin.pages ?? [];
  const org = chosen ?? user?.org.id;
  const found = orgs?.find(({ id }) => id === org);
  const code = typeof found?.data.code === 'string' ? found.data.code : undefined;
  const orgName = typeof found?.data.name === 'string' ? found.data.name : (user?.org.name ?? '');
  // One without a code would lead to the maker's page, which is somebody else's.
  const addressFor = (page: PublicPage) => addressOf(plugin.name, page, code, ref, window.location.origin);
  const isOff = plugin.state !== 'enabled' || (org !== undefined && (plugin.off ?? []).includes(org));
  const about = pages.filter(({ target }) => target);
  const open = pages.filter(({ target }) => !target);
  return (
    <div className="public-pages">
      {open.length > 0 && (
        <>
          <p className="muted">{t('pages.hint')}</p>
          <div className="tryout-bar">
            <OrgSelect value={org} onChange={setChosen} />
            <Input className="public-ref" value={ref} maxLength={60} onChange={(event) => setRef(event.target.value)} aria-label={t('pages.ref')} placeholder={t('pages.ref')} />
          </div>
          {isOff && <Alert type="warning" showIcon title={t('pages.off')} />}
          {!orgs ? <Loading rows={2} /> : code === undefined ? <Alert type="warning" showIcon title={t('pages.no_code')} /> : (
            <ul className="rows public-rows">
              {open.map((page) => (
                <li key={page.name}>
                  <span>
                    <strong>{text(page.label) || page.name}</strong>
                    <a className="public-address" href={addressFor(page)} target="_blank" rel="noreferrer">{addressFor(page)}</a>
                  </span>
                  <span className="rows-end form-buttons">
                    <Button size="small" icon={<CopyOutlined />} aria-label={t('poster.copy_of', { title: text(page.label) })} onClick={() => void copy(addressFor(page))}>{t('poster.copy')}</Button>
                    <Button size="small" icon={<QrcodeOutlined />} aria-label={t('pages.poster_of', { title: text(page.label) })} onClick={() => setShown(page)}>{t('pages.poster')}</Button>
                  </span>
                </li>
              ))}
            </ul>
          )}
        </>
      )}
      {about.length > 0 && <p className="muted">{t('pages.about', { names: about.map((page) => text(page.label) || page.name).join(t('pages.comma')) })}</p>}
      {shown && (
        <Modal open title={text(shown.label)} onCancel={() => setShown(undefined)} footer={null} width={460}>
          <Suspense fallback={<Loading rows={4} />}><Posters items={[{ url: addressFor(shown), title: text(shown.label) || shown.name, notes: [orgName] }]} /></Suspense>
        </Modal>
      )}
    </div>
  );
}
