// The inputs of an organisation's form: the kind's own, those with a structure drawn as what they are.
import { fieldInput, type FormField } from '../../ui/form.ts';
import { zones } from '../../ui/zones.ts';
import type { Data, Kind, Text } from '../../api/types.ts';

/** Edited by buttons and editors of their own. */
const APART = new Set(['parent', 'type', 'status', 'opening_hours', 'calendar']);

const LAT: Text = { 'zh-CN': '纬度', en: 'Latitude' };
const LON: Text = { 'zh-CN': '经度', en: 'Longitude' };

function shaped(name: string, field: FormField): FormField {
  switch (name) {
    case 'time_zone':
      return { ...field, input: 'enum', choices: zones(new Date()) };
    case 'brands':
    case 'authorised_models':
      return { ...field, input: 'text_list', help: undefined };
    case 'geo':
      return {
        ...field, input: 'group', help: undefined,
        fields: [
          { path: ['geo', 'lat'], input: 'decimal', label: LAT, required: false, min: -90, max: 90 },
          { path: ['geo', 'lon'], input: 'decimal', label: LON, required: false, min: -180, max: 180 },
        ],
      };
    default:
      return field;
  }
}

export function orgInputs(kind: Kind): FormField[] {
  return Object.entries(kind.fields)
    .filter(([name, field]) => !APART.has(name) && !field.readonly && !field.retired && field.type !== 'file')
    .map(([name, field]) => shaped(name, fieldInput(name, field)));
}

/** What a form says against what is stored: only what differs, `null` for what was emptied. */
export function difference(names: string[], stored: Data, said: Data): Data {
  const changes: Data = {};
  for (const name of names) {
    const [before, now] = [stored[name] ?? null, said[name] ?? null];
    const isEmpty = Array.isArray(now) && now.length === 0;
    const next = isEmpty ? null : now;
    if (JSON.stringify(before) !== JSON.stringify(next)) changes[name] = next;
  }
  return changes;
}
