import { createRootRoute, createRoute, createRouter } from '@tanstack/react-router'
import { Shell } from './components/Shell'
import { Agents } from './pages/Agents'
import { Ask } from './pages/Ask'
import { CasePage } from './pages/CasePage'
import { Cases, StartPage } from './pages/Cases'
import { NotFound } from './pages/NotFound'
import { Hosts } from './pages/Hosts'
import { Journal } from './pages/Journal'

export type CaseFilter = 'all' | 'open' | 'ended'
interface CaseSearch {
  show?: CaseFilter
  q?: string
}

const root = createRootRoute({ component: Shell })
const cases = createRoute({
  getParentRoute: () => root,
  path: '/',
  component: Cases,
  validateSearch: (search: Record<string, unknown>): CaseSearch => ({
    show: search.show === 'open' || search.show === 'ended' ? search.show : undefined,
    q: typeof search.q === 'string' && search.q ? search.q : undefined,
  }),
})
const oneCase = createRoute({ getParentRoute: () => root, path: '/cases/$id', component: CasePage })
const start = createRoute({ getParentRoute: () => root, path: '/start', component: StartPage })
const ask = createRoute({ getParentRoute: () => root, path: '/ask', component: Ask })
const hosts = createRoute({ getParentRoute: () => root, path: '/hosts', component: Hosts })
const agents = createRoute({ getParentRoute: () => root, path: '/agents', component: Agents })
const journal = createRoute({ getParentRoute: () => root, path: '/journal', component: Journal })

export const router = createRouter({ routeTree: root.addChildren([cases, oneCase, start, ask, hosts, agents, journal]), defaultPreload: 'intent', scrollRestoration: true, defaultNotFoundComponent: NotFound })

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
