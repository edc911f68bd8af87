import { useQuery } from '@tanstack/react-query'
import { Link, Outlet, useRouterState } from '@tanstack/react-router'
import { BookOpenText, Languages, LifeBuoy, LogOut, MessagesSquare, Server, SunMoon, Users } from 'lucide-react'
import { type ReactNode, useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { post, session } from '../api/client'
import { useFreshLists } from '../api/events'
import { toggleTheme } from '../theme'

const PLACES = [
  { to: '/', name: 'cases', Icon: LifeBuoy },
  { to: '/ask', name: 'ask', Icon: MessagesSquare },
  { to: '/hosts', name: 'hosts', Icon: Server },
  { to: '/agents', name: 'agents', Icon: Users },
  { to: '/journal', name: 'journal', Icon: BookOpenText },
] as const

export function Shell() {
  const { t, i18n } = useTranslation()
  const live = useFreshLists()
  const who = useQuery({ queryKey: ['session'], queryFn: session, staleTime: Infinity })
  const path = useRouterState({ select: (state) => state.location.pathname })
  const content = useRef<HTMLElement>(null)
  const came = useRef(path)
  useEffect(() => {
    // who moves by keyboard or by ear goes on from the top of the new page
    if (came.current !== path) content.current?.focus({ preventScroll: true })
    came.current = path
  }, [path])
  const other = i18n.language === 'fr' ? 'en' : 'fr'
  return (
    <div className="min-h-dvh sm:grid sm:grid-cols-[12.5rem_minmax(0,1fr)]">
      <a href="#content" className="sr-only focus:not-sr-only focus:absolute focus:z-30 focus:bg-panel focus:p-3">
        {t('nav.skip')}
      </a>
      <header className="z-10 flex items-center bg-sea text-white max-sm:sticky max-sm:top-0 sm:sticky sm:top-0 sm:h-dvh sm:flex-col sm:items-stretch sm:p-3">
        <Link to="/" className="flex items-center gap-2.5 rounded-lg p-2" aria-label="Vigie">
          <img src="/favicon.svg" alt="" className="size-8" />
          <span className="text-lg font-semibold tracking-tight max-sm:hidden">Vigie</span>
        </Link>
        <nav aria-label={t('nav.main')} className="flex grow gap-0.5 sm:mt-3 sm:flex-col">
          {PLACES.map(({ to, name, Icon }) => (
            <Link
              key={to}
              to={to}
              activeOptions={{ exact: true, includeSearch: false }}
              aria-current={to === '/' && path.startsWith('/cases') ? 'page' : undefined}
              className="flex min-h-11 items-center justify-center gap-3 rounded-lg px-3 text-slate-200 hover:bg-white/10 aria-[current=page]:bg-white/15 aria-[current=page]:text-white max-sm:grow sm:justify-start"
            >
              <Icon aria-hidden className="size-[1.15rem]" />
              <span className="max-sm:sr-only">{t(`nav.${name}`)}</span>
            </Link>
          ))}
        </nav>
        <div className="flex items-center text-sm text-slate-200 sm:flex-col sm:items-stretch">
          <p role="status" className="flex items-center gap-3 px-3 py-2 max-sm:sr-only">
            <span aria-hidden className="grid size-[1.15rem] place-items-center">
              <span className={live ? 'size-2 rounded-full bg-emerald-400' : 'lantern size-2 rounded-full bg-amber-400'} />
            </span>
            {live ? t('live') : t('offline')}
          </p>
          <Tool onClick={() => void speak(other)} label={t('language')} lang={other}>
            <Languages aria-hidden className="size-[1.15rem]" />
          </Tool>
          <Tool onClick={toggleTheme} label={t('theme.toggle')}>
            <SunMoon aria-hidden className="size-[1.15rem]" />
          </Tool>
          <Tool onClick={() => void leave()} label={t('logout')}>
            <LogOut aria-hidden className="size-[1.15rem]" />
          </Tool>
          <p className="mt-1 border-t border-white/10 px-3 pt-2.5 pb-1 text-xs leading-relaxed text-slate-300 max-sm:hidden">
            Vigie {who.data?.version}
            <br />
            {t('zone', { zone: Intl.DateTimeFormat().resolvedOptions().timeZone })}
          </p>
        </div>
      </header>
      <main id="content" ref={content} tabIndex={-1} className="mx-auto w-full max-w-[84rem] min-w-0 p-4 outline-none sm:p-6">
        <Outlet />
      </main>
    </div>
  )
}

function Tool({ onClick, label, lang, children }: { onClick: () => void; label: string; lang?: string; children: ReactNode }) {
  return (
    <button type="button" onClick={onClick} lang={lang} className="flex min-h-11 items-center gap-3 rounded-lg px-3 hover:bg-white/10 max-sm:px-2">
      {children}
      <span className="max-sm:sr-only">{label}</span>
    </button>
  )
}

async function speak(language: string) {
  await post('/session', { language })
  window.location.reload()
}

async function leave() {
  await post('/logout').catch(() => undefined)
  window.location.assign('/login')
}
