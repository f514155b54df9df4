// Addresses of public pages to hand on: to copy, to scan from the screen, to print and put up.
import { CopyOutlined, PrinterOutlined } from '@ant-design/icons';
import { App, Button } from 'antd';
import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { copyText } from './copy.ts';
import { Loading } from './states.tsx';

const QRCode = lazy(() => import('antd/es/qr-code'));

export interface Poster {
  url: string;
  title: string;
  /** Whose page it is, how long it holds. */
  notes?: string[];
}

/** Copies and says so, or says that it did not work. */
export function useCopy(): (text: string) => Promise<void> {
  const { t } = useTranslation();
  const { message } = App.useApp();
  return async (text) => {
    if (await copyText(text)) message.success(t('poster.copied'));
    else message.error(t('poster.not_copied'));
  };
}

export function Posters({ items }: { items: Poster[] }) {
  const { t } = useTranslation();
  const copy = useCopy();
  return (
    <div className="posters-sheet">
      <div className="form-buttons posters-buttons">
        <Button icon={<PrinterOutlined />} onClick={() => window.print()}>{t('poster.print')}</Button>
        {items.length > 1 && <Button icon={<CopyOutlined />} onClick={() => void copy(items.map(({ title, url }) => `${title} ${url}`).join('\n'))}>{t('poster.copy_all')}</Button>}
      </div>
      <ul className={items.length > 1 ? 'posters posters-many' : 'posters'}>
        {items.map((each) => (
          <li key={each.url} className="poster">
            <h3>{each.title}</h3>
            {/* Black on white in the dark too: telephones read nothing else for certain. */}
            <div className="poster-code">
              <Suspense fallback={<Loading rows={4} />}><QRCode type="svg" value={each.url} size={items.length > 1 ? 168 : 240} bgColor="#fff" color="#000" bordered={false} errorLevel="M" aria-label={t('poster.code', { title: each.title })} /></Suspense>
            </div>
            <p>{t('poster.scan')}</p>
            {each.notes?.map((note) => <p key={note} className="muted">{note}</p>)}
            <code className="poster-address">{each.url}</code>
            <Button size="small" className="poster-copy" icon={<CopyOutlined />} aria-label={t('poster.copy_of', { title: each.title })} onClick={() => void copy(each.url)}>{t('poster.copy')}</Button>
          </li>
        ))}
      </ul>
    </div>
  );
}
