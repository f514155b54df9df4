// What an import would set off, and whether that happens at once, at a measured pace, or only when somebody says so.
import { Radio } from 'antd';
import { useTranslation } from 'react-i18next';
import type { Job } from '../../api/types.ts';
import { setOff } from './automations.ts';
import type { Automations } from './queries.ts';

export function Foreseen({ job }: { job: Job }) {
  const { t, i18n } = useTranslation();
  const lines = setOff(job);
  if (lines.length === 0) return <p className="muted">{t('import.sets_off_nothing')}</p>;
  return (
    <ul className="set-off">
      {lines.map(({ event, n, heardBy }) => (
        <li key={event}>
          <strong className="number">{n.toLocaleString(i18n.language)}</strong> <code>{event}</code>
          {heardBy.length > 0 && <span className="muted"> {t('import.heard_by')} {heardBy.map(([plugin, times]) => `${plugin} × ${times.toLocaleString(i18n.language)}`).join(t('common.comma'))}</span>}
        </li>
      ))}
    </ul>
  );
}

const CHOICES: Automations[] = ['run', 'hold', 'batch'];

export function AutomationsChoice({ value, onChange }: { value: Automations; onChange: (next: Automations) => void }) {
  const { t } = useTranslation();
  return (
    <Radio.Group className="automations" aria-label={t('import.automations')} value={value} onChange={(event) => onChange(event.target.value as Automations)}>
      {CHOICES.map((choice) => <Radio key={choice} value={choice}>{t(`import.automations.${choice}`)} <span className="muted">{t(`import.automations_hint.${choice}`)}</span></Radio>)}
    </Radio.Group>
  );
}
