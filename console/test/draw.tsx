// Draws a part of the console for a test: with a client of its own and addresses to link to.
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { createMemoryHistory, createRootRoute, createRoute, createRouter, RouterProvider } from '@tanstack/react-router';
import { render } from '@testing-library/react';
import { App, ConfigProvider } from 'antd';
import type { ReactNode } from 'react';

/** A client that asks once and takes nothing for stale by itself, so that a test says what is read when. */
export const testClient = () => new QueryClient({ defaultOptions: { queries: { retry: false, staleTime: Infinity } } });

export function draw(part: ReactNode, client = testClient()) {
  const root = createRootRoute();
  const everywhere = createRoute({ getParentRoute: () => root, path: '$', component: () => part });
  const router = createRouter({ routeTree: root.addChildren([everywhere]), history: createMemoryHistory({ initialEntries: ['/here'] }) });
  const drawn = render(<ConfigProvider button={{ autoInsertSpace: false }}><QueryClientProvider client={client}><App component={false}><RouterProvider router={router as never} /></App></QueryClientProvider></ConfigProvider>);
  return { client, ...drawn };
}

interface Refusal {
  status: number;
  body: unknown;
}

const isRefusal = (answer: unknown): answer is Refusal => typeof answer === 'object' && answer !== null && typeof (answer as Refusal).status === 'number' && 'body' in answer;

/** Answers of a server that a test makes up: the body a path is answered with, or the status and body it is refused with. */
export function answering(answer: (path: string, init?: RequestInit) => unknown) {
  return async (input: RequestInfo | URL, init?: RequestInit) => {
    const told = answer(String(input).replace('/api/v1', ''), init);
    const { status, body } = isRefusal(told) ? told : typeof told === 'number' ? { status: told, body: { code: 'test.refused' } } : { status: 200, body: told };
    return new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } });
  };
}
