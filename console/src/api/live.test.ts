import { expect, it } from 'vitest';
import { keys } from './keys.ts';
import { staleKeys } from './live.ts';

it('an event makes its record and the lists of its kind stale, once however many there are', () => {
  const event = { id: '1', type: 'complaints.case.accepted', recordkind: 'complaints.case', recordid: 'x1' };
  const stale = staleKeys([event, { ...event, id: '2' }]);
  expect(stale).toEqual([[...keys.records('complaints.case'), 'list'], [...keys.records('complaints.case'), 'count'], [...keys.records('complaints.case'), 'aggregate'], keys.record('complaints.case', 'x1')]);
});

it('a plugin that came or went makes screens and kinds stale, its settings do not', () => {
  expect(staleKeys([{ id: '1', type: 'plugin.enabled' }])).toEqual([keys.screens, keys.kinds, ['plugins']]);
  expect(staleKeys([{ id: '1', type: 'plugin.configured' }])).toEqual([]);
});
