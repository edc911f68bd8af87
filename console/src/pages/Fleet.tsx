// One line for many hosts: whom it is for, what it would do, the agreement to it, and the answers folded together.
import { useMutation, useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { clsx } from 'clsx'
import { type FormEvent, useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { follow, get, post } from '../api/client'
import type { FleetOrder, FleetProgress, Host } from '../api/types'
import { Button, ClassBadge, Field, Loading, Page, Panel, plain, Trouble } from '../components/bits'
import { FleetAnswers, FleetCounts } from '../components/FleetAnswers'
import { labelsOf, meant } from '../components/select'
import { Window } from '../components/Window'

const TYPED_MS = 350

interface Limits {
  canary: string
  width: string
  stop_after: string
  timeout_s: string
}
const USUAL: Limits = { canary: '1', width: '5', stop_after: '1', timeout_s: '20' }

export function Fleet() {
  const { t } = useTranslation()
  const hosts = useQuery({ queryKey: ['hosts'], queryFn: () => get<{ hosts: Host[] }>('/hosts') })
  if (hosts.error && !hosts.data) return <Trouble error={hosts.error} again={() => void hosts.refetch()} />
  if (!hosts.data) return <Loading />
  return (
    <Page title={t('fleet.title')} lead={t('fleet.lead')}>
      <Order hosts={hosts.data.hosts} />
    </Page>
  )
}

function Order({ hosts }: { hosts: Host[] }) {
  const { t } = useTranslation()
  const search = useSearch({ from: '/fleet' })
  const on = (search.on ?? '').split(',').filter(Boolean)
  const [line, setLine] = useState('')
  const [limits, setLimits] = useState(USUAL)
  const targets = meant(hosts, on)
  const order = { on, line, ...Object.fromEntries(Object.entries(limits).map(([name, value]) => [name, Number(value)])) }
  const settled = useSettled(JSON.stringify(order))
  const looked = useQuery({
    queryKey: ['outlook', settled],
    queryFn: () => post<FleetOrder>('/fleet/run', { ...(JSON.parse(settled) as object), dry_run: true }),
    enabled: targets.length > 0 && line.trim() !== '',
    staleTime: 10_000,
    placeholderData: (before) => before,
  })
  const [asked, setAsked] = useState<FleetOrder | null>(null)
  const [progress, setProgress] = useState<FleetProgress | null>(null)
  const run = useMutation({
    mutationFn: (hash: string) => follow<FleetOrder, FleetProgress>('/fleet/run', { ...order, ...(hash && { hash }) }, setProgress),
    onMutate: () => setProgress(null),
    onSuccess: (told) => setAsked(told.state === 'waiting' ? told : null),
    onError: () => setAsked(null),
  })
  const outlook = line.trim() && targets.length > 0 ? looked.data : undefined
  const submit = (event: FormEvent) => {
    event.preventDefault()
    run.mutate('')
  }
  const change = (changed: Partial<Limits>) => {
    run.reset()
    setLimits({ ...limits, ...changed })
  }
  return (
    <div className="space-y-5">
      <Panel>
        <form className="space-y-5" onSubmit={submit}>
          <Targets hosts={hosts} on={on} count={targets.length} />
          <div>
            <label htmlFor="line" className="text-sm font-medium">
              {t('fleet.line')}
            </label>
            <textarea
              id="line"
              value={line}
              rows={2}
              maxLength={65_536}
              placeholder="uptime"
              required
              spellCheck={false}
              autoCapitalize="none"
              onChange={(event) => {
                run.reset()
                setLine(event.target.value)
              }}
              className="bounded mt-1 w-full resize-y rounded-lg bg-panel px-3 py-2 font-mono text-sm"
            />
          </div>
          {looked.error && line.trim() && <Trouble error={looked.error} />}
          {outlook && <Outlook outlook={outlook} />}
          {outlook && outlook.class !== 'safe-read' && outlook.class !== 'forbidden' && <Turns limits={limits} change={change} />}
          <Button look="main" type="submit" disabled={targets.length === 0 || !line.trim() || run.isPending || outlook?.class === 'forbidden'} aria-busy={run.isPending}>
            {run.isPending ? t('fleet.running', { count: targets.length }) : t('fleet.run', { count: targets.length })}
          </Button>
        </form>
      </Panel>
      {run.error && <Trouble error={run.error} />}
      {run.isPending && progress && <FleetCounts progress={progress} />}
      {run.data && run.data.state !== 'waiting' && <FleetAnswers order={run.data} />}
      <Window open={asked !== null} close={() => setAsked(null)} title={t('fleet.confirm', { count: asked?.targets.length ?? 0 })} wide>
        {asked && <Agreement order={asked} hosts={hosts} busy={run.isPending} agree={() => run.mutate(asked.hash ?? '')} close={() => setAsked(null)} />}
      </Window>
    </div>
  )
}

/** What is typed, once the typing has stopped for a moment. */
function useSettled(value: string): string {
  const [settled, setSettled] = useState(value)
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), TYPED_MS)
    return () => clearTimeout(timer)
  }, [value])
  return settled
}

function Targets({ hosts, on, count }: { hosts: Host[]; on: string[]; count: number }) {
  const { t } = useTranslation()
  const navigate = useNavigate({ from: '/fleet' })
  const [sought, setSought] = useState('')
  const labels = labelsOf(hosts).map((each) => each.label)
  const set = (names: string[]) => void navigate({ search: { on: names.join(',') || undefined }, replace: true })
  const toggle = (name: string) => set(on.includes(name) ? on.filter((each) => each !== name) : [...on.filter((each) => (name === 'all' ? false : each !== 'all')), name])
  const shown = hosts.map((host) => host.name).filter((name) => on.includes(name) || (hosts.length <= 12 && !sought) || (sought && name.toLowerCase().includes(sought.toLowerCase())))
  return (
    <fieldset>
      <legend className="text-sm font-medium">{t('fleet.on')}</legend>
      <div className="mt-1.5 flex flex-wrap gap-1.5">
        {['all', ...labels].map((name) => (
          <Target key={name} on={on.includes(name)} click={() => toggle(name)} strong>
            {name === 'all' ? t('fleet.all') : name.startsWith('tag:') ? `#${name.slice(4)}` : name}
          </Target>
        ))}
      </div>
      <div className="mt-1.5 flex flex-wrap items-center gap-1.5">
        {shown.slice(0, 60).map((name) => (
          <Target key={name} on={on.includes(name) || on.includes('all')} click={() => toggle(name)}>
            {name}
          </Target>
        ))}
        {hosts.length > 12 && (
          <input type="search" aria-label={t('hosts.search')} placeholder={t('hosts.search')} value={sought} onChange={(event) => setSought(event.target.value)} className="bounded min-h-9 w-56 rounded-lg bg-panel px-3 text-sm" />
        )}
      </div>
      <p aria-live="polite" className={clsx('mt-1.5 text-sm', count === 0 ? 'text-dim' : 'font-medium')}>
        {count === 0 ? t('fleet.nobody') : t('hosts.lead', { count })}
      </p>
    </fieldset>
  )
}

function Target({ on, click, strong, children }: { on: boolean; click: () => void; strong?: boolean; children: React.ReactNode }) {
  return (
    <button
      type="button"
      aria-pressed={on}
      onClick={click}
      className={clsx('min-h-9 rounded-lg border px-3 text-sm pointer-coarse:min-h-11', strong && 'font-medium', on ? 'border-transparent bg-lamp text-lamp-ink' : 'border-(--edge) hover:bg-line/40')}
    >
      {children}
    </button>
  )
}

function Outlook({ outlook }: { outlook: FleetOrder }) {
  const { t } = useTranslation()
  return (
    <div aria-live="polite" className="rounded-lg border border-line bg-deck p-3 text-sm">
      <p className="flex flex-wrap items-center gap-2">
        <ClassBadge effect={outlook.class} />
        <span>{t(`fleet.class.${outlook.class}`)}</span>
      </p>
      {outlook.class !== 'safe-read' && outlook.reasons.length > 0 && <p className="foreign mt-1 text-dim">{plain(outlook.reasons.join(' · '))}</p>}
      {outlook.refusing.length > 0 && <p className="mt-1 text-wait">{t('fleet.refusing', { hosts: outlook.refusing.join(', ') })}</p>}
      {outlook.unseen.length > 0 && <p className="mt-1 text-bad">{t('fleet.unseen', { hosts: outlook.unseen.join(', ') })}</p>}
    </div>
  )
}

function Turns({ limits, change }: { limits: Limits; change: (changed: Partial<Limits>) => void }) {
  const { t } = useTranslation()
  return (
    <fieldset>
      <legend className="text-sm font-medium">{t('fleet.turns')}</legend>
      <div className="mt-1.5 grid grid-cols-2 gap-4 sm:grid-cols-4">
        {(['canary', 'width', 'stop_after', 'timeout_s'] as const).map((name) => (
          <Field
            key={name}
            label={t(`fleet.${name}`)}
            type="number"
            min={name === 'canary' ? 0 : 1}
            max={name === 'timeout_s' ? 86_400 : 1000}
            required
            value={limits[name]}
            onChange={(event) => change({ [name]: event.target.value })}
          />
        ))}
      </div>
      <p className="mt-1.5 text-xs text-dim">{t('fleet.turnsHelp')}</p>
    </fieldset>
  )
}

/** Every host by its name, the line and its class: this and nothing else is agreed to. */
function Agreement({ order, hosts, busy, agree, close }: { order: FleetOrder; hosts: Host[]; busy: boolean; agree: () => void; close: () => void }) {
  const { t } = useTranslation()
  const down = new Set(hosts.filter((host) => host.status !== 'ok' && host.status !== 'unknown').map((host) => host.name))
  return (
    <>
      <code className="foreign block max-h-40 overflow-auto rounded-lg border border-line bg-deck p-3 font-mono text-sm whitespace-pre-wrap" tabIndex={0}>
        {plain(order.line)}
      </code>
      <div className="mt-3">
        <Outlook outlook={order} />
      </div>
      <h3 className="eyebrow mt-4 mb-1.5">{t('fleet.targets', { count: order.targets.length })}</h3>
      <ul className="flex max-h-44 flex-wrap gap-1.5 overflow-y-auto" tabIndex={0} aria-label={t('fleet.targets', { count: order.targets.length })}>
        {order.targets.map((name) => (
          <li key={name} className={clsx('foreign rounded-md border border-line px-2 py-0.5 font-mono text-sm', down.has(name) && 'text-bad')}>
            {name}
          </li>
        ))}
      </ul>
      <p className="mt-3 text-sm text-dim">
        {order.canary > 0 && order.targets.length > order.canary ? t('fleet.first', { count: order.canary }) : ''} {t('fleet.then', { count: order.width })} {t('fleet.stops', { count: order.stop_after })}
      </p>
      <div className="mt-5 flex flex-wrap items-center gap-x-5 gap-y-3">
        <div className="flex gap-3">
          <Button look="main" onClick={agree} disabled={busy} aria-busy={busy}>
            {t('fleet.agree', { count: order.targets.length })}
          </Button>
          <Button onClick={close}>{t('case.cancel')}</Button>
        </div>
        <p className="text-xs text-dim">
          {t('fleet.bound')} <code className="font-mono">{order.hash?.slice(0, 12)}</code>
        </p>
      </div>
    </>
  )
}
