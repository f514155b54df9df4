// Letters that wait for a printer: looked through, printed or taken as a file for mail merge, and said to have gone.
import { PrinterOutlined } from '@ant-design/icons';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Alert, App, Button, Drawer, Popconfirm } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { url } from '../../api/client.ts';
import { keys } from '../../api/keys.ts';
import { usePower } from '../../api/may.ts';
import { Failure, Loading, Nothing } from '../../ui/states.tsx';
import { useSending } from '../../ui/useSending.ts';
import { lettersQuery, printed } from './queries.ts';

function List({ onDone }: { onDone: () => void }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const client = useQueryClient();
  const { data, error, refetch } = useQuery(lettersQuery);
  const { isBusy, problem, send } = useSending();
  const done = async () => {
    let told = { sent: 0, stopped: 0 };
    const isDone = await send(async () => { told = await printed(data!.items.map(({ id }) => id)); });
    if (!isDone) return;
    message.success(t('letters.done', told));
    await client.invalidateQueries({ queryKey: keys.records('message') });
    onDone();
  };
  if (error && !data) return <Failure error={error} onRetry={() => void refetch()} />;
  if (!data) return <Loading rows={4} />;
  if (data.items.length === 0) return <Nothing title={t('letters.none')} />;
  return (
    <>
      <div className="form-buttons letters-buttons">
        <Button href={url('/outbound/letters', { format: 'csv' })} download>{t('letters.file')}</Button>
        <Button icon={<PrinterOutlined />} onClick={() => window.print()}>{t('letters.print')}</Button>
        <Popconfirm title={t('letters.sure', { n: data.items.length })} onConfirm={() => void done()}><Button type="primary" loading={isBusy}>{t('letters.gone')}</Button></Popconfirm>
      </div>
      {problem && <Alert type="error" showIcon title={problem} />}
      <div className="letters">
        {data.items.map((letter) => (
          <article key={letter.id} className="letter">
            <address>{letter.name}<br />{letter.address}</address>
            {letter.subject && <h3>{letter.subject}</h3>}
            <p className="message-body">{letter.body}</p>
          </article>
        ))}
      </div>
    </>
  );
}

export function Letters() {
  const { t } = useTranslation();
  const canSend = usePower('message.send');
  const [isOpen, setOpen] = useState(false);
  if (!canSend) return null;
  return (
    <>
      <Button icon={<PrinterOutlined />} onClick={() => setOpen(true)}>{t('letters.title')}</Button>
      <Drawer open={isOpen} size="large" title={t('letters.title')} onClose={() => setOpen(false)} destroyOnHidden rootClassName="letters-drawer"><List onDone={() => setOpen(false)} /></Drawer>
    </>
  );
}
