import { describe, expect, it } from 'vitest';
import { addressOf, linksIn } from './pages.ts';

describe('links of a reply', () => {
  it('are those the server has made an address for', () => {
    const reply = { id: 'q1', links: { quote: { page: 'view', record: 'q1', url: 'https://crm.example/p/quotes/view/abc', once: true, expires_at: '2026-04-01T00:00:00Z' }, bare: { page: 'view', record: 'q1' } } };
    expect(linksIn(reply)).toEqual([{ name: 'quote', page: 'view', url: 'https://crm.example/p/quotes/view/abc', once: true, expires_at: '2026-04-01T00:00:00Z' }]);
  });

  it('lead to the web alone, whatever a plugin writes into its reply', () => {
    expect(linksIn({ links: { bad: { url: 'javascript:alert(1)' }, odd: 'https://a', none: null } })).toEqual([]);
    for (const reply of [undefined, null, 'links', [], { links: [] }, {}]) expect(linksIn(reply)).toEqual([]);
  });
});

describe('the address of a page', () => {
  it('names the organisation by its code, and the poster it stands on', () => {
    expect(addressOf('demo', { name: 'ask' }, 'd1', '', 'http://shop.local')).toBe('http://shop.local/p/demo/ask?org=d1');
    expect(addressOf('demo', { name: 'ask', url: 'https://crm.example/p/demo/ask' }, 'd1', ' 春季 展架&1 ', 'http://shop.local')).toBe('https://crm.example/p/demo/ask?org=d1&ref=%E6%98%A5%E5%AD%A3+%E5%B1%95%E6%9E%B6%261');
    expect(addressOf('demo', { name: 'ask' }, undefined, '', 'http://shop.local')).toBe('http://shop.local/p/demo/ask');
  });
});
