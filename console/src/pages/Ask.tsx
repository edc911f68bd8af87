// Asking in words: what was asked, what it ran, the answer, and what could be asked next.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { type FormEvent, lazy, Suspense, useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { get, post, remove } from '../api/client'
import type { AskStatus, CaseDocument, Exchange, Host } from '../api/types'
import { Button, ButtonLink, ClassBadge, Empty, heading, Loading, Page, Panel, plain, StateBadge, Trouble } from '../components/bits'
import { PlanCard } from '../components/PlanCard'
import { useMay } from '../components/role'

const Prose = lazy(() => import('../components/Prose'))
const SESSION = 'console'
const SHOWN = 50

type Past = { exchanges: Exchange[] }

export function Ask() {
  const { t } = useTranslation()
  const may = useMay()
  const hosts = useQuery({ queryKey: ['hosts'], queryFn: () => get<{ hosts: Host[] }>('/hosts') })
  if (hosts.data?.hosts.length === 0)
    return (
      <Page title={t('ask.title')} lead={t('ask.lead')}>
        <Empty title={t('ask.nobody')}>
          <p>{t('start.connectText')}</p>
          {may('admin') && (
            <ButtonLink look="main" className="mt-5" to="/enrol">
              {t('hosts.add')}
            </ButtonLink>
          )}
        </Empty>
      </Page>
    )
  return <Conversation />
}

function Conversation() {
  const { t } = useTranslation()
  const may = useMay()
  const { about } = useSearch({ from: '/ask' })
  const navigate = useNavigate({ from: '/ask' })
  const client = useQueryClient()
  const [words, setWords] = useState('')
  const end = useRef<HTMLDivElement>(null)
  const field = useRef<HTMLTextAreaElement>(null)
  const past = useQuery({
    queryKey: ['ask'],
    queryFn: () => get<Past>(`/ask/history?session=${SESSION}&limit=${SHOWN}`),
  })
  const status = useQuery({ queryKey: ['ask', 'status'], queryFn: () => get<AskStatus>(`/ask/status?session=${SESSION}`) })
  const ask = useMutation({
    mutationFn: (text: string) => post<Exchange>('/ask', { text, session: SESSION, ...(about && { hosts: [about] }) }),
    onSuccess: async (answered) => {
      // A list that was asked for before this answer was kept must not take its place.
      await client.cancelQueries({ queryKey: ['ask'], exact: true })
      client.setQueryData<Past>(['ask'], (old) => ({ exchanges: [answered, ...(old?.exchanges ?? []).filter((one) => one.id !== answered.id)] }))
      void client.invalidateQueries({ queryKey: ['ask'] })
    },
    onError: (_, text) => setWords((now) => now || text),
  })
  const forget = useMutation({
    mutationFn: () => remove(`/ask/sessions/${SESSION}`),
    onSettled: () => client.invalidateQueries({ queryKey: ['ask'] }),
  })
  const exchanges = [...(past.data?.exchanges ?? [])].reverse()
  const count = exchanges.length
  useEffect(() => {
    if (count > 0) end.current?.scrollIntoView({ block: 'nearest' })
  }, [count, ask.isPending])
  const send = (text: string) => {
    if (!text.trim() || ask.isPending) return
    setWords('')
    ask.mutate(text)
    field.current?.focus()
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    send(words)
  }
  const last = exchanges.at(-1)
  const offered = last ? [...last.choices, ...last.suggestions] : (status.data?.suggestions ?? [])
  const error = past.error ?? forget.error
  return (
    <Page
      title={t('ask.title')}
      lead={t('ask.lead')}
      aside={
        <div className="flex flex-wrap gap-2">
          <ButtonLink look="quiet" to="/usage">
            {t('usage.title')}
          </ButtonLink>
          {count > 0 && (
            <Button look="quiet" onClick={() => forget.mutate()} disabled={forget.isPending}>
              {t('ask.forget')}
            </Button>
          )}
        </div>
      }
    >
      {error && <Trouble error={error} />}
      {past.isPending && <Loading />}
      <ol aria-label={t('ask.title')} aria-live="polite" className="space-y-5">
        {exchanges.map((one) => (
          <li key={one.id}>
            <Said words={one.text} />
            <Answer exchange={one} />
          </li>
        ))}
        {ask.isPending && (
          <li>
            <Said words={ask.variables} />
            <Loading />
          </li>
        )}
      </ol>
      {ask.error && <Trouble error={ask.error} />}
      <form onSubmit={submit} className="sticky bottom-0 mt-5 bg-deck/95 pt-2 pb-3">
        {offered.length > 0 && !ask.isPending && (
          <ul aria-label={t('ask.next')} className="mb-2 flex flex-wrap gap-2">
            {offered.slice(0, 5).map((each) => (
              <li key={each.intent + each.title}>
                <Button small onClick={() => send(each.title)}>
                  {plain(each.title)}
                </Button>
              </li>
            ))}
          </ul>
        )}
        <div className="flex flex-wrap items-baseline gap-x-3">
          <label htmlFor="request" className="text-sm font-medium">
            {t('ask.request')}
          </label>
          {about && (
            <button type="button" onClick={() => void navigate({ search: {}, replace: true })} className="foreign rounded-md bg-line/55 px-2 py-0.5 text-xs hover:bg-line pointer-coarse:min-h-11" aria-label={t('ask.everywhere', { host: about })}>
              {t('ask.about', { host: about })} <span aria-hidden>✕</span>
            </button>
          )}
        </div>
        <div className="mt-1 flex items-end gap-2">
          <textarea
            id="request"
            ref={field}
            value={words}
            rows={2}
            maxLength={4000}
            placeholder={t('ask.example')}
            onChange={(event) => setWords(event.target.value)}
            onKeyDown={(event) => {
              if (event.key === 'Enter' && !event.shiftKey && !event.nativeEvent.isComposing) submit(event)
            }}
            className="bounded min-h-11 w-full resize-y rounded-lg bg-panel px-3 py-2"
          />
          <Button type="submit" look="main" disabled={!words.trim() || ask.isPending || !may('operator')}>
            {t('ask.send')}
          </Button>
        </div>
      </form>
      <div ref={end} />
    </Page>
  )
}

function Said({ words }: { words: string }) {
  const { t } = useTranslation()
  return (
    <p className="foreign mb-2 ml-auto w-fit max-w-[80%] rounded-xl bg-sea px-4 py-2 text-white">
      <span className="sr-only">{t('ask.you')} </span>
      {plain(words)}
    </p>
  )
}

function Answer({ exchange }: { exchange: Exchange }) {
  const { t } = useTranslation()
  const cases = exchange.results.flatMap((ran) => (ran.case ? [ran.case] : []))
  // what became of a change is told by its case, which lives on after the answer
  const told = exchange.results.length > 0 && cases.length === exchange.results.length
  return (
    <Panel>
      {!told && (
        <Suspense fallback={<Loading />}>
          <Prose text={exchange.answer} />
        </Suspense>
      )}
      {cases.map((id) => (
        <CaseOf key={id} id={id} />
      ))}
      {exchange.command && (
        <details className="mt-3 text-sm">
          <summary className="min-h-9 cursor-pointer py-1.5 text-dim">{t('ask.shown', { hosts: exchange.targets.join(', ') })}</summary>
          <div className="mt-2 space-y-3">
            {exchange.class && <ClassBadge effect={exchange.class} />}
            {exchange.reason && <p className="text-dim">{plain(exchange.reason)}</p>}
            {exchange.results.length === 0 && <Code text={exchange.command} />}
            {exchange.results.map((ran) => (
              <div key={ran.host}>
                <p className="font-medium">{ran.host}</p>
                <Code text={ran.command} />
                {(ran.stdout || ran.stderr) && <Code text={`${ran.stdout}${ran.stderr}`} />}
              </div>
            ))}
          </div>
        </details>
      )}
    </Panel>
  )
}

/** A change that was asked for: its plan to decide on, here; then how it went. */
function CaseOf({ id }: { id: string }) {
  const { t } = useTranslation()
  const found = useQuery({ queryKey: ['case', id], queryFn: () => get<CaseDocument>(`/cases/${id}`) }).data
  const waiting = found?.state === 'waiting' && found.approval?.decision === 'waiting'
  return (
    <div className="space-y-3 not-first:mt-3">
      {found && waiting && <PlanCard key={found.plan?.hash} found={found} />}
      <p className="flex flex-wrap items-center gap-x-3 gap-y-1 text-sm">
        {found && <StateBadge state={found.state} />}
        <Link to="/cases/$id" params={{ id }} className="foreign text-lamp underline decoration-lamp/40 underline-offset-2 hover:decoration-lamp">
          {found ? `${id} · ${heading(found)}` : t('ask.case', { id })}
        </Link>
      </p>
    </div>
  )
}

function Code({ text }: { text: string }) {
  return (
    // a region that scrolls is reached by keyboard too
    <pre tabIndex={0} className="foreign mt-1 max-h-72 overflow-auto rounded-lg border border-line p-3 text-xs">
      {plain(text)}
    </pre>
  )
}
