import { useQuery } from '@tanstack/react-query'
import { Link, Outlet, useRouterState } from '@tanstack/react-router'
import { clsx } from 'clsx'
import { BookOpenText, Bot, CircleUser, Languages, Layers, LifeBuoy, LogOut, Menu, MessagesSquare, ScrollText, Server, SunMoon, Users } from 'lucide-react'
import { type ReactNode, useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { post, session } from '../api/client'
import { useFreshLists } from '../api/events'
import { toggleTheme } from '../theme'
import { useMay } from './role'

// The first four stand in the bar of a narrow screen, the others in its menu.
const PLACES = [
  { to: '/', name: 'cases', Icon: LifeBuoy },
  { to: '/ask', name: 'ask', Icon: MessagesSquare },
  { to: '/hosts', name: 'hosts', Icon: Server },
  { to: '/logs', name: 'logs', Icon: ScrollText },
  { to: '/journal', name: 'journal', Icon: BookOpenText },
  { to: '/fleet', name: 'fleet', Icon: Layers, needs: 'operator' },
  { to: '/agents', name: 'agents', Icon: Bot },
  { to: '/people', name: 'people', Icon: Users, needs: 'admin' },
] as const
const IN_BAR = 4
type Place = (typeof PLACES)[number]

export function Shell() {
  const { t } = useTranslation()
  const live = useFreshLists()
  const path = useRouterState({ select: (state) => state.location.pathname })
  const content = useRef<HTMLElement>(null)
  const came = useRef(path)
  const [menu, setMenu] = useState(false)
  useEffect(() => {
    // who moves by keyboard or by ear goes on from the top of the new page
    if (came.current !== path) content.current?.focus({ preventScroll: true })
    came.current = path
    setMenu(false)
  }, [path])
  const may = useMay()
  const places = PLACES.filter((place) => !('needs' in place) || may(place.needs))
  return (
    <div className="min-h-dvh sm:grid sm:grid-cols-[12.5rem_minmax(0,1fr)]">
      <a href="#content" className="sr-only focus:not-sr-only focus:absolute focus:z-30 focus:bg-panel focus:p-3">
        {t('nav.skip')}
      </a>
      <header
        onKeyDown={(event) => event.key === 'Escape' && setMenu(false)}
        className="z-20 flex items-center bg-sea text-white max-sm:sticky max-sm:top-0 sm:sticky sm:top-0 sm:h-dvh sm:flex-col sm:items-stretch sm:overflow-y-auto sm:p-3"
      >
        <Link to="/" className="flex items-center gap-2.5 rounded-lg p-2" aria-label="Vigie">
          <img src="/favicon.svg" alt="" className="size-8" />
          <span className="text-lg font-semibold tracking-tight max-sm:hidden">Vigie</span>
        </Link>
        <nav aria-label={t('nav.main')} className="flex grow gap-0.5 sm:mt-3 sm:flex-col">
          {places.map((place, index) => (
            <Way key={place.to} place={place} path={path} className={index < IN_BAR ? 'justify-center max-sm:grow' : 'max-sm:hidden'} quiet />
          ))}
          <button
            type="button"
            aria-expanded={menu}
            aria-controls="menu"
            aria-label={t('nav.more')}
            onClick={() => setMenu(!menu)}
            className="flex min-h-11 grow items-center justify-center rounded-lg px-3 text-slate-200 hover:bg-white/10 aria-expanded:bg-white/15 sm:hidden"
          >
            <Menu aria-hidden className="size-[1.15rem]" />
          </button>
        </nav>
        <div id="menu" className={clsx('max-sm:absolute max-sm:inset-x-0 max-sm:top-full max-sm:border-t max-sm:border-white/15 max-sm:bg-sea max-sm:p-2 max-sm:shadow-xl', !menu && 'max-sm:hidden')}>
          <nav aria-label={t('nav.others')} className="sm:hidden">
            {places.slice(IN_BAR).map((place) => (
              <Way key={place.to} place={place} path={path} />
            ))}
          </nav>
          <Tools live={live} path={path} />
        </div>
      </header>
      <main id="content" ref={content} tabIndex={-1} className="mx-auto w-full max-w-[84rem] min-w-0 p-4 outline-none sm:p-6">
        <Outlet />
      </main>
    </div>
  )
}

function Way({ place: { to, name, Icon }, path, className, quiet }: { place: Place; path: string; className?: string; quiet?: boolean }) {
  const { t } = useTranslation()
  const within = (to === '/' && path.startsWith('/cases')) || (to === '/hosts' && (path.startsWith('/hosts/') || path === '/enrol' || path === '/terminals')) || (to === '/ask' && path === '/usage')
  return (
    <Link to={to} activeOptions={{ exact: true, includeSearch: false }} aria-current={within ? 'page' : undefined} className={clsx(ITEM, className)}>
      <Icon aria-hidden className="size-[1.15rem]" />
      <span className={quiet ? 'max-sm:sr-only' : ''}>{t(`nav.${name}`)}</span>
    </Link>
  )
}

const ITEM = 'flex min-h-11 items-center gap-3 rounded-lg px-3 text-slate-200 hover:bg-white/10 aria-[current=page]:bg-white/15 aria-[current=page]:text-white sm:justify-start'

function Tools({ live, path }: { live: boolean; path: string }) {
  const { t, i18n } = useTranslation()
  const who = useQuery({ queryKey: ['session'], queryFn: session, staleTime: Infinity })
  const other = i18n.language === 'fr' ? 'en' : 'fr'
  return (
    <div className="text-sm text-slate-200">
      <p role="status" className="flex items-center gap-3 px-3 py-2">
        <span aria-hidden className="grid size-[1.15rem] place-items-center">
          <span className={live ? 'size-2 rounded-full bg-emerald-400' : 'lantern size-2 rounded-full bg-amber-400'} />
        </span>
        {live ? t('live') : t('offline')}
      </p>
      <Link to="/account" aria-current={path === '/account' ? 'page' : undefined} className={ITEM}>
        <CircleUser aria-hidden className="size-[1.15rem] shrink-0" />
        <span className="foreign min-w-0 truncate">{t('nav.account')}</span>
      </Link>
      <Tool onClick={() => void speak(other)} label={t('language')} lang={other}>
        <Languages aria-hidden className="size-[1.15rem]" />
      </Tool>
      <Tool onClick={toggleTheme} label={t('theme.toggle')}>
        <SunMoon aria-hidden className="size-[1.15rem]" />
      </Tool>
      <Tool onClick={() => void leave()} label={t('logout')}>
        <LogOut aria-hidden className="size-[1.15rem]" />
      </Tool>
      <p className="mt-1 border-t border-white/10 px-3 pt-2.5 pb-1 text-xs leading-relaxed text-slate-300">
        <span className="foreign">{who.data?.person}</span> · Vigie {who.data?.version}
        <br />
        {t('zone', { zone: Intl.DateTimeFormat().resolvedOptions().timeZone })}
      </p>
    </div>
  )
}

function Tool({ onClick, label, lang, children }: { onClick: () => void; label: string; lang?: string; children: ReactNode }) {
  return (
    <button type="button" onClick={onClick} lang={lang} className="flex min-h-11 w-full items-center gap-3 rounded-lg px-3 hover:bg-white/10">
      {children}
      <span>{label}</span>
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
