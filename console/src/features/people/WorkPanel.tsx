// Capacity, skills, certificates and the duty plan; and what that comes to in the next seven days.
import { DeleteOutlined, PlusOutlined } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { App, Button, Input, InputNumber, Radio, Select } from 'antd';
import dayjs from 'dayjs';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useServerNow } from '../../api/clock.ts';
import { records, useRefreshRecords } from '../../api/queries.ts';
import type { Item, Kind } from '../../api/types.ts';
import { HoursEditor, RangesEditor } from '../../ui/HoursEditor.tsx';
import { RecordPicker } from '../../ui/RecordPicker.tsx';
import { Failure, Loading } from '../../ui/states.tsx';
import { useErrorText, useText } from '../../ui/text.ts';
import { formatTime } from '../../ui/time.ts';
import { Tone } from '../../ui/Tone.tsx';
import { dutyQuery } from './queries.ts';
import { isExpired, readWork, workFault, writeWork, type Certificate, type Skill, type Work } from './work.ts';
import { DatePicker } from '../../ui/dates.tsx';

const LEVELS = [1, 2, 3, 4, 5];
const FIRST_WEEK = Object.fromEntries(['mon', 'tue', 'wed', 'thu', 'fri'].map((day) => [day, [['08:30', '17:30']]]));

function Skills({ skills, onChange }: { skills: Skill[]; onChange: (skills: Skill[]) => void }) {
  const { t } = useTranslation();
  const set = (at: number, change: Partial<Skill>) => onChange(skills.map((each, index) => (index === at ? { ...each, ...change } : each)));
  return (
    <fieldset className="form-group">
      <legend>{t('people.skills')}</legend>
      <ul className="skill-rows">
        {skills.map((skill, at) => (
          <li key={at}>
            <Input aria-label={t('people.skill_n', { n: at + 1 })} placeholder={t('people.skill_hint')} maxLength={60} value={skill.name} onChange={(event) => set(at, { name: event.target.value })} />
            <Select aria-label={t('people.level_n', { n: at + 1 })} value={skill.level} onChange={(level: number) => set(at, { level })} options={LEVELS.map((level) => ({ value: level, label: t('people.level', { level }) }))} />
            <Button size="small" type="text" icon={<DeleteOutlined />} aria-label={t('people.remove_skill', { name: skill.name || String(at + 1) })} onClick={() => onChange(skills.filter((_, index) => index !== at))} />
          </li>
        ))}
      </ul>
      <Button size="small" icon={<PlusOutlined />} onClick={() => onChange([...skills, { name: '', level: 3 }])}>{t('people.add_skill')}</Button>
    </fieldset>
  );
}

function Certificates({ certificates, onChange, today }: { certificates: Certificate[]; onChange: (certificates: Certificate[]) => void; today: string }) {
  const { t } = useTranslation();
  const set = (at: number, change: Partial<Certificate>) => onChange(certificates.map((each, index) => (index === at ? { ...each, ...change } : each)));
  const picker = (at: number, name: 'issued' | 'expires') => (
    <DatePicker
      aria-label={t(`people.${name}_n`, { n: at + 1 })}
      placeholder={t(`people.${name}`)}
      value={certificates[at]![name] ? dayjs(certificates[at]![name]) : null}
      onChange={(day) => set(at, { [name]: day ? day.format('YYYY-MM-DD') : undefined })}
    />
  );
  return (
    <fieldset className="form-group">
      <legend>{t('people.certificates')}</legend>
      <ul className="certificate-rows">
        {certificates.map((each, at) => (
          <li key={at}>
            <Input aria-label={t('people.certificate_n', { n: at + 1 })} placeholder={t('people.certificate')} maxLength={60} value={each.name} onChange={(event) => set(at, { name: event.target.value })} />
            {picker(at, 'issued')}
            {picker(at, 'expires')}
            <span className="row-buttons">
              {isExpired(each, today) && <Tone tone="bad">{t('people.expired')}</Tone>}
              <Button size="small" type="text" icon={<DeleteOutlined />} aria-label={t('people.remove_certificate', { name: each.name || String(at + 1) })} onClick={() => onChange(certificates.filter((_, index) => index !== at))} />
            </span>
          </li>
        ))}
      </ul>
      <Button size="small" icon={<PlusOutlined />} onClick={() => onChange([...certificates, { name: '' }])}>{t('people.add_certificate')}</Button>
    </fieldset>
  );
}

function DutyEditor({ work, onChange, today }: { work: Work; onChange: (change: Partial<Work>) => void; today: string }) {
  const { t } = useTranslation();
  const [date, setDate] = useState<string>();
  const setDay = (at: number, ranges: Work['days'][number]['ranges']) => onChange({ days: work.days.map((each, index) => (index === at ? { ...each, ranges } : each)) });
  const taken = work.days.some((each) => each.date === date);
  return (
    <fieldset className="form-group">
      <legend>{t('people.duty')}</legend>
      <Radio.Group
        aria-label={t('people.duty')}
        className="duty-choice"
        value={work.week ? 'own' : 'org'}
        onChange={(event) => onChange({ week: event.target.value === 'own' ? (FIRST_WEEK as Work['week']) : undefined })}
        options={[{ value: 'org', label: t('people.duty_org') }, { value: 'own', label: t('people.duty_own') }]}
      />
      {work.week && <HoursEditor value={work.week} onChange={(week) => onChange({ week })} />}
      <h3 className="duty-days">{t('people.exceptions')}</h3>
      {work.days.length === 0 && <p className="muted">{t('people.no_exceptions')}</p>}
      <dl className="week-days">
        {work.days.map((each, at) => (
          <div key={each.date}>
            <dt className="number">{each.date} <Button size="small" type="text" icon={<DeleteOutlined />} aria-label={t('people.remove_day', { date: each.date })} onClick={() => onChange({ days: work.days.filter((_, index) => index !== at) })} /></dt>
            <dd><RangesEditor day={each.date} ranges={each.ranges} onChange={(ranges) => setDay(at, ranges)} /></dd>
          </div>
        ))}
      </dl>
      <span className="duty-add">
        <DatePicker aria-label={t('people.exception_date')} minDate={dayjs(today)} value={date ? dayjs(date) : null} onChange={(day) => setDate(day ? day.format('YYYY-MM-DD') : undefined)} />
        <Button size="small" icon={<PlusOutlined />} disabled={!date || taken} onClick={() => { onChange({ days: [...work.days, { date: date!, ranges: [] }].sort((a, b) => a.date.localeCompare(b.date)) }); setDate(undefined); }}>{t('people.add_exception')}</Button>
      </span>
    </fieldset>
  );
}

/** What the stored plan comes to: shifts by day in the zone of where the person works. */
function NextShifts({ item }: { item: Item }) {
  const { t } = useTranslation();
  const { data, error, refetch } = useQuery(dutyQuery(item.id, item.rev));
  if (error && !data) return <Failure error={error} onRetry={() => void refetch()} />;
  if (!data) return <Loading rows={4} />;
  const at = (moment: string) => formatTime(moment, 'datetime', data.time_zone);
  return (
    <section className="shifts">
      <h3>{t('people.next_shifts')} {data.is_on_duty ? <Tone tone="good">{t('people.on_duty')}</Tone> : <Tone>{t('people.off_duty')}</Tone>}</h3>
      {data.items.length === 0 ? <p className="muted">{t('people.no_shifts')}</p> : <ul className="plain-list">{data.items.map((shift) => <li key={shift.from} className="number">{at(shift.from)} – {at(shift.to).slice(11) === '00:00' ? '24:00' : at(shift.to).slice(11)}</li>)}</ul>}
      <p className="muted">{data.time_zone}</p>
    </section>
  );
}

export function WorkPanel({ kind, item, canEdit }: { kind: Kind; item: Item; canEdit: boolean }) {
  const { t } = useTranslation();
  const text = useText();
  const errorText = useErrorText();
  const { message } = App.useApp();
  const refresh = useRefreshRecords();
  const now = useServerNow(60_000);
  const today = formatTime(new Date(now).toISOString(), 'date');
  // What was on screen when editing began: a colleague's change meanwhile is told by the server, not written over.
  const [base, setBase] = useState(item);
  const [work, setWork] = useState(() => readWork(item.data));
  const [busy, setBusy] = useState(false);
  const stored = JSON.stringify(writeWork(readWork(base.data)));
  const isChanged = JSON.stringify(writeWork(work)) !== stored;
  const begin = (from: Item) => {
    setBase(from);
    setWork(readWork(from.data));
  };
  if (item.rev > base.rev && !isChanged) begin(item);
  const change = (next: Partial<Work>) => setWork((old) => ({ ...old, ...next }));
  const save = async () => {
    setBusy(true);
    try {
      const said = writeWork(work);
      const before = JSON.parse(stored) as typeof said;
      const data = Object.fromEntries(Object.entries(said).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(before[name])));
      begin(await records.change('user', item.id, data, base.rev));
      await refresh('user', 'team');
      message.success(t('common.saved'));
    } catch (error) {
      message.error(errorText(error), 6);
    } finally {
      setBusy(false);
    }
  };
  return (
    <div className="work-sides">
      <fieldset disabled={!canEdit} className="work">
        <div className="form-row work-head">
          <label>{text(kind.fields.team?.label)}<RecordPicker kind="team" aria-label={text(kind.fields.team?.label)} disabled={!canEdit} value={work.team} onChange={(team) => change({ team: team as string | undefined })} /></label>
          <label>{text(kind.fields.capacity?.label)}<InputNumber<number> aria-label={text(kind.fields.capacity?.label)} disabled={!canEdit} min={0} max={10_000} precision={0} value={work.capacity ?? null} onChange={(capacity) => change({ capacity: capacity ?? undefined })} /></label>
        </div>
        <Skills skills={work.skills} onChange={(skills) => change({ skills })} />
        <Certificates certificates={work.certificates} today={today} onChange={(certificates) => change({ certificates })} />
        <DutyEditor work={work} onChange={change} today={today} />
        {canEdit && (
          <div className="form-buttons">
            {isChanged && <Button onClick={() => begin(item)}>{t('common.cancel')}</Button>}
            <Button type="primary" loading={busy} disabled={!isChanged || workFault(work)} onClick={() => void save()}>{t('common.save')}</Button>
          </div>
        )}
      </fieldset>
      <NextShifts item={item} />
    </div>
  );
}
