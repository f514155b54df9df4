// A message to one customer, as it is being written: what may be chosen, what is missing, what is sent.
import type { Template } from '../../api/templates.ts';
import type { Data, Item } from '../../api/types.ts';
import type { Verdict } from './contact.ts';

/** Ways by which one writes; a call is made, not written. */
export const WRITTEN_WAYS = ['sms', 'email', 'wechat', 'letter', 'app'] as const;
export type Way = (typeof WRITTEN_WAYS)[number];

export interface Writing {
  purpose: 'serve' | 'marketing';
  channel: Way;
  /** The template's id; none for words of one's own. */
  template?: string;
  values: Record<string, string>;
  subject: string;
  body: string;
}

/** The templates one may choose: in use, for this purpose and way, and not covered by one that is nearer. */
export function offered(templates: Template[], purpose: string, channel: string): Template[] {
  return templates.filter((each) => each.state === 'active' && !each.is_overridden && each.purpose === purpose && (each.channels.length === 0 || each.channels.includes(channel)));
}

/** With subjects are read: e-mails always, letters if they like. */
export const hasSubject = (channel: string) => channel === 'email' || channel === 'letter';

/** What has to be filled in before it can be sent: names of values, `subject`, `body`. */
export function missing(writing: Writing, template: Template | undefined): string[] {
  if (template) return template.values.filter((name) => !writing.values[name]?.trim());
  return [...(writing.channel === 'email' && !writing.subject.trim() ? ['subject'] : []), ...(writing.body.trim() ? [] : ['body'])];
}

/** The record to be made. Values that the template does not ask for stay here. */
export function messageOf(customer: string, writing: Writing, template: Template | undefined): Data {
  const { purpose, channel, subject, body, values } = writing;
  if (template) return { customer, purpose, channel, template: template.name, values: Object.fromEntries(template.values.map((name) => [name, values[name]?.trim() ?? ''])) };
  return { customer, purpose, channel, body: body.trim(), ...(hasSubject(channel) && subject.trim() ? { subject: subject.trim() } : {}) };
}

/** What becomes of it if it were sent now: it goes, it waits, or it is stopped. */
export function fate(verdict: Pick<Verdict, 'is_allowed' | 'reason' | 'retry_at'> | undefined): 'goes' | 'waits' | 'stopped' | undefined {
  if (!verdict) return undefined;
  if (verdict.is_allowed) return 'goes';
  return verdict.reason === 'quiet_hours' ? 'waits' : 'stopped';
}

/** Whether it is still open what becomes of a message: it is due, and nobody has decided yet. */
export function isOpen(message: Item | undefined, now: number): boolean {
  if (!message) return true;
  return message.data.state === 'queued' && Date.parse(String(message.data.due_at ?? '')) <= now;
}
