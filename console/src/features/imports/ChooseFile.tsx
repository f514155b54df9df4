// The first step: a file, dragged here or picked, and read by the server without keeping anything.
import { InboxOutlined } from '@ant-design/icons';
import { Alert, Spin } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Kind } from '../../api/types.ts';
import { Panel } from '../../ui/Panel.tsx';
import { useErrorText } from '../../ui/text.ts';
import { ACCEPT, contentType, imports } from './queries.ts';
import { DropZone } from '../../ui/Upload.tsx';
import type { Inspection } from './types.ts';

interface Props {
  kind: Kind;
  onChosen: (chosen: { file: File; inspection: Inspection }) => void;
}

export function ChooseFile({ kind, onChosen }: Props) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  async function inspect(file: File) {
    setProblem(undefined);
    if (!contentType(file.name)) {
      setProblem(t('import.wrong_type', { name: file.name }));
      return;
    }
    setBusy(true);
    try {
      onChosen({ file, inspection: await imports.inspect({ kind: kind.kind, file }) });
    } catch (error) {
      setProblem(errorText(error));
    } finally {
      setBusy(false);
    }
  }
  return (
    <Panel>
      {problem && <Alert type="error" showIcon title={problem} className="form-problems" />}
      <Spin spinning={busy} description={t('import.reading')}>
        <DropZone accept={ACCEPT} label={t('import.drop')} onFile={(file) => void inspect(file)}>
          <div className="drop">
            <InboxOutlined className="drop-icon" aria-hidden />
            <div className="drop-title">{t('import.drop')}</div>
            <div className="muted">{t('import.drop_hint')}</div>
          </div>
        </DropZone>
      </Spin>
      <p className="muted import-note">{t('import.note')}</p>
    </Panel>
  );
}
