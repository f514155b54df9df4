// Fields and steps of one record, as cards and record pages show them.
import { QuestionCircleOutlined, SyncOutlined } from '@ant-design/icons';
import { Link } from '@tanstack/react-router';
import { Button, Tooltip } from 'antd';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { isEditable } from '../api/kind.ts';
import { useWhy } from '../api/queries.ts';
import type { Field, Item, Kind, Text } from '../api/types.ts';
import { FieldValue } from '../ui/FieldValue.tsx';
import { InlineField } from '../ui/InlineField.tsx';
import { isMasked, RevealField } from '../ui/Masked.tsx';
import { listPath } from '../ui/RecordLink.tsx';
import { Steps } from '../ui/Steps.tsx';
import { useText } from '../ui/text.ts';
import { useExplained } from '../ui/Timeline.tsx';
import { Tone } from '../ui/Tone.tsx';
import { useNarrow } from '../ui/useNarrow.ts';
import { stepsOf } from './views.ts';

const ReceiptDrawer = lazy(() => import('../ui/Receipt.tsx').then(({ ReceiptDrawer }) => ({ default: ReceiptDrawer })));

export function StepBar({ kind, item }: { kind: Kind; item: Item }) {
  const text = useText();
  const narrow = useNarrow();
  const steps = stepsOf(kind, item);
  if (!steps || !kind.states) return null;
  const field = kind.fields[kind.states.field];
  const labelOf = (value: string): Text => field?.values?.find((each) => each.value === value)?.label ?? value;
  if (narrow) {
    const value = steps.aside ?? steps.steps[steps.at]!;
    return <div className="steps-narrow"><strong>{text(labelOf(value))}</strong> <span className="muted">{steps.at + 1} / {steps.steps.length}</span></div>;
  }
  return (
    <div className="steps">
      <Steps current={steps.at} isStopped={steps.aside !== undefined} items={steps.steps.map((value) => text(labelOf(value)))} />
      {steps.aside && <Tone tone="bad">{text(labelOf(steps.aside))}</Tone>}
    </div>
  );
}

function WhyField({ kind, item, name }: { kind: Kind; item: Item; name: string }) {
  const { t } = useTranslation();
  const [asked, setAsked] = useState(false);
  const { data, error } = useWhy(kind.kind, item.id, asked ? name : undefined);
  return (
    <>
      {asked && error && <span className="muted" role="alert">{t('why.none')}</span>}
      <Button type="link" size="small" className="why" icon={<QuestionCircleOutlined />} onClick={() => setAsked(true)}>{t('why.ask')}</Button>
      {asked && <Suspense><ReceiptDrawer receipt={data} kind={kind} of={{ kind: kind.kind, id: item.id, field: name }} onClose={() => setAsked(false)} /></Suspense>}
    </>
  );
}

/** What only a plugin can fill in is left out while empty; an empty field one can edit is an invitation. */
export function shownFields(kind: Kind, item: Item, names: string[]): string[] {
  return kind.written_by === 'plugin' ? names.filter((name) => item.data[name] != null && item.data[name] !== '') : names;
}

/** Fields of a record, each edited where it stands if the kind is open to people. */
export function FieldList({ kind, item, names }: { kind: Kind; item: Item; names: string[] }) {
  const text = useText();
  const { t } = useTranslation();
  const explained = useExplained(kind.kind, item.id);
  return (
    <dl className="field-list">
      {names.flatMap((name) => {
        const field: Field | undefined = kind.fields[name];
        if (!field || (field.retired && item.data[name] == null)) return [];
        return [
          <div key={name} className={`field ${field.type === 'long_text' ? 'field-wide' : ''}`}>
            <dt>{text(field.label)}</dt>
            <dd>
              {isMasked(item, name) ? <RevealField item={item} name={name} field={field} /> : isEditable(kind, name) ? <InlineField kind={kind} item={item} name={name} field={field} /> : <FieldValue field={field} value={item.data[name]} refs={item.refs} />}
              {item.stale?.includes(name) && <Tooltip title={t('derived.stale')}><SyncOutlined className="stale-mark" tabIndex={0} role="img" aria-label={t('derived.stale')} /></Tooltip>}
              {(explained.has(name) || field.derived === 'computed') && <WhyField kind={kind} item={item} name={name} />}
              {field.rollup && <Link to={listPath(field.rollup.kind) as never} search={{ filter: { ...field.rollup.filter, [field.rollup.via]: item.id } } as never} className="rollup-link">{t('derived.records')}</Link>}
            </dd>
          </div>,
        ];
      })}
    </dl>
  );
}
