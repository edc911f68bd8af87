import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from '@tanstack/react-router'
import { Shell } from './components/Shell'
import { Cases, StartPage } from './pages/Cases'
import { NotFound } from './pages/NotFound'

export type CaseFilter = 'all' | 'open' | 'ended'
interface CaseSearch {
  show?: CaseFilter
  q?: string
}
export interface HostSearch {
  q?: string
  label?: string
  status?: string
}

export interface LogSearch {
  view?: 'templates' | 'sources'
  q?: string
  host?: string
  level?: string
  service?: string
  template?: string
  range?: string
  since?: string
  until?: string
  line?: string
  like?: string
}

const text = (value: unknown) => (typeof value === 'string' && value ? value : undefined)

const root = createRootRoute({ component: Shell })
const cases = createRoute({
  getParentRoute: () => root,
  path: '/',
  component: Cases,
  validateSearch: (search: Record<string, unknown>): CaseSearch => ({
    show: search.show === 'open' || search.show === 'ended' ? search.show : undefined,
    q: text(search.q),
  }),
})
const start = createRoute({ getParentRoute: () => root, path: '/start', component: StartPage })
// Each other page is fetched when it is first asked for, or when a pointer comes near its link.
const oneCase = createRoute({ getParentRoute: () => root, path: '/cases/$id', component: lazyRouteComponent(() => import('./pages/CasePage'), 'CasePage') })
const ask = createRoute({
  getParentRoute: () => root,
  path: '/ask',
  component: lazyRouteComponent(() => import('./pages/Ask'), 'Ask'),
  validateSearch: (search: Record<string, unknown>): { about?: string } => ({ about: text(search.about) }),
})
const hosts = createRoute({
  getParentRoute: () => root,
  path: '/hosts',
  component: lazyRouteComponent(() => import('./pages/Hosts'), 'Hosts'),
  validateSearch: (search: Record<string, unknown>): HostSearch => ({ q: text(search.q), label: text(search.label), status: text(search.status) }),
})
const enrol = createRoute({ getParentRoute: () => root, path: '/enrol', component: lazyRouteComponent(() => import('./pages/Enrol'), 'Enrol') })
const oneHost = createRoute({ getParentRoute: () => root, path: '/hosts/$name', component: lazyRouteComponent(() => import('./pages/HostPage'), 'HostPage') })
const fleet = createRoute({
  getParentRoute: () => root,
  path: '/fleet',
  component: lazyRouteComponent(() => import('./pages/Fleet'), 'Fleet'),
  validateSearch: (search: Record<string, unknown>): { on?: string } => ({ on: text(search.on) }),
})
const logs = createRoute({
  getParentRoute: () => root,
  path: '/logs',
  component: lazyRouteComponent(() => import('./pages/Logs'), 'Logs'),
  validateSearch: (search: Record<string, unknown>): LogSearch => ({
    view: search.view === 'templates' || search.view === 'sources' ? search.view : undefined,
    q: text(search.q),
    host: text(search.host),
    level: text(search.level),
    service: text(search.service),
    template: text(search.template),
    range: text(search.range),
    since: text(search.since),
    until: text(search.until),
    line: text(search.line),
    like: text(search.like),
  }),
})
const agents = createRoute({ getParentRoute: () => root, path: '/agents', component: lazyRouteComponent(() => import('./pages/Agents'), 'Agents') })
const journal = createRoute({ getParentRoute: () => root, path: '/journal', component: lazyRouteComponent(() => import('./pages/Journal'), 'Journal') })
const people = createRoute({ getParentRoute: () => root, path: '/people', component: lazyRouteComponent(() => import('./pages/People'), 'People') })
const account = createRoute({ getParentRoute: () => root, path: '/account', component: lazyRouteComponent(() => import('./pages/Account'), 'Account') })
const usage = createRoute({ getParentRoute: () => root, path: '/usage', component: lazyRouteComponent(() => import('./pages/Usage'), 'Usage') })
const terminal = createRoute({ getParentRoute: () => root, path: '/hosts/$name/terminal', component: lazyRouteComponent(() => import('./pages/Terminal'), 'TerminalPage') })
const terminals = createRoute({ getParentRoute: () => root, path: '/terminals', component: lazyRouteComponent(() => import('./pages/Terminals'), 'Terminals') })

export const router = createRouter({
  routeTree: root.addChildren([cases, start, oneCase, ask, hosts, enrol, oneHost, fleet, logs, agents, journal, people, account, usage, terminal, terminals]),
  defaultPreload: 'intent',
  scrollRestoration: true,
  defaultNotFoundComponent: NotFound,
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
