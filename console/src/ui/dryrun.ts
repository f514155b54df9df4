// Reading a dry run: which kind a command is about, which values it sets, how often each event would come.
import type { Data, DryRun } from '../api/types.ts';

type Command = DryRun['commands'][number];

export function kindOf(command: Command): string | undefined {
  const { kind } = command.body;
  if (typeof kind === 'string') return kind;
  // `customer.merge` says whom it is about by its name.
  const [noun] = command.name.split('.');
  return noun !== 'record' && noun !== 'timer' && noun !== 'event' ? noun : undefined;
}

/** The values a command writes; a merge patch's `null` empties a field. */
export function dataOf(command: Command): Data {
  const { data } = command.body;
  return data && typeof data === 'object' && !Array.isArray(data) ? data : {};
}

/** Event kinds with how often each comes, in the order they first come. */
export function countEvents(events: DryRun['events']): [string, number][] {
  const counts = new Map<string, number>();
  for (const { kind } of events) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return [...counts];
}
