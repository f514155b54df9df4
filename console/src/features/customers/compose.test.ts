import { describe, expect, it } from 'vitest';
import type { Template } from '../../api/templates.ts';
import type { Item } from '../../api/types.ts';
import { fate, isOpen, messageOf, missing, offered, type Writing } from './compose.ts';

const template = (more: Partial<Template>): Template => ({
  id: 't', name: 'service.ready', label: 'Ready', purpose: 'serve', state: 'active', org: 'd1', org_name: null, rev: 1, channels: [], values: [], is_inherited: false, is_overridden: false, data: {}, ...more,
});
const writing = (more: Partial<Writing>): Writing => ({ purpose: 'serve', channel: 'sms', values: {}, subject: '', body: '', ...more });

describe('templates one may choose', () => {
  it('are in use, for the purpose and the way, and not covered by a nearer one', () => {
    const all = [
      template({ id: 'any' }), template({ id: 'sms', channels: ['sms'] }), template({ id: 'mail', channels: ['email'] }), template({ id: 'draft', state: 'draft' }),
      template({ id: 'ad', purpose: 'marketing' }), template({ id: 'covered', is_overridden: true, is_inherited: true }), template({ id: 'above', is_inherited: true }),
    ];
    expect(offered(all, 'serve', 'sms').map(({ id }) => id)).toEqual(['any', 'sms', 'above']);
    expect(offered(all, 'marketing', 'email').map(({ id }) => id)).toEqual(['ad']);
  });
});

describe('what is missing', () => {
  it('is every value a template asks for, blanks counting as nothing', () => {
    expect(missing(writing({ values: { plate: '湘A1', due: ' ' } }), template({ values: ['plate', 'due', 'n'] }))).toEqual(['due', 'n']);
  });

  it('is the text, and of an e-mail its subject', () => {
    expect(missing(writing({}), undefined)).toEqual(['body']);
    expect(missing(writing({ channel: 'email', body: 'x' }), undefined)).toEqual(['subject']);
    expect(missing(writing({ channel: 'letter', body: 'x' }), undefined)).toEqual([]);
  });
});

describe('the message', () => {
  it('names the template by its code, with the values it asks for and no others', () => {
    expect(messageOf('c1', writing({ values: { plate: ' 湘A1 ', other: 'x' }, body: 'old words' }), template({ values: ['plate'] }))).toEqual({ customer: 'c1', purpose: 'serve', channel: 'sms', template: 'service.ready', values: { plate: '湘A1' } });
  });

  it('is one\u2019s own words, with a subject only where one is read', () => {
    expect(messageOf('c1', writing({ subject: 'S', body: ' B ' }), undefined)).toEqual({ customer: 'c1', purpose: 'serve', channel: 'sms', body: 'B' });
    expect(messageOf('c1', writing({ channel: 'email', subject: ' S ', body: 'B' }), undefined)).toMatchObject({ subject: 'S' });
  });
});

describe('what becomes of it', () => {
  it('goes, waits for the morning, or is stopped', () => {
    expect([fate(undefined), fate({ is_allowed: true }), fate({ is_allowed: false, reason: 'quiet_hours', retry_at: 'x' }), fate({ is_allowed: false, reason: 'no_consent' })]).toEqual([undefined, 'goes', 'waits', 'stopped']);
  });

  it('is open while it is due and nobody has decided', () => {
    const message = (state: string, due: string) => ({ data: { state, due_at: due } }) as unknown as Item;
    const now = Date.parse('2026-03-01T10:00:00Z');
    expect([isOpen(undefined, now), isOpen(message('queued', '2026-03-01T09:59:00Z'), now), isOpen(message('queued', '2026-03-02T00:00:00Z'), now), isOpen(message('suppressed', '2026-03-01T09:59:00Z'), now)]).toEqual([true, true, false, false]);
  });
});
