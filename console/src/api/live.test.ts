import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { act, cleanup, renderHook } from '@testing-library/react';
import { createElement, type ReactNode } from 'react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { keys } from './keys.ts';
import { atMostEvery, staleKeys, streamAfter, useLiveStream } from './live.ts';

it('an event makes its record and the lists of its kind stale, once however many there are', () => {
  const event = { id: '1', type: 'complaints.case.accepted', recordkind: 'complaints.case', recordid: 'x1' };
  const stale = staleKeys([event, { ...event, id: '2' }]);
  expect(stale).toEqual([[...keys.records('complaints.case'), 'list'], [...keys.records('complaints.case'), 'count'], [...keys.records('complaints.case'), 'aggregate'], keys.record('complaints.case', 'x1')]);
});

it('a plugin that came or went makes screens and kinds stale, its settings do not', () => {
  expect(staleKeys([{ id: '1', type: 'plugin.enabled' }])).toEqual([keys.screens, keys.kinds, ['plugins']]);
  expect(staleKeys([{ id: '1', type: 'plugin.configured' }])).toEqual([]);
});

it('a stream goes on after the last event heard, unless the gap was long or nothing was heard', () => {
  expect([streamAfter('7', 60_000), streamAfter('7', 3_600_000), streamAfter('', 0)]).toEqual(['7', undefined, undefined]);
});

describe('with a clock', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => {
    cleanup();
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  it('what is asked for again and again passes at once and then at most every five seconds, each once', () => {
    const passed: string[] = [];
    const figures = atMostEvery(5_000, (key) => passed.push(String(key[0])));
    figures.add(['a']);
    figures.add(['a']);
    figures.add(['b']);
    expect(passed).toEqual(['a']);
    vi.advanceTimersByTime(5_000);
    expect(passed).toEqual(['a', 'a', 'b']);
    vi.advanceTimersByTime(60_000);
    figures.add(['a']);
    expect(passed).toEqual(['a', 'a', 'b', 'a']);
  });

  class Source extends EventTarget {
    static all: Source[] = [];
    static CLOSED = 2;
    readyState = 1;
    constructor(readonly address: string) {
      super();
      Source.all.push(this);
    }
    close() {
      this.readyState = 2;
    }
    tell(id: string, type: string) {
      this.dispatchEvent(new MessageEvent('message', { lastEventId: id, data: JSON.stringify({ id, type, recordkind: 'customer', recordid: 'c1' }) }));
    }
  }

  function listenTo(isOn: boolean) {
    Source.all = [];
    vi.stubGlobal('EventSource', Source);
    const client = new QueryClient();
    const read = vi.spyOn(client, 'invalidateQueries');
    renderHook(() => useLiveStream(isOn), { wrapper: ({ children }: { children: ReactNode }) => createElement(QueryClientProvider, { client }, children) });
    return { read, keysRead: () => read.mock.calls.map(([what]) => JSON.stringify(what?.queryKey ?? 'all')) };
  }
  const openAgain = () => act(() => void window.dispatchEvent(new Event('online')));

  it('nobody is listened to before what must be done first is done', () => {
    listenTo(false);
    expect(Source.all).toEqual([]);
  });

  it('rows are read again as events come, counts less often', () => {
    const { keysRead } = listenTo(true);
    for (const id of ['1', '2', '3']) {
      Source.all[0]!.tell(id, 'customer.changed');
      vi.advanceTimersByTime(500);
    }
    const times = (what: string) => keysRead().filter((key) => key.includes(what)).length;
    expect([times('"list"'), times('"count"'), times('"aggregate"')]).toEqual([3, 1, 1]);
    vi.advanceTimersByTime(5_000);
    expect([times('"list"'), times('"count"'), times('"aggregate"')]).toEqual([3, 2, 2]);
  });

  it('a stream opened again goes on after the last event, so that not everything is read again', () => {
    const { keysRead } = listenTo(true);
    Source.all[0]!.dispatchEvent(new Event('open'));
    Source.all[0]!.tell('41', 'customer.changed');
    openAgain();
    expect(Source.all[1]!.address).toBe('/api/v1/events/stream?after=41');
    Source.all[1]!.dispatchEvent(new Event('open'));
    expect(keysRead()).not.toContain('"all"');
  });

  it('a stream that heard nothing to go on from is made up for by reading everything again', () => {
    const { keysRead } = listenTo(true);
    Source.all[0]!.dispatchEvent(new Event('open'));
    openAgain();
    Source.all[1]!.dispatchEvent(new Event('open'));
    expect(keysRead()).toContain('"all"');
  });
});
