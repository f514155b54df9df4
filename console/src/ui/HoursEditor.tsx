// Hours by weekday: any number of ranges a day, typed as people write times.
import { DeleteOutlined, PlusOutlined } from '@ant-design/icons';
import { Button, Input } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { hoursFault, nextRange, readClock, WEEKDAYS, type Range, type Week } from './hours.ts';

/** One time of day. What cannot be read stays as typed, to be mended. */
function Clock({ label, value, onChange }: { label: string; value: string; onChange: (clock: string) => void }) {
  const [typed, setTyped] = useState<string>();
  return (
    <Input
      className="clock-input number"
      aria-label={label}
      inputMode="numeric"
      maxLength={5}
      status={readClock(typed ?? value) === undefined ? 'error' : undefined}
      value={typed ?? value}
      onChange={(event) => setTyped(event.target.value)}
      onBlur={() => {
        if (typed !== undefined) onChange(readClock(typed) ?? typed);
        setTyped(undefined);
      }}
    />
  );
}

/** The ranges of one day. */
export function RangesEditor({ day, ranges, onChange }: { day: string; ranges: Range[]; onChange: (ranges: Range[]) => void }) {
  const { t } = useTranslation();
  const fault = hoursFault(ranges);
  const set = (at: number, which: 0 | 1, clock: string) => onChange(ranges.map((range, index) => (index === at ? (which === 0 ? [clock, range[1]] : [range[0], clock]) : range)));
  return (
    <div className="ranges">
      {ranges.length === 0 && <span className="muted">{t('hours.closed')}</span>}
      {ranges.map((range, at) => (
        <span key={at} className="range">
          <Clock label={t('hours.from', { day, n: at + 1 })} value={range[0]} onChange={(clock) => set(at, 0, clock)} />
          <span aria-hidden>–</span>
          <Clock label={t('hours.to', { day, n: at + 1 })} value={range[1]} onChange={(clock) => set(at, 1, clock)} />
          <Button size="small" type="text" icon={<DeleteOutlined />} aria-label={t('hours.remove', { day, n: at + 1 })} onClick={() => onChange(ranges.filter((_, index) => index !== at))} />
        </span>
      ))}
      <Button size="small" type="text" icon={<PlusOutlined />} aria-label={t('hours.add', { day })} onClick={() => onChange([...ranges, nextRange(ranges)])} />
      {fault && <span className="input-error" role="alert">{t(`hours.fault.${fault}`)}</span>}
    </div>
  );
}

export function HoursEditor({ value, onChange }: { value: Week; onChange: (week: Week) => void }) {
  const { t } = useTranslation();
  const monday = value.mon ?? [];
  return (
    <div className="week">
      <dl className="week-days">
        {WEEKDAYS.map((day) => (
          <div key={day}>
            <dt>{t(`day.${day}`)}</dt>
            <dd><RangesEditor day={t(`day.${day}`)} ranges={value[day] ?? []} onChange={(ranges) => onChange({ ...value, [day]: ranges })} /></dd>
          </div>
        ))}
      </dl>
      <Button size="small" onClick={() => onChange(Object.fromEntries(WEEKDAYS.map((day) => [day, monday])))}>{t('hours.like_monday')}</Button>
    </div>
  );
}

/** The same, to be read. */
export function HoursView({ value }: { value: Week }) {
  const { t } = useTranslation();
  return (
    <dl className="week-days week-read">
      {WEEKDAYS.map((day) => (
        <div key={day}>
          <dt>{t(`day.${day}`)}</dt>
          <dd className="number">{(value[day] ?? []).length === 0 ? <span className="muted">{t('hours.closed')}</span> : value[day]!.map(([from, to]) => `${from}–${to}`).join(t('common.comma'))}</dd>
        </div>
      ))}
    </dl>
  );
}
