// A record's page follows what happens to the record and to whom it is about.
import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { keys } from '../api/keys.ts';
import { listen } from '../api/live.ts';
import type { Item, Kind } from '../api/types.ts';
import type { Subject } from './actions.tsx';

/** Whose events a record's page follows: its subject's, as the kind says. */
export function subjectOf(kind: Kind, item: Item): Subject {
  const id = kind.subject ? item.data[kind.subject] : undefined;
  const to = kind.subject ? kind.fields[kind.subject]?.to : undefined;
  return typeof id === 'string' && to ? { kind: to, id } : { kind: item.kind, id: item.id };
}

/** Reads everything about the record again when something happens to its subject. */
export function useLiveRecord(kind: string, id: string, subject: string | undefined) {
  const client = useQueryClient();
  useEffect(
    () =>
      listen((events) => {
        if (events.some((event) => event.recordid === id || (subject !== undefined && event.subject === subject))) void client.invalidateQueries({ queryKey: keys.record(kind, id) });
      }),
    [client, kind, id, subject],
  );
}
