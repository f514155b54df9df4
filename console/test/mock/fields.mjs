// Dealers' own fields and words for kinds.
import { Refused } from './refused.mjs';

const refuse = (pointer, code, message) => { throw new Refused(400, 'invalid', message, [{ pointer, code, message }]); };

export function answerFields(data, { path, method, body }) {
  const match = /^\/kinds\/([^/]+)\/(fields|labels)(?:\/([^/]+))?$/u.exec(decodeURIComponent(path));
  if (!match) return undefined;
  const [, kindName, part, name] = match;
  const kind = data.kindOf(kindName);
  if (!kind) throw new Refused(404, 'kind.not_found', 'there is no such kind');
  if (part === 'labels') {
    if (body.label) kind.label = body.label;
    if (body.plural) kind.plural = body.plural;
    for (const [field, words] of Object.entries(body.fields ?? {})) {
      const own = kind.fields[field] ?? refuse(`/fields/${field}`, 'unknown', `no field ${field}`);
      if (words.label) own.label = words.label;
      if (words.help) own.help = words.help;
      for (const [value, { label }] of Object.entries(words.values ?? {})) own.values.find((each) => each.value === value).label = label;
    }
    return [200, kind];
  }
  if (!name && method === 'GET') return [200, { items: Object.entries(kind.fields).filter(([, field]) => field.custom).map(([own, field]) => ({ name: own, ...field })), next: null }];
  if (!name && method === 'POST') {
    const { name: wanted, ...field } = body;
    if (!/^x_[a-z0-9_]+$/u.test(wanted ?? '')) refuse('/name', 'name.invalid', 'names of own fields begin with x_');
    if (kind.fields[wanted]) refuse('/name', 'unique', `${wanted} is there already`);
    kind.fields[wanted] = { ...field, custom: true, org: body.org ?? 'd1' };
    return [201, { name: wanted, ...kind.fields[wanted] }];
  }
  const field = kind.fields[name];
  if (!field?.custom) throw new Refused(404, 'field.not_found', 'there is no such field of yours');
  if (method === 'PATCH') Object.assign(field, body);
  if (method === 'DELETE') field.retired = true;
  return method === 'DELETE' ? [204] : [200, { name, ...field }];
}
