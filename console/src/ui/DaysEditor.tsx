// Public holidays and exchanged working days, pressed in a month's sheet.
import { LeftOutlined, RightOutlined } from '@ant-design/icons';
import { Button } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { firstOf, markOf, monthRows, toggleDay, WEEKDAYS, type Days } from './hours.ts';

interface Props {
  value: Days;
  /** Absent: to be read only. */
  onChange?: (days: Days) => void;
  /** The month it opens with, `2026-03`. */
  start: string;
}

export function DaysEditor({ value, onChange, start }: Props) {
  const { t, i18n } = useTranslation();
  const [[year, month], setMonth] = useState(() => start.split('-').map(Number) as [number, number]);
  const title = new Intl.DateTimeFormat(i18n.language, { year: 'numeric', month: 'long', timeZone: 'UTC' }).format(firstOf(year, month));
  const move = (by: number) => setMonth(([y, m]) => (m + by < 1 ? [y - 1, 12] : m + by > 12 ? [y + 1, 1] : [y, m + by]));
  const inYear = (list: string[] | undefined) => (list ?? []).filter((date) => date.startsWith(`${year}-`)).length;
  return (
    <div className="sheet">
      <div className="sheet-head">
        <Button size="small" icon={<LeftOutlined />} aria-label={t('days.previous')} onClick={() => move(-1)} />
        <strong aria-live="polite">{title}</strong>
        <Button size="small" icon={<RightOutlined />} aria-label={t('days.next')} onClick={() => move(1)} />
      </div>
      <table className="sheet-days">
        <thead><tr>{WEEKDAYS.map((day) => <th key={day} scope="col">{t(`day.short.${day}`)}</th>)}</tr></thead>
        <tbody>
          {monthRows(year, month).map((row, at) => (
            <tr key={at}>
              {row.map((date, column) => {
                if (!date) return <td key={column} aria-hidden />;
                const mark = markOf(date, value);
                const label = t('days.day', { n: Number(date.slice(8)), date, mark: t(`days.${mark}`) });
                const number = Number(date.slice(8));
                return (
                  <td key={date}>
                    {onChange ? <button type="button" className={`sheet-day sheet-${mark}`} aria-label={label} aria-pressed={mark === 'holiday' || mark === 'working'} onClick={() => onChange(toggleDay(date, value))}>{number}</button> : <span className={`sheet-day sheet-${mark}`} title={label}>{number}</span>}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
      <p className="sheet-legend muted"><span className="sheet-dot sheet-holiday" aria-hidden /> {t('days.holiday')} <span className="sheet-dot sheet-working" aria-hidden /> {t('days.working')}</p>
      <p className="muted">{t('days.in_year', { year, holidays: inYear(value.holidays), working: inYear(value.working) })}</p>
      {onChange && <p className="muted">{t('days.hint')}</p>}
    </div>
  );
}
