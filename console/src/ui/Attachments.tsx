// Files on a record: dropped or picked, sent with progress, fetched as downloads, removed.
import { DeleteOutlined, FileOutlined, InboxOutlined } from '@ant-design/icons';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { App, Button, Progress } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { url } from '../api/client.ts';
import { keys } from '../api/keys.ts';
import { attachments, attachmentsQuery } from '../api/queries.ts';
import type { Attachment } from '../api/types.ts';
import { Ago } from './FieldValue.tsx';
import { formatSize } from './size.ts';
import { Failure, Loading } from './states.tsx';
import { useErrorText } from './text.ts';
import { DropZone } from './Upload.tsx';

interface Sending {
  key: number;
  name: string;
  part: number;
  fault?: string;
  stop: () => void;
}

let nextKey = 0;

function nameOf(actor: Attachment['actor']): string {
  return typeof actor === 'string' ? actor : (actor.name ?? actor.label);
}

function useSending(kind: string, id: string) {
  const client = useQueryClient();
  const errorText = useErrorText();
  const [sending, setSending] = useState<Sending[]>([]);
  const set = (key: number, change: Partial<Sending> | undefined) => setSending((old) => (change ? old.map((each) => (each.key === key ? { ...each, ...change } : each)) : old.filter((each) => each.key !== key)));
  const send = async (file: File) => {
    const key = ++nextKey;
    const stopper = new AbortController();
    setSending((old) => [...old, { key, name: file.name, part: 0, stop: () => stopper.abort() }]);
    try {
      await attachments.add(kind, id, file, (part) => set(key, { part }), stopper.signal);
      set(key, undefined);
      await client.invalidateQueries({ queryKey: keys.record(kind, id) });
    } catch (error) {
      set(key, stopper.signal.aborted ? undefined : { fault: errorText(error) });
    }
  };
  return { sending, send, forget: (key: number) => set(key, undefined) };
}

export function Attachments({ kind, id }: { kind: string; id: string }) {
  const { t } = useTranslation();
  const { modal, message } = App.useApp();
  const errorText = useErrorText();
  const client = useQueryClient();
  const { data: files, error, refetch } = useQuery(attachmentsQuery(kind, id));
  const { sending, send, forget } = useSending(kind, id);
  const remove = (file: Attachment) =>
    modal.confirm({
      title: t('attachments.remove_title', { name: file.name }),
      okText: t('common.remove'),
      okButtonProps: { danger: true },
      cancelText: t('common.cancel'),
      onOk: async () => {
        try {
          await attachments.remove(file.id);
          await client.invalidateQueries({ queryKey: keys.record(kind, id) });
        } catch (refusal) {
          message.error(errorText(refusal));
        }
      },
    });
  return (
    <div className="attachments">
      <DropZone multiple label={t('attachments.drop')} onFile={(file) => void send(file)}>
        <div className="attachments-drop"><InboxOutlined aria-hidden /> {t('attachments.drop')}</div>
      </DropZone>
      {sending.length > 0 && (
        <ul className="attachment-list">
          {sending.map(({ key, name, part, fault, stop }) => (
            <li key={key}>
              <FileOutlined aria-hidden />
              <span className="attachment-name">{name}{fault ? <span className="input-error" role="alert">{fault}</span> : <Progress percent={Math.round(part * 100)} size="small" aria-label={t('attachments.sending', { name })} />}</span>
              <Button size="small" type="text" onClick={() => (fault ? forget(key) : stop())}>{fault ? t('common.close') : t('common.cancel')}</Button>
            </li>
          ))}
        </ul>
      )}
      {error && !files ? <Failure error={error} onRetry={() => void refetch()} /> : !files ? <Loading rows={2} /> : files.length === 0 ? <p className="muted">{t('attachments.none')}</p> : (
        <ul className="attachment-list">
          {files.map((file) => (
            <li key={file.id}>
              <FileOutlined aria-hidden />
              <span className="attachment-name">
                <a href={url(`/attachments/${encodeURIComponent(file.id)}`)} download={file.name}>{file.name}</a>
                <span className="muted">{formatSize(file.size)} · {nameOf(file.actor)} · <Ago at={file.at} /></span>
              </span>
              <Button size="small" type="text" icon={<DeleteOutlined />} aria-label={t('attachments.remove', { name: file.name })} onClick={() => remove(file)} />
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
