// The query client: what is read is kept, read again when stale, and asked again only when asking again can help.
import { QueryClient } from '@tanstack/react-query';
import { ApiError } from '../api/client.ts';

export const client = new QueryClient({
  defaultOptions: {
    queries: {
      retry: (count, error) => count < 2 && !(error instanceof ApiError && error.status >= 400 && error.status < 500),
      refetchOnWindowFocus: true,
      staleTime: 5_000,
    },
  },
});
