// A field's value as people read it.
import { useTranslation } from 'react-i18next';
import type { ReactNode } from 'react';
import { url } from '../api/client.ts';
import { useServerNow } from '../api/clock.ts';
import type { Field, Json, Refs } from '../api/types.ts';
import { formatMoney } from './money.ts';
import { formatPhone } from './phone.ts';
import { RecordLink, RefTitle } from './RecordLink.tsx';
import { useText } from './text.ts';
import { formatAgo, formatTime } from './time.ts';
import { Tone } from './Tone.tsx';

export const Nothing = () => <span className="nothing" aria-hidden="true">–</span>;

export function Ago({ at }: { at: string }) {
  const { i18n } = useTranslation();
  const now = useServerNow(10_000);
  return (
    <time dateTime={at} title={formatTime(at, 'seconds')}>
      {formatAgo(at, now, i18n.language)}
    </time>
  );
}

interface Props {
  field: Field;
  value: Json | undefined;
  refs?: Refs;
  /** Links inside a row that is a link itself, or in a sentence, are left out. */
  plain?: boolean;
}

function EnumTag({ field, value }: { field: Field; value: string }) {
  const text = useText();
  const known = field.values?.find((each) => each.value === value);
  return <Tone tone={known?.tone}>{known ? text(known.label) : value}</Tone>;
}

function Reference({ field, id, refs, plain }: { field: Field; id: string; refs?: Refs; plain?: boolean }) {
  const kind = refs?.[id]?.kind ?? field.to;
  const title = <RefTitle kind={kind} id={id} refs={refs} />;
  return plain || !kind ? title : <RecordLink kind={kind} id={id}>{title}</RecordLink>;
}

function Scalar({ field, value, refs, plain }: Props & { value: Json }): ReactNode {
  const { t, i18n } = useTranslation();
  switch (field.type) {
    case 'money':
      return <span className="number">{typeof value === 'number' ? formatMoney(value, i18n.language) : String(value)}</span>;
    case 'int':
    case 'decimal':
      return <span className="number">{typeof value === 'number' ? value.toLocaleString(i18n.language) : String(value)}</span>;
    case 'bool':
      return t(value === true ? 'common.yes' : 'common.no');
    case 'date':
      return formatTime(String(value), 'date');
    case 'datetime':
      return <time dateTime={String(value)}>{formatTime(String(value))}</time>;
    case 'enum':
      return <EnumTag field={field} value={String(value)} />;
    case 'ref':
      return <Reference field={field} id={String(value)} refs={refs} plain={plain} />;
    case 'phone':
      return plain ? formatPhone(String(value)) : <a href={`tel:${String(value)}`} onClick={(event) => event.stopPropagation()}>{formatPhone(String(value))}</a>;
    case 'email':
      return plain ? String(value) : <a href={`mailto:${String(value)}`} onClick={(event) => event.stopPropagation()}>{String(value)}</a>;
    case 'url':
      return plain || !/^https?:\/\//u.test(String(value)) ? String(value) : <a href={String(value)} target="_blank" rel="noopener noreferrer">{String(value)}</a>;
    case 'file':
      return plain ? t('attachments.file') : <a href={url(`/attachments/${encodeURIComponent(String(value))}`)} download onClick={(event) => event.stopPropagation()}>{t('attachments.file')}</a>;
    case 'json':
      return <code>{JSON.stringify(value)}</code>;
    case 'long_text':
      return plain ? String(value) : <span className="long-text">{String(value)}</span>;
    default:
      return typeof value === 'string' ? value : JSON.stringify(value);
  }
}

export function FieldValue({ field, value, refs, plain }: Props) {
  if (value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0)) return <Nothing />;
  if (Array.isArray(value) && (field.type === 'enum_list' || field.type === 'ref_list')) {
    const single: Field = { ...field, type: field.type === 'enum_list' ? 'enum' : 'ref' };
    return (
      <span className="tags">
        {value.map((each) => <Scalar key={String(each)} field={single} value={each} refs={refs} plain={plain} />)}
      </span>
    );
  }
  return <Scalar field={field} value={value} refs={refs} plain={plain} />;
}
