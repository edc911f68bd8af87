import { useQuery } from '@tanstack/react-query'
import { Link, Outlet } from '@tanstack/react-router'
import { BookOpenText, LifeBuoy, LogOut, Server, SunMoon, Users } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { post, session } from '../api/client'
import { useFreshLists } from '../api/events'
import { toggleTheme } from '../theme'

const PLACES = [
  { to: '/', name: 'cases', Icon: LifeBuoy },
  { to: '/hosts', name: 'hosts', Icon: Server },
  { to: '/agents', name: 'agents', Icon: Users },
  { to: '/journal', name: 'journal', Icon: BookOpenText },
] as const

export function Shell() {
  const { t } = useTranslation()
  const live = useFreshLists()
  const who = useQuery({ queryKey: ['session'], queryFn: session, staleTime: Infinity })
  return (
    <div className="min-h-dvh sm:grid sm:grid-cols-[13rem_1fr]">
      <a href="#content" className="sr-only focus:not-sr-only focus:absolute focus:z-10 focus:bg-panel focus:p-3">
        {t('nav.skip')}
      </a>
      <header className="flex items-center gap-2 bg-sea text-white sm:sticky sm:top-0 sm:h-dvh sm:flex-col sm:items-stretch sm:p-3">
        <div className="flex items-center gap-2.5 p-2">
          <img src="/favicon.svg" alt="" className="size-8" />
          <span className="text-lg font-semibold tracking-tight max-sm:sr-only">Vigie</span>
        </div>
        <nav aria-label={t('nav.main')} className="flex grow gap-1 sm:mt-4 sm:flex-col">
          {PLACES.map(({ to, name, Icon }) => (
            <Link
              key={to}
              to={to}
              activeOptions={{ exact: to !== '/', includeSearch: false }}
              className="flex min-h-11 items-center gap-3 rounded-lg px-3 text-slate-200 hover:bg-white/10 aria-[current=page]:bg-white/15 aria-[current=page]:text-white"
            >
              <Icon aria-hidden className="size-[1.15rem]" />
              <span className="max-sm:sr-only">{t(`nav.${name}`)}</span>
            </Link>
          ))}
        </nav>
        <div className="flex items-center gap-1 text-sm text-slate-200 sm:flex-col sm:items-stretch">
          <p role="status" className="flex items-center gap-2 px-3 py-2 max-sm:sr-only">
            <span className={live ? 'lantern size-2 rounded-full bg-amber-400' : 'size-2 rounded-full bg-slate-500'} />
            {live ? t('live') : t('offline')}
          </p>
          <button type="button" onClick={toggleTheme} className="flex min-h-11 items-center gap-3 rounded-lg px-3 hover:bg-white/10">
            <SunMoon aria-hidden className="size-[1.15rem]" />
            <span className="max-sm:sr-only">{t('theme.toggle')}</span>
          </button>
          <button type="button" onClick={() => void leave()} className="flex min-h-11 items-center gap-3 rounded-lg px-3 hover:bg-white/10">
            <LogOut aria-hidden className="size-[1.15rem]" />
            <span className="max-sm:sr-only">{t('logout')}</span>
          </button>
          <p className="px-3 py-1 text-xs text-slate-300 max-sm:hidden">
            {who.data?.person} · {who.data?.version}
          </p>
        </div>
      </header>
      <main id="content" className="mx-auto w-full max-w-6xl min-w-0 p-4 sm:p-7">
        <Outlet />
      </main>
    </div>
  )
}

async function leave() {
  await post('/logout').catch(() => undefined)
  window.location.assign('/login')
}
