// Importing a file in four steps: choose, map, preview, apply. The address says how far it is.
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useKind } from '../../api/queries.ts';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { Failure, Loading } from '../../ui/states.tsx';
import { useText } from '../../ui/text.ts';
import { ChooseFile } from './ChooseFile.tsx';
import { JobStep } from './JobStep.tsx';
import { keep } from './keep.ts';
import { MapColumns } from './MapColumns.tsx';
import { imports } from './queries.ts';
import { RecentJobs } from './RecentJobs.tsx';
import { Steps } from '../../ui/Steps.tsx';
import type { Inspection } from './types.ts';

const route = getRouteApi('/shell/imports');

export function ImportPage() {
  const { t } = useTranslation();
  const text = useText();
  const { kind: name = 'customer', preview, apply } = route.useSearch();
  const navigate = route.useNavigate();
  const { data: kind, error, refetch } = useKind(name);
  const [chosen, setChosen] = useState<{ file: File; inspection: Inspection }>();
  if (!kind) return error ? <Failure error={error} onRetry={() => void refetch()} /> : <Loading />;
  const step = apply ? 3 : preview ? 2 : chosen ? 1 : 0;
  const restart = () => {
    setChosen(undefined);
    void navigate({ search: { kind: name === 'customer' ? undefined : name } });
  };
  return (
    <>
      <PageHeader title={t('import.title', { label: text(kind.plural ?? kind.label) })} />
      <Panel className="panel-steps">
        <Steps current={step} items={[t('import.step_file'), t('import.step_map'), t('import.step_preview'), t('import.step_apply')]} />
      </Panel>
      {step === 0 && (
        <>
          <ChooseFile kind={kind} onChosen={setChosen} />
          <RecentJobs />
        </>
      )}
      {step === 1 && chosen && (
        <MapColumns
          kind={kind}
          inspection={chosen.inspection}
          file={chosen.file}
          onBack={restart}
          onPreview={async (mapping, key) => {
            const { job } = await imports.preview({ kind: name, file: chosen.file, mapping, key });
            await keep({ job, file: chosen.file, mapping, key, at: Date.now() });
            void navigate({ search: (old) => ({ ...old, preview: job }) });
          }}
        />
      )}
      {(preview || apply) && (
        <JobStep
          key={apply ?? preview}
          kind={kind}
          id={(apply ?? preview)!}
          isApply={apply !== undefined}
          onApplied={(job) => void navigate({ search: (old) => ({ ...old, apply: job }) })}
          onRestart={restart}
        />
      )}
    </>
  );
}
