// Addresses of the console. Every page loads its own code; state worth sharing is in the address.
import { createRootRoute, createRoute, createRouter, lazyRouteComponent, Outlet, redirect } from '@tanstack/react-router';
import { sessionQuery } from '../api/queries.ts';
import { readListSearch, type ListSearch } from '../ui/listSearch.ts';
import { Failure, Loading } from '../ui/states.tsx';
import { setZone } from '../ui/time.ts';
import { client } from './client.ts';
import { NotFound } from './NotFound.tsx';
import { nearestLocale, prefs } from '../ui/prefs.ts';
import { Shell } from './Shell.tsx';

const text = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined);

const root = createRootRoute({
  component: Outlet,
  notFoundComponent: NotFound,
  errorComponent: ({ error, reset }) => <Failure error={error} onRetry={reset} />,
});

/** Only a path of our own: never lead a person who has just signed in to another site. */
export function safeNext(next: string | undefined): string {
  return next?.startsWith('/') && !next.startsWith('//') && !next.includes('\\') && !next.startsWith('/login') ? next : '/today';
}

const login = createRoute({
  getParentRoute: () => root,
  path: '/login',
  validateSearch: (search: Record<string, unknown>): { next?: string; ended?: boolean; fault?: string } => ({ next: text(search.next), ended: search.ended === true ? true : undefined, fault: text(search.fault) }),
  beforeLoad: async ({ search }) => {
    // A server that is down says so on the page itself.
    const session = await client.ensureQueryData(sessionQuery).catch(() => null);
    if (session) throw redirect({ href: safeNext(search.next) });
  },
  component: lazyRouteComponent(() => import('../features/auth/LoginPage.tsx'), 'LoginPage'),
});

const shell = createRoute({
  getParentRoute: () => root,
  id: 'shell',
  beforeLoad: async ({ location }) => {
    const session = await client.ensureQueryData(sessionQuery);
    if (!session) throw redirect({ to: '/login', search: { next: location.href === '/' ? undefined : location.href } });
    // Nothing else is answered before a password of one's own, or a second factor where the role asks for one.
    if (session.wants && location.pathname !== '/account') throw redirect({ to: '/account' });
    setZone(session.user.org.time_zone);
    if (!prefs.hasChosenLocale() && session.user.locale) prefs.set({ locale: nearestLocale([session.user.locale]) }, false);
  },
  component: Shell,
  notFoundComponent: NotFound,
});

const home = createRoute({
  getParentRoute: () => shell,
  path: '/',
  beforeLoad: () => {
    throw redirect({ to: '/today' });
  },
});

const today = createRoute({
  getParentRoute: () => shell,
  path: '/today',
  component: lazyRouteComponent(() => import('../features/today/TodayPage.tsx'), 'TodayPage'),
});

const customers = createRoute({
  getParentRoute: () => shell,
  path: '/customers',
  validateSearch: (search: Record<string, unknown>): ListSearch & { new?: boolean } => ({ ...readListSearch(search), new: search.new === true ? true : undefined }),
  component: lazyRouteComponent(() => import('../features/customers/CustomersPage.tsx'), 'CustomersPage'),
});

const customer = createRoute({
  getParentRoute: () => shell,
  path: '/customers/$id',
  component: lazyRouteComponent(() => import('../features/customers/CustomerPage.tsx'), 'CustomerPage'),
});

const merge = createRoute({
  getParentRoute: () => shell,
  path: '/customers/$id/merge',
  validateSearch: (search: Record<string, unknown>): { with?: string } => ({ with: text(search.with) }),
  component: lazyRouteComponent(() => import('../features/customers/MergePage.tsx'), 'MergePage'),
});

const reviews = createRoute({
  getParentRoute: () => shell,
  path: '/reviews',
  validateSearch: (search: Record<string, unknown>): { state?: string; cursor?: string } => ({ state: text(search.state), cursor: text(search.cursor) }),
  component: lazyRouteComponent(() => import('../features/customers/ReviewsPage.tsx'), 'ReviewsPage'),
});

const messages = createRoute({
  getParentRoute: () => shell,
  path: '/messages',
  validateSearch: (search: Record<string, unknown>): { state?: string; reason?: string; cursor?: string } => ({ state: text(search.state), reason: text(search.reason), cursor: text(search.cursor) }),
  component: lazyRouteComponent(() => import('../features/messages/MessagesPage.tsx'), 'MessagesPage'),
});

const requests = createRoute({
  getParentRoute: () => shell,
  path: '/requests',
  validateSearch: (search: Record<string, unknown>): { show?: string; cursor?: string } => ({ show: text(search.show), cursor: text(search.cursor) }),
  component: lazyRouteComponent(() => import('../features/privacy/RequestsPage.tsx'), 'RequestsPage'),
});

const request = createRoute({
  getParentRoute: () => shell,
  path: '/requests/$id',
  component: lazyRouteComponent(() => import('../features/privacy/RequestPage.tsx'), 'RequestPage'),
});

const retention = createRoute({
  getParentRoute: () => shell,
  path: '/retention',
  component: lazyRouteComponent(() => import('../features/privacy/RetentionPage.tsx'), 'RetentionPage'),
});

const policy = createRoute({
  getParentRoute: () => shell,
  path: '/policy',
  component: lazyRouteComponent(() => import('../features/policy/PolicyPage.tsx'), 'PolicyPage'),
});

const templates = createRoute({
  getParentRoute: () => shell,
  path: '/templates',
  component: lazyRouteComponent(() => import('../features/templates/TemplatesPage.tsx'), 'TemplatesPage'),
});

const template = createRoute({
  getParentRoute: () => shell,
  path: '/templates/$id',
  component: lazyRouteComponent(() => import('../features/templates/TemplatePage.tsx'), 'TemplatePage'),
});

const webhooks = createRoute({
  getParentRoute: () => shell,
  path: '/webhooks',
  component: lazyRouteComponent(() => import('../features/webhooks/WebhooksPage.tsx'), 'WebhooksPage'),
});

const kindList = createRoute({
  getParentRoute: () => shell,
  path: '/records/$kind',
  validateSearch: (search: Record<string, unknown>): ListSearch & { new?: boolean } => ({ ...readListSearch(search), new: search.new === true ? true : undefined }),
  component: lazyRouteComponent(() => import('../features/records/KindPage.tsx'), 'KindPage'),
});

const record = createRoute({
  getParentRoute: () => shell,
  path: '/records/$kind/$id',
  validateSearch: (search: Record<string, unknown>): { view?: string } => ({ view: text(search.view) }),
  component: lazyRouteComponent(() => import('../features/records/RecordPage.tsx'), 'RecordPage'),
});

const view = createRoute({
  getParentRoute: () => shell,
  path: '/views/$plugin/$view',
  validateSearch: (search: Record<string, unknown>): ListSearch & { tab?: number } => ({ ...readListSearch(search), tab: typeof search.tab === 'number' ? search.tab : undefined }),
  component: lazyRouteComponent(() => import('../features/records/ViewPage.tsx'), 'ViewPage'),
});

const imports = createRoute({
  getParentRoute: () => shell,
  path: '/imports',
  validateSearch: (search: Record<string, unknown>): { kind?: string; preview?: string; apply?: string } => ({ kind: text(search.kind), preview: text(search.preview), apply: text(search.apply) }),
  component: lazyRouteComponent(() => import('../features/imports/ImportPage.tsx'), 'ImportPage'),
});

const jobs = createRoute({
  getParentRoute: () => shell,
  path: '/jobs',
  validateSearch: (search: Record<string, unknown>): { tab?: string } => ({ tab: text(search.tab) }),
  component: lazyRouteComponent(() => import('../features/imports/JobsPage.tsx'), 'JobsPage'),
});

const segments = createRoute({
  getParentRoute: () => shell,
  path: '/segments',
  component: lazyRouteComponent(() => import('../features/segments/SegmentsPage.tsx'), 'SegmentsPage'),
});

const segment = createRoute({
  getParentRoute: () => shell,
  path: '/segments/$id',
  validateSearch: (search: Record<string, unknown>): { kind?: string } => ({ kind: text(search.kind) }),
  component: lazyRouteComponent(() => import('../features/segments/SegmentPage.tsx'), 'SegmentPage'),
});

const kinds = createRoute({
  getParentRoute: () => shell,
  path: '/kinds',
  component: lazyRouteComponent(() => import('../features/kinds/KindsPage.tsx'), 'KindsPage'),
});

const kind = createRoute({
  getParentRoute: () => shell,
  path: '/kinds/$kind',
  validateSearch: (search: Record<string, unknown>): { org?: string } => ({ org: text(search.org) }),
  component: lazyRouteComponent(() => import('../features/kinds/KindPage.tsx'), 'KindPage'),
});

const orgs = createRoute({
  getParentRoute: () => shell,
  path: '/orgs',
  validateSearch: (search: Record<string, unknown>): { id?: string } => ({ id: text(search.id) }),
  component: lazyRouteComponent(() => import('../features/orgs/OrgsPage.tsx'), 'OrgsPage'),
});

/** Where links to an organisation lead: the tree stays as it is while one looks around in it, so which one is chosen stands behind the path. */
const org = createRoute({
  getParentRoute: () => shell,
  path: '/orgs/$id',
  beforeLoad: ({ params }) => {
    throw redirect({ to: '/orgs', search: { id: params.id } });
  },
});

const people = createRoute({
  getParentRoute: () => shell,
  path: '/people',
  validateSearch: (search: Record<string, unknown>): ListSearch & { new?: boolean } => ({ ...readListSearch(search), new: search.new === true ? true : undefined }),
  component: lazyRouteComponent(() => import('../features/people/PeoplePage.tsx'), 'PeoplePage'),
});

const person = createRoute({
  getParentRoute: () => shell,
  path: '/people/$id',
  validateSearch: (search: Record<string, unknown>): { tab?: string } => ({ tab: text(search.tab) }),
  component: lazyRouteComponent(() => import('../features/people/PersonPage.tsx'), 'PersonPage'),
});

const teams = createRoute({
  getParentRoute: () => shell,
  path: '/teams',
  validateSearch: (search: Record<string, unknown>): ListSearch & { new?: boolean } => ({ ...readListSearch(search), new: search.new === true ? true : undefined }),
  component: lazyRouteComponent(() => import('../features/teams/TeamsPage.tsx'), 'TeamsPage'),
});

const roles = createRoute({
  getParentRoute: () => shell,
  path: '/roles',
  component: lazyRouteComponent(() => import('../features/roles/RolesPage.tsx'), 'RolesPage'),
});

const role = createRoute({
  getParentRoute: () => shell,
  path: '/roles/$id',
  component: lazyRouteComponent(() => import('../features/roles/RolePage.tsx'), 'RolePage'),
});

const audit = createRoute({
  getParentRoute: () => shell,
  path: '/audit',
  validateSearch: (search: Record<string, unknown>): { what?: string; actor?: string; record?: string; org?: string; from?: string; to?: string; cursor?: string } => ({
    what: text(search.what), actor: text(search.actor), record: text(search.record), org: text(search.org), from: text(search.from), to: text(search.to), cursor: text(search.cursor),
  }),
  component: lazyRouteComponent(() => import('../features/audit/AuditPage.tsx'), 'AuditPage'),
});

const approvals = createRoute({
  getParentRoute: () => shell,
  path: '/approvals',
  component: lazyRouteComponent(() => import('../features/approvals/ApprovalsPage.tsx'), 'ApprovalsPage'),
});

const plugins = createRoute({
  getParentRoute: () => shell,
  path: '/plugins',
  component: lazyRouteComponent(() => import('../features/plugins/PluginsPage.tsx'), 'PluginsPage'),
});

const plugin = createRoute({
  getParentRoute: () => shell,
  path: '/plugins/$name',
  validateSearch: (search: Record<string, unknown>): { tab?: string } => ({ tab: text(search.tab) }),
  component: lazyRouteComponent(() => import('../features/plugins/PluginPage.tsx'), 'PluginPage'),
});

const scripts = createRoute({
  getParentRoute: () => shell,
  path: '/scripts',
  validateSearch: (search: Record<string, unknown>): { org?: string } => ({ org: text(search.org) }),
  component: lazyRouteComponent(() => import('../features/scripts/ScriptsPage.tsx'), 'ScriptsPage'),
});

const account = createRoute({
  getParentRoute: () => shell,
  path: '/account',
  component: lazyRouteComponent(() => import('../features/account/AccountPage.tsx'), 'AccountPage'),
});

const script = createRoute({
  getParentRoute: () => shell,
  path: '/scripts/$role/$name',
  validateSearch: (search: Record<string, unknown>): { org?: string } => ({ org: text(search.org) }),
  component: lazyRouteComponent(() => import('../features/scripts/ScriptPage.tsx'), 'ScriptPage'),
});

export const router = createRouter({
  routeTree: root.addChildren([login, shell.addChildren([home, today, customers, customer, merge, reviews, requests, request, retention, policy, templates, template, webhooks, messages, kindList, record, view, imports, jobs, segments, segment, kinds, kind, orgs, org, people, person, teams, roles, role, audit, approvals, plugins, plugin, scripts, script, account])]),
  defaultPreload: 'intent',
  defaultPendingComponent: () => <Loading />,
  defaultErrorComponent: ({ error, reset }) => <Failure error={error} onRetry={reset} />,
  scrollRestoration: true,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
