// Figures that a plugin has worked out and kept: a tile each, and the rows they were worked out from.
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { kindQuery, listQuery } from '../api/queries.ts';
import type { Filter, Item, Json, Kind, Text } from '../api/types.ts';
import { FieldValue } from '../ui/FieldValue.tsx';
import { bind, isOpenEnded } from '../ui/filter.ts';
import { recordPath, rowsLink } from '../ui/RecordLink.tsx';
import { Failure, Loading } from '../ui/states.tsx';
import { useText } from '../ui/text.ts';
import type { Subject } from './actions.tsx';
import type { Document, TilesSpec } from './types.ts';

/** Some rows a figure was made from: the list of a kind that meets a filter. */
export interface Part {
  label?: Text;
  kind: string;
  filter?: Filter;
  n?: number;
}

/** The parts a json field holds; what is none is left out. */
export function partsOf(value: Json | undefined): Part[] {
  const list = Array.isArray(value) ? value : [];
  return list.flatMap((part) => (part !== null && typeof part === 'object' && !Array.isArray(part) && typeof part.kind === 'string' ? [part as unknown as Part] : []));
}

function PartLink({ part }: { part: Part }) {
  const { t, i18n } = useTranslation();
  const text = useText();
  return (
    <Link {...rowsLink(part.kind, part.filter)} className="tile-part">
      {part.label && <span>{text(part.label)}</span>} {part.n !== undefined && <span className="number">{part.n.toLocaleString(i18n.language)}</span>}
      <span className="visually-hidden">{t('chart.rows')}</span>
    </Link>
  );
}

/** A line a part: what it is, how many, and the way to them. */
export function RowsOf({ value }: { value: Json | undefined }) {
  const { t } = useTranslation();
  const parts = partsOf(value);
  if (parts.length === 0) return <p className="muted">{t('chart.no_rows')}</p>;
  return <ul className="tile-parts">{parts.map((part, index) => <li key={index}><PartLink part={part} /></li>)}</ul>;
}

function Tile({ spec, kind, item, open }: { spec: TilesSpec; kind: Kind; item: Item; open?: string }) {
  const text = useText();
  const { title, value, tone, note, rows } = spec.tile;
  const shown = (name: string) => (kind.fields[name] ? <FieldValue field={kind.fields[name]} value={item.data[name]} plain /> : text(item.data[name] as Text | undefined));
  const named = kind.fields[tone ?? '']?.values?.find((each) => each.value === item.data[tone ?? '']);
  return (
    <li className={`tile tile-${named?.tone ?? 'plain'}`}>
      <Link to={recordPath(item.kind, item.id) as never} search={(open ? { view: open } : {}) as never} className="tile-main">
        <span className="stat-label">{shown(title)}</span>
        <span className="stat-value number">{item.data[value] == null ? '–' : shown(value)}</span>
        {named && <span className="tile-tone">{text(named.label as Text)}</span>}
        {note && item.data[note] != null && <span className="stat-target">{shown(note)}</span>}
      </Link>
      {rows && partsOf(item.data[rows]).length > 0 && <span className="tile-rows">{partsOf(item.data[rows]).map((part, index) => <PartLink key={index} part={part} />)}</span>}
    </li>
  );
}

export function TilesView({ doc, spec, subject }: { doc: Document; spec: TilesSpec; subject?: Subject }) {
  const { t } = useTranslation();
  const text = useText();
  const { data: kind, error: closed } = useQuery(kindQuery(spec.kind));
  const filter = bind(spec.filter, { subject: subject?.id, id: subject?.id });
  const { data: page, error } = useQuery({ ...listQuery(spec.kind, { filter, order: spec.order ?? '-created_at', limit: spec.limit ?? 24 }), enabled: kind !== undefined && !isOpenEnded(filter) });
  if ((closed && !kind) || (error && !page)) return <Failure error={closed ?? error} />;
  if (!kind || !page) return <Loading rows={4} />;
  if (page.items.length === 0) return <p className="muted">{text(spec.empty) || t('chart.none')}</p>;
  const open = spec.open ? `${doc.plugin}:${spec.open}` : undefined;
  return <ul className="tiles">{page.items.map((item) => <Tile key={item.id} spec={spec} kind={kind} item={item} open={open} />)}</ul>;
}
