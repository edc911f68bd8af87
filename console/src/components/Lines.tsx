// Lines, the newest first. What comes while the reader is further down waits above, and moves nothing.
import { useInfiniteQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useEffect, useMemo, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { get } from '../api/client'
import type { LogSearch } from '../router'
import { Button, Empty, Loading, Trouble, When } from './bits'
import { Segments } from './Filters'
import { LineRow, type Shape } from './LineRow'
import { joined, type LogLine, since } from './lines'

interface Found {
  lines: LogLine[]
  next: string | null
  complete: boolean
  facets: Record<'host' | 'service' | 'level' | 'source', Record<string, number>>
}
const SHAPES: Shape[] = ['raw', 'fields', 'template']
const PAGE = 100

export function Lines({ search }: { search: LogSearch }) {
  const { t } = useTranslation()
  const navigate = useNavigate({ from: '/logs' })
  const [shape, setShape] = useState<Shape>('raw')
  // asked once for this page of the explorer: what comes after is told by the stream
  const [from] = useState(() => search.since ?? since(search.range, new Date()))
  const found = useInfiniteQuery({
    queryKey: ['logs', search, from],
    queryFn: ({ pageParam }) => get<Found>(`/logs/search?${asked(search, from, pageParam)}`),
    initialPageParam: '',
    getNextPageParam: (page) => page.next ?? undefined,
    staleTime: Infinity,
    gcTime: 0,
  })
  const old = useMemo(() => found.data?.pages.flatMap((page) => page.lines) ?? [], [found.data])
  // what has an end is over, and what is alike is judged over all that is kept: nothing more comes
  const tail = useTail(search, found.isSuccess && !search.until && !search.like)
  const lines = useMemo(() => joined(old, tail.shown), [old, tail.shown])
  const only = (name: 'host' | 'service' | 'level' | 'template', value: string | undefined) => void navigate({ search: (before) => ({ ...before, [name]: value, line: undefined }) })
  return (
    <>
      <div className="mb-2 flex flex-wrap items-center gap-x-3 gap-y-2">
        {search.until ? (
          <button type="button" onClick={() => void navigate({ search: (before) => ({ ...before, since: undefined, until: undefined }) })} className="min-h-8 rounded-full bg-lamp px-3 text-sm text-lamp-ink pointer-coarse:min-h-11">
            <When at={search.since ?? ''} show="both" /> – <When at={search.until} /> <span aria-hidden>✕</span>
          </button>
        ) : search.like ? (
          <button type="button" onClick={() => void navigate({ search: (before) => ({ ...before, like: undefined }) })} className="min-h-8 rounded-full bg-lamp px-3 text-sm text-lamp-ink pointer-coarse:min-h-11">
            {t('logs.alike')} <span aria-hidden>✕</span>
          </button>
        ) : (
          <Button small look={tail.on ? 'main' : 'plain'} aria-pressed={tail.on} onClick={tail.toggle}>
            {tail.on ? t('logs.following') : t('logs.follow')}
          </Button>
        )}
        <Segments label={t('logs.shape')} value={shape} options={SHAPES} named={(name) => t(`logs.shapes.${name}`)} change={setShape} />
        {(['service', 'template'] as const).map(
          (name) =>
            search[name] && (
              <button key={name} type="button" onClick={() => only(name, undefined)} className="foreign min-h-8 rounded-full bg-lamp px-3 text-sm text-lamp-ink pointer-coarse:min-h-11">
                {name === 'template' ? t('logs.oneTemplate') : search[name]} <span aria-hidden>✕</span>
              </button>
            ),
        )}
        {!search.service && <Facets counts={found.data?.pages[0]?.facets.service} pick={(value) => only('service', value)} />}
      </div>
      {found.error && <Trouble error={found.error} again={() => void found.refetch()} />}
      {tail.missed > 0 && <p className="mb-2 text-sm text-wait">{t('logs.missed', { count: tail.missed })}</p>}
      {found.isPending && <Loading />}
      {found.data && lines.length === 0 && (
        <Empty title={t('logs.none')}>
          <p>{t('logs.noneText')}</p>
        </Empty>
      )}
      {lines.length > 0 && (
        <div className="relative">
          {tail.waiting > 0 && (
            <Button small look="main" className="absolute top-2 left-1/2 z-10 -translate-x-1/2 shadow-lg" onClick={tail.catchUp}>
              ↑ {t('logs.waiting', { count: tail.waiting })}
            </Button>
          )}
          <div ref={tail.box} onScroll={tail.scrolled} tabIndex={0} role="log" aria-live="off" aria-label={t('logs.title')} className="h-[calc(100dvh-16rem)] min-h-80 overflow-y-auto rounded-xl border border-line bg-panel">
            <ol>
              {lines.map((line) => (
                <LineRow key={line.id} line={line} shape={shape} open={search.line === line.id} only={only} />
              ))}
            </ol>
            {found.hasNextPage && (
              <Button small className="m-3" disabled={found.isFetchingNextPage} onClick={() => void found.fetchNextPage()}>
                {t('logs.older')}
              </Button>
            )}
          </div>
        </div>
      )}
      {found.data && !found.data.pages.every((page) => page.complete) && <p className="mt-2 text-sm text-dim">{t('logs.incomplete')}</p>}
    </>
  )
}

function asked(search: LogSearch, from: string | undefined, before: string): URLSearchParams {
  const said = parameters(search)
  said.set('limit', String(PAGE))
  if (from) said.set('since', from)
  if (search.until) said.set('until', search.until)
  if (before) said.set('before', before)
  return said
}

function parameters(search: LogSearch): URLSearchParams {
  const said = new URLSearchParams()
  for (const name of ['q', 'host', 'level', 'service', 'template', 'like'] as const) if (search[name]) said.set(name, search[name])
  return said
}

const GATHER_MS = 200

/** The stream of lines: shown at once while the reader is at the top, else kept until they come back. */
function useTail(search: LogSearch, ready: boolean) {
  const [on, setOn] = useState(true)
  const [shown, setShown] = useState<LogLine[]>([])
  const [waiting, setWaiting] = useState(0)
  const [missed, setMissed] = useState(0)
  const box = useRef<HTMLDivElement>(null)
  const held = useRef<LogLine[]>([])
  const address = `/api/v1/logs/tail?${parameters(search)}`
  const release = () => {
    if (held.current.length === 0) return
    const came = held.current
    held.current = []
    setWaiting(0)
    setShown((before) => [...before, ...came].slice(-1_000))
  }
  useEffect(() => {
    if (!on || !ready) return
    const source = new EventSource(address)
    source.onmessage = (message) => {
      held.current = [...held.current, JSON.parse(message.data as string) as LogLine].slice(-1_000)
    }
    source.addEventListener('missed', (message) => setMissed((JSON.parse(message.data as string) as { missed: number }).missed))
    // many lines may come at once: the page is drawn a few times a second at most
    const timer = setInterval(() => {
      if (held.current.length === 0) return
      if ((box.current?.scrollTop ?? 0) < 4) release()
      else setWaiting(held.current.length)
    }, GATHER_MS)
    return () => {
      clearInterval(timer)
      source.close()
    }
  }, [on, ready, address])
  return {
    on,
    shown,
    waiting,
    missed,
    box,
    toggle: () => setOn(!on),
    scrolled: () => (box.current?.scrollTop ?? 0) < 4 && release(),
    catchUp: () => {
      release()
      box.current?.scrollTo({ top: 0 })
    },
  }
}

function Facets({ counts, pick }: { counts?: Record<string, number>; pick: (value: string) => void }) {
  const entries = Object.entries(counts ?? {})
  if (entries.length < 2) return null
  return entries.slice(0, 8).map(([name, count]) => (
    <button key={name} type="button" onClick={() => pick(name)} className="foreign min-h-8 rounded-full border border-(--edge) px-3 text-sm hover:bg-line/40 pointer-coarse:min-h-11">
      {name} <span className="text-dim">{count}</span>
    </button>
  ))
}
