import { afterEach, describe, expect, it, vi } from 'vitest';
import { api, ApiError, filterParam, onSignedOut, url } from './client.ts';
import { parseEvent } from './events.ts';

const json = (status: number, body: unknown) => new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/problem+json' } });
const keyOf = (call: unknown[]) => ((call[1] as RequestInit).headers as Record<string, string>)['idempotency-key'];

afterEach(() => vi.unstubAllGlobals());

describe('the client', () => {
  it('turns a problem into an error with code and places', async () => {
    vi.stubGlobal('fetch', async () => json(400, { code: 'invalid', detail: 'wrong', errors: [{ pointer: '/data/x', code: 'c', message: 'm' }] }));
    const error = await api.post('/records/x', {}).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({ status: 400, code: 'invalid', message: 'wrong', errors: [{ pointer: '/data/x' }] });
  });

  it('sends every POST with a key, a new one each time', async () => {
    const fetch = vi.fn(async () => json(200, {}));
    vi.stubGlobal('fetch', fetch);
    await api.post('/segments', { a: 1 });
    await api.post('/segments', { a: 1 });
    expect(keyOf(fetch.mock.calls[0]!)).toMatch(/^[0-9a-f]{32}$/u);
    expect(keyOf(fetch.mock.calls[1]!)).not.toBe(keyOf(fetch.mock.calls[0]!));
  });

  it('keeps the key of a POST that was never answered, so that sending it again does it once', async () => {
    const fetch = vi.fn<() => Promise<Response>>().mockRejectedValueOnce(new TypeError('offline')).mockResolvedValue(json(200, {}));
    vi.stubGlobal('fetch', fetch);
    await expect(api.post('/tokens', { a: 1 })).rejects.toMatchObject({ status: 0, code: 'network' });
    await api.post('/tokens', { a: 1 });
    expect(keyOf(fetch.mock.calls[1] as unknown[])).toBe(keyOf(fetch.mock.calls[0] as unknown[]));
  });

  it('tells when the session is over, but not for a wrong password', async () => {
    const ended = vi.fn();
    onSignedOut(ended);
    vi.stubGlobal('fetch', async () => json(401, {}));
    await api.post('/session', {}).catch(() => undefined);
    expect(ended).not.toHaveBeenCalled();
    await api.get('/kinds').catch(() => undefined);
    expect(ended).toHaveBeenCalledOnce();
  });

  it('tells a new record from one that was there', async () => {
    vi.stubGlobal('fetch', async () => json(200, { id: 'old' }));
    expect(await api.create('/records/customer', {})).toEqual({ isNew: false, item: { id: 'old' } });
  });

  it('leaves empty parameters out of addresses', () => {
    expect(url('/a', { q: '', limit: 5, cursor: undefined })).toBe('/api/v1/a?limit=5');
    expect(filterParam({})).toBeUndefined();
  });

  it('passes over what is no event', () => {
    expect(parseEvent('{"type":"x","id":7}')).toEqual({ type: 'x', id: '7' });
    expect(parseEvent('nonsense')).toBeNull();
    expect(parseEvent('{"id":1}')).toBeNull();
  });
});
