// The small pieces that every page is made of.
import { Link, type LinkProps } from '@tanstack/react-router'
import { clsx } from 'clsx'
import type { ButtonHTMLAttributes, InputHTMLAttributes, ReactNode, Ref, SelectHTMLAttributes } from 'react'
import { useEffect, useId, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Problem } from '../api/client'
import type { CaseState, EffectClass } from '../api/types'

export function Page({ title, lead, aside, children }: { title: string; lead?: ReactNode; aside?: ReactNode; children: ReactNode }) {
  useTitle(title)
  return (
    <div>
      <div className="mb-5 flex flex-wrap items-center justify-between gap-x-6 gap-y-3">
        <div className="min-w-0">
          <h1 className="text-2xl font-semibold tracking-tight text-balance">{title}</h1>
          {lead && <p className="mt-0.5 text-dim text-pretty">{lead}</p>}
        </div>
        {aside}
      </div>
      {children}
    </div>
  )
}

export function useTitle(title: string) {
  useEffect(() => {
    document.title = title === 'Vigie' ? title : `${title} · Vigie`
  }, [title])
}

export function Panel({ title, children, aside, className }: { title?: ReactNode; children: ReactNode; aside?: ReactNode; className?: string }) {
  return (
    <section className={clsx('min-w-0 rounded-xl border border-line bg-panel p-4 sm:p-5', className)}>
      {title && (
        <div className="mb-3 flex flex-wrap items-center justify-between gap-x-4 gap-y-1">
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
  plain: 'border-(--edge) hover:bg-line/40',
  quiet: 'border-transparent text-dim hover:bg-line/50 hover:text-ink',
  bad: 'border-bad text-bad hover:bg-bad/10',
}

const BUTTON = 'rounded-lg border font-medium transition-colors disabled:cursor-not-allowed disabled:opacity-60 aria-disabled:cursor-not-allowed aria-disabled:opacity-60'

function sized(small: boolean | undefined): string {
  return small ? 'min-h-9 px-3 text-sm pointer-coarse:min-h-11' : 'min-h-11 px-4'
}

/** What leads elsewhere and looks like a button. */
export function ButtonLink({ look = 'plain', small, className, ...rest }: { look?: keyof typeof LOOKS; small?: boolean } & LinkProps & { className?: string }) {
  return <Link {...rest} className={clsx(BUTTON, 'inline-flex items-center', sized(small), LOOKS[look], className)} />
}

export function Button({ look = 'plain', small, className, ...rest }: { look?: keyof typeof LOOKS; small?: boolean; ref?: Ref<HTMLButtonElement> } & ButtonHTMLAttributes<HTMLButtonElement>) {
  return (
    <button
      type="button"
      {...rest}
      className={clsx(BUTTON, sized(small), LOOKS[look], className)}
    />
  )
}

export function Field({ label, hint, ...rest }: { label: string; hint?: string } & InputHTMLAttributes<HTMLInputElement>) {
  const id = useId()
  return (
    <div>
      <label htmlFor={id} className="text-sm font-medium">
        {label}
      </label>
      <input {...rest} id={id} aria-describedby={hint ? `${id}-hint` : undefined} className="bounded mt-1 min-h-11 w-full rounded-lg bg-panel px-3" />
      {hint && (
        <p id={`${id}-hint`} className="mt-1 text-xs text-dim">
          {hint}
        </p>
      )}
    </div>
  )
}

export function Choice({ label, hint, children, ...rest }: { label: string; hint?: string } & SelectHTMLAttributes<HTMLSelectElement>) {
  const id = useId()
  return (
    <div>
      <label htmlFor={id} className="text-sm font-medium">
        {label}
      </label>
      <select {...rest} id={id} aria-describedby={hint ? `${id}-hint` : undefined} className="bounded mt-1 min-h-11 w-full rounded-lg bg-panel px-3">
        {children}
      </select>
      {hint && (
        <p id={`${id}-hint`} className="mt-1 text-xs text-dim">
          {hint}
        </p>
      )}
    </div>
  )
}

/** One of few, with a word of explanation of what is chosen. */
export function Radios<T extends string>({ label, value, options, change, hint }: { label: string; value: T; options: { value: T; label: string }[]; change: (value: T) => void; hint?: string }) {
  const name = useId()
  return (
    <fieldset>
      <legend className="text-sm font-medium">{label}</legend>
      <div className="mt-1 flex flex-wrap gap-2">
        {options.map((option) => (
          <label
            key={option.value}
            className={clsx(
              'flex min-h-11 cursor-pointer items-center gap-2.5 rounded-lg border px-3 py-2 text-sm font-medium has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-lamp',
              option.value === value ? 'border-lamp bg-lamp/8 ring-1 ring-lamp' : 'border-(--edge) hover:bg-line/30',
            )}
          >
            <input type="radio" name={name} checked={option.value === value} onChange={() => change(option.value)} className="size-4 shrink-0 accent-lamp outline-none" />
            {option.label}
          </label>
        ))}
      </div>
      {hint && (
        <p aria-live="polite" className="mt-1.5 text-xs text-dim text-pretty">
          {hint}
        </p>
      )}
    </fieldset>
  )
}

/** Takes a text along. */
export function Copied({ text, label }: { text: string; label?: string }) {
  const { t } = useTranslation()
  const [done, setDone] = useState(false)
  // browsers give it to pages of this machine and of https only
  if (!('clipboard' in navigator)) return null
  const copy = () =>
    navigator.clipboard.writeText(text).then(
      () => setDone(true),
      () => setDone(false),
    )
  return (
    <Button small className="shrink-0" onClick={() => void copy()} aria-live="polite">
      {done ? t('copied') : (label ?? t('copy'))}
    </Button>
  )
}

export function Chip({ children, className }: { children: ReactNode; className?: string }) {
  return <span className={clsx('foreign rounded-md bg-line/55 px-1.5 py-0.5 text-xs', className)}>{children}</span>
}

export function Loading() {
  const { t } = useTranslation()
  return (
    <p role="status" className="waiting-for py-10 text-center text-dim">
      {t('loading')}
    </p>
  )
}

export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="rounded-xl border border-dashed border-(--edge) p-8 text-center sm:p-12">
      <p className="text-lg font-medium">{title}</p>
      <div className="mx-auto mt-1 max-w-prose text-dim text-pretty">{children}</div>
    </div>
  )
}

const STATE_LOOK: Record<CaseState, string> = {
  working: 'text-lamp',
  waiting: 'text-wait',
  resolved: 'text-good',
  no_fault: 'text-good',
  escalated: 'text-wait',
  failed: 'text-bad',
}
const STATE_SIGN: Record<CaseState, string> = { working: '●', waiting: '◆', resolved: '✓', no_fault: '✓', escalated: '↗', failed: '✕' }

export function StateBadge({ state }: { state: CaseState }) {
  const { t } = useTranslation()
  return (
    <span className={clsx('inline-flex items-center gap-1.5 rounded-full bg-current/10 px-2.5 py-0.5 text-sm font-medium whitespace-nowrap', STATE_LOOK[state])}>
      <span aria-hidden className={clsx('text-[0.7em] leading-none', state === 'working' && 'lantern')}>
        {STATE_SIGN[state]}
      </span>
      {t(`state.${state}`)}
    </span>
  )
}

export function ClassBadge({ effect }: { effect: EffectClass }) {
  const { t } = useTranslation()
  const look = { 'safe-read': 'text-dim', 'reversible-change': 'text-good', dangerous: 'text-wait', forbidden: 'text-bad' }[effect]
  return <span className={clsx('rounded bg-current/10 px-1.5 py-0.5 text-xs font-medium whitespace-nowrap', look)}>{t(`class.${effect}`)}</span>
}

/** One instant, absolute, in the reader's zone, which the shell names. */
export function When({ at, show = 'time' }: { at: string; show?: 'time' | 'both' | 'short' }) {
  const { i18n } = useTranslation()
  const date = new Date(at)
  if (Number.isNaN(date.getTime())) return <>{at}</>
  const forms: Record<typeof show, Intl.DateTimeFormatOptions> = {
    time: { hour: '2-digit', minute: '2-digit', second: '2-digit' },
    both: { dateStyle: 'medium', timeStyle: 'medium' },
    short: { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' },
  }
  const full = new Intl.DateTimeFormat(i18n.language, { dateStyle: 'full', timeStyle: 'long' })
  return (
    <time dateTime={at} title={full.format(date)} className="tabular-nums whitespace-nowrap">
      {new Intl.DateTimeFormat(locale(i18n.language), forms[show]).format(date)}
    </time>
  )
}

/** A 24-hour clock in both languages. */
export function locale(language: string): string {
  return language === 'en' ? 'en-GB' : language
}

export function useSeconds(): (seconds: number) => string {
  const { i18n } = useTranslation()
  return (seconds) => {
    const [value, unit, digits] = seconds < 120 ? [seconds, 's', seconds < 10 ? 1 : 0] : [seconds / 60, 'min', 0]
    return `${new Intl.NumberFormat(i18n.language, { maximumFractionDigits: digits }).format(value)}\u00a0${unit}`
  }
}

export function usePercent(): (share: number) => string {
  const { i18n } = useTranslation()
  return (share) => new Intl.NumberFormat(i18n.language, { style: 'percent', maximumFractionDigits: 0 }).format(share)
}

export function Trouble({ error, again, label }: { error: unknown; again?: () => void; label?: string }) {
  const { t, i18n } = useTranslation()
  const problem = error instanceof Problem ? error : null
  // what the server advises is said for the command line; on a page something else may be at hand
  const next = problem && (i18n.exists(`next.${problem.code}`) ? t(`next.${problem.code}`) : problem.next)
  return (
    <div role="alert" className="my-3 rounded-lg border border-l-4 border-bad bg-bad/5 p-3 [overflow-wrap:anywhere]">
      <p className="font-semibold text-bad">{problem?.what || t('error.title')}</p>
      {problem ? (
        <>
          {problem.why && <Said text={problem.why} className="mt-0.5" />}
          {next && <Said text={next} className="text-dim" />}
        </>
      ) : (
        <p>{t('error.unreached')}</p>
      )}
      {again && (
        <Button small className="mt-2" onClick={again}>
          {label ?? t('error.retry')}
        </Button>
      )}
    </div>
  )
}

const PARTS = /(`[^`]+`|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d))/

/** A sentence of the journal: what stands between backticks as code, instants in the reader's own way. */
export function Said({ text, className }: { text: string; className?: string }) {
  const { i18n } = useTranslation()
  return (
    <p className={clsx('said foreign', className)}>
      {text.split(PARTS).map((part, index) =>
        index % 2 === 0 ? typeset(plain(part), i18n.language) : part.startsWith('`') ? <code key={index}>{plain(part.slice(1, -1))}</code> : <When key={index} at={part} show="both" />,
      )}
    </p>
  )
}

// Escapes that colour or move the cursor on a terminal, and marks that turn the direction of text.
const UNSEEN = /\u001b\[[0-9;?]*[ -/]*[@-~]|[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g

/** French keeps its marks with the word that they belong to. */
export function typeset(text: string, language: string): string {
  return language === 'fr' ? text.replace(/« /g, '«\u00a0').replace(/ (?=[»:;?!%])/g, '\u00a0') : text
}

/** Words of the world with what is not seen in them made visible. */
export function plain(text: string): string {
  return text.replace(UNSEEN, (found) => (found.length > 1 ? '␛' : found === '\r' ? '' : '�'))
}

/** What a case is called: the words of who complained; of a line of a log, what comes after its host and its instant. */
export function heading(found: { title: string; host: string; ticket?: string | null }): string {
  const words = found.ticket?.trim().split('\n')[0]
  if (words) return plain(words.length > 160 ? `${words.slice(0, 159)}…` : words)
  const bare = found.title.startsWith(`${found.host}: `) ? found.title.slice(found.host.length + 2) : found.title
  return plain(bare.replace(/^\[?\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?(?:\s+\w+\])?\W*/, '') || found.title)
}

export function shown(value: unknown): string {
  if (value === null || value === undefined) return ''
  return typeof value === 'string' ? value : JSON.stringify(value)
}
