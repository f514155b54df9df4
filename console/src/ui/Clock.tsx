// A countdown: counts from the server's time, in words as well as in colour.
import { CheckCircleOutlined, ClockCircleOutlined, ExclamationCircleFilled, FieldTimeOutlined } from '@ant-design/icons';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useServerNow } from '../api/clock.ts';
import type { Json } from '../api/types.ts';
import { clockFace, formatSpan, type ClockTone } from './clock.ts';
import { Nothing } from './FieldValue.tsx';
import { formatTime } from './time.ts';

interface Props {
  due: Json | undefined;
  met?: Json;
  running: boolean;
}

const ICONS: Record<Exclude<ClockTone, 'none'>, ReactNode> = {
  calm: <ClockCircleOutlined />,
  soon: <FieldTimeOutlined />,
  overdue: <ExclamationCircleFilled />,
  met: <CheckCircleOutlined />,
  late: <CheckCircleOutlined />,
};

function useFace({ due, met, running }: Props) {
  const { t, i18n } = useTranslation();
  const face = clockFace(due, met, running, useServerNow());
  const span = formatSpan(face.left, i18n.language);
  const words: Record<ClockTone, string> = {
    none: '',
    calm: t('clock.left', { span }),
    soon: t('clock.left', { span }),
    overdue: t('clock.overdue', { span }),
    met: t('clock.met'),
    late: t('clock.late', { span }),
  };
  return { tone: face.tone, words: words[face.tone] };
}

/** One line, for tables. */
export function Clock(props: Props) {
  const { tone, words } = useFace(props);
  if (tone === 'none') return typeof props.due === 'string' ? <span className="muted number">{formatTime(props.due)}</span> : <Nothing />;
  return (
    <span className={`clock clock-${tone}`} title={formatTime(String(props.due), 'seconds')}>
      {ICONS[tone]} {words}
    </span>
  );
}

/** A card, for the top of a record. */
export function ClockCard({ label, ...props }: Props & { label: string }) {
  const { t } = useTranslation();
  const { tone, words } = useFace(props);
  return (
    <div className={`clock-card clock-${tone}`} role="group" aria-label={label}>
      <div className="clock-card-label">{tone === 'none' ? <ClockCircleOutlined /> : ICONS[tone]} {label}</div>
      <div className="clock-card-words">{tone === 'none' ? '–' : words}</div>
      <div className="clock-card-due">{typeof props.due === 'string' ? t('clock.due', { at: formatTime(props.due) }) : t('clock.no_due')}</div>
    </div>
  );
}
