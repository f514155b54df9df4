// Long work on the server: followed until it ends.
import { useQuery } from '@tanstack/react-query';
import { api } from './client.ts';
import type { Job } from './types.ts';

export const jobKeys = {
  all: ['jobs'] as const,
  one: (id: string) => ['jobs', id] as const,
};

const POLL_MS = 700;

/** Whether a job is still at something: at its rows, at taking them back, or at letting events go. */
export const isMoving = (job: Job | undefined) => job?.state === 'running' || (job?.held?.state === 'going' && job.held.n_waiting > 0);

/** A job, asked for again while it runs. */
export const useJob = (id: string | undefined) =>
  useQuery({
    queryKey: jobKeys.one(id ?? ''),
    queryFn: ({ signal }) => api.get<Job>(`/jobs/${encodeURIComponent(id ?? '')}`, undefined, signal),
    enabled: id !== undefined,
    refetchInterval: (query) => (isMoving(query.state.data) ? POLL_MS : false),
    staleTime: 0,
  });
