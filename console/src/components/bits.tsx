// The small pieces that every page is made of.
import { clsx } from 'clsx'
import type { ButtonHTMLAttributes, InputHTMLAttributes, ReactNode, SelectHTMLAttributes } from 'react'
import { useTranslation } from 'react-i18next'
import { Problem } from '../api/client'
import type { CaseState, EffectClass } from '../api/types'

export function Panel({ title, children, aside, className }: { title?: ReactNode; children: ReactNode; aside?: ReactNode; className?: string }) {
  return (
    <section className={clsx('min-w-0 rounded-xl border border-line bg-panel p-4 sm:p-5', className)}>
      {title && (
        <div className="mb-3 flex flex-wrap items-baseline justify-between gap-2">
          <h2 className="font-semibold">{title}</h2>
          {aside}
        </div>
      )}
      {children}
    </section>
  )
}

const LOOKS = {
  main: 'bg-lamp text-lamp-ink hover:brightness-110 border-transparent',
  plain: 'border-line hover:bg-line/40',
  bad: 'border-bad text-bad hover:bg-bad/10',
}

export function Button({ look = 'plain', className, ...rest }: { look?: keyof typeof LOOKS } & ButtonHTMLAttributes<HTMLButtonElement>) {
  return (
    <button
      type="button"
      {...rest}
      className={clsx('min-h-11 rounded-lg border px-4 font-medium disabled:cursor-not-allowed disabled:opacity-60', LOOKS[look], className)}
    />
  )
}

export function Field({ label, hint, ...rest }: { label: string; hint?: string } & InputHTMLAttributes<HTMLInputElement>) {
  return (
    <label className="block">
      <span className="text-sm font-medium">{label}</span>
      <input {...rest} className="mt-1 min-h-11 w-full rounded-lg border border-line bg-deck px-3" />
      {hint && <span className="mt-1 block text-xs text-dim">{hint}</span>}
    </label>
  )
}

export function Choice({ label, children, ...rest }: { label: string } & SelectHTMLAttributes<HTMLSelectElement>) {
  return (
    <label className="block">
      <span className="text-sm font-medium">{label}</span>
      <select {...rest} className="mt-1 min-h-11 w-full rounded-lg border border-line bg-deck px-3">
        {children}
      </select>
    </label>
  )
}

const STATE_LOOK: Record<CaseState, string> = {
  working: 'text-lamp border-lamp',
  waiting: 'text-wait border-wait',
  resolved: 'text-good border-good',
  no_fault: 'text-good border-good',
  escalated: 'text-wait border-wait',
  failed: 'text-bad border-bad',
}

export function StateBadge({ state }: { state: CaseState }) {
  const { t } = useTranslation()
  return (
    <span className={clsx('inline-flex items-center gap-1.5 rounded-full border px-2.5 py-0.5 text-sm font-medium whitespace-nowrap', STATE_LOOK[state])}>
      {state === 'working' && <span className="lantern size-1.5 rounded-full bg-current" />}
      {t(`state.${state}`)}
    </span>
  )
}

export function ClassBadge({ effect }: { effect: EffectClass }) {
  const { t } = useTranslation()
  const look = { 'safe-read': 'text-dim', 'reversible-change': 'text-good', dangerous: 'text-wait', forbidden: 'text-bad' }[effect]
  return <span className={clsx('text-xs font-medium whitespace-nowrap', look)}>{t(`class.${effect}`)}</span>
}

/** One instant, absolute, in the reader's zone, which is named. */
export function When({ at, long = false }: { at: string; long?: boolean }) {
  const { i18n } = useTranslation()
  const date = new Date(at)
  const shown = new Intl.DateTimeFormat(i18n.language, long ? { dateStyle: 'medium', timeStyle: 'medium' } : { hour: '2-digit', minute: '2-digit', second: '2-digit' })
  const full = new Intl.DateTimeFormat(i18n.language, { dateStyle: 'full', timeStyle: 'long' })
  return (
    <time dateTime={at} title={full.format(date)} className="tabular-nums whitespace-nowrap">
      {shown.format(date)}
    </time>
  )
}

export function Trouble({ error, again }: { error: unknown; again?: () => void }) {
  const { t } = useTranslation()
  const problem = error instanceof Problem ? error : null
  return (
    <div role="alert" className="my-3 rounded-lg border border-bad p-3">
      <p className="font-semibold text-bad">{problem?.what || t('error.title')}</p>
      {problem?.why && <p>{problem.why}</p>}
      {problem?.next && <p className="text-dim">{problem.next}</p>}
      {again && (
        <Button className="mt-2" onClick={again}>
          {t('error.retry')}
        </Button>
      )}
    </div>
  )
}

export function shown(value: unknown): string {
  if (value === null || value === undefined) return ''
  return typeof value === 'string' ? value : JSON.stringify(value)
}
