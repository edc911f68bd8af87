import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { lazy, Suspense, useLayoutEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { get, post } from '../api/client'
import type { CaseDocument } from '../api/types'
import { Button, ClassBadge, Field, heading, Loading, Panel, plain, StateBadge, Trouble, usePercent, useSeconds, useTitle, When } from '../components/bits'
import { ChangeList } from '../components/Changes'
import { EvidenceList } from '../components/EvidenceChips'
import { Fold } from '../components/Fold'
import { Life } from '../components/Life'
import { PlanCard } from '../components/PlanCard'
import { Timeline } from '../components/Timeline'

const Prose = lazy(() => import('../components/Prose'))

export function CasePage() {
  const { id } = useParams({ from: '/cases/$id' })
  const query = useQuery({ queryKey: ['case', id], queryFn: () => get<CaseDocument>(`/cases/${id}`) })
  useTitle(query.data ? `${query.data.case} ${heading(query.data)}` : 'Vigie')
  if (query.error && !query.data) return <Trouble error={query.error} again={() => void query.refetch()} />
  if (!query.data) return <Loading />
  const found = query.data
  return (
    <article>
      <Head found={found} />
      <div className="grid items-start gap-5 lg:grid-cols-[minmax(0,1fr)_19rem] xl:grid-cols-[minmax(0,1fr)_23rem]">
        <div className="min-w-0 space-y-5">
          <Conclusion found={found} />
          <PlanCard key={found.case} found={found} />
          <Done found={found} />
          <Changes found={found} />
          <Told found={found} />
        </div>
        <Live found={found} />
      </div>
    </article>
  )
}

function Head({ found }: { found: CaseDocument }) {
  const { t } = useTranslation()
  const name = heading(found)
  const told = found.ticket && plain(found.ticket.trim()) !== name ? found.ticket : null
  const noticed = found.ticket && found.findings[0] ? found.findings[0].excerpt : null
  return (
    <header className="mb-5">
      <Link to="/" className="text-sm text-lamp hover:underline">
        ← {t('case.back')}
      </Link>
      <div className="mt-1.5 flex flex-wrap items-center gap-x-3 gap-y-1.5">
        <h1 className="foreign text-2xl font-semibold tracking-tight text-balance">{name}</h1>
        <StateBadge state={found.state} />
      </div>
      <p className="mt-1 flex flex-wrap gap-x-2 text-sm text-dim">
        <span>{found.case}</span>·<span>{t(`kind.${found.kind}`)}</span>·<span className="foreign">{found.host}</span>·<When at={found.opened_at} show="both" />
      </p>
      {told && <blockquote className="foreign mt-3 border-l-2 border-lamp pl-3 whitespace-pre-line text-dim">{plain(told)}</blockquote>}
      {noticed && <p className="foreign mt-2 line-clamp-1 max-w-4xl break-all font-mono text-xs text-dim">{plain(noticed)}</p>}
      <div className="mt-4">
        <Life found={found} />
      </div>
    </header>
  )
}

function Conclusion({ found }: { found: CaseDocument }) {
  const { t } = useTranslation()
  const words = !found.confidence ? null : found.confidence >= 0.9 ? 'sure' : found.confidence >= 0.6 ? 'likely' : 'unsure'
  return (
    <Panel
      title={t('case.conclusion')}
      aside={
        found.diagnosis &&
        found.label && (
          <span className="flex flex-wrap items-baseline gap-x-2 text-sm text-dim">
            <code className="rounded bg-line/50 px-1.5 py-0.5 font-mono text-xs text-ink">{found.label}</code>
            {words && <span>{t(`case.confidence.${words}`)}</span>}
          </span>
        )
      }
    >
      {found.diagnosis ? (
        <div className="conclusion">
          <Suspense fallback={<Loading />}>
            <Fold height={found.state === 'waiting' ? 150 : 230}>
              <Prose text={found.diagnosis} evidence={found.evidence} />
            </Fold>
          </Suspense>
          <EvidenceList evidence={found.evidence} leading={found.hypotheses.find((one) => one.label === found.label)?.facts_for ?? []} />
        </div>
      ) : (
        <p className={found.state === 'working' ? 'text-dim' : ''}>{t(found.state === 'working' ? 'case.thinking' : 'case.noConclusion')}</p>
      )}
      <Others found={found} />
    </Panel>
  )
}

function Others({ found }: { found: CaseDocument }) {
  const { t } = useTranslation()
  const percent = usePercent()
  const led = found.hypotheses[0]?.label === found.label
  const others = found.hypotheses.slice(led ? 1 : 0).filter((one) => one.ruled_out || one.probability >= 0.001)
  if (others.length === 0) return null
  return (
    <details className="mt-4">
      <summary className="text-sm font-medium text-dim hover:text-ink">{t('case.hypotheses')}</summary>
      <ul className="mt-2 space-y-1.5 text-sm">
        {others.slice(0, 8).map((one, index) => (
          <li key={`${one.cause}-${index}`} className="grid grid-cols-[4.5rem_minmax(0,1fr)] items-baseline gap-3 text-dim">
            <span className="text-right tabular-nums">{one.ruled_out ? t('case.ruledOut') : one.probability < 0.01 ? `< ${percent(0.01)}` : percent(one.probability)}</span>
            <span className="foreign">{plain(one.title)}</span>
          </li>
        ))}
      </ul>
    </details>
  )
}

function Done({ found }: { found: CaseDocument }) {
  const { t } = useTranslation()
  const seconds = useSeconds()
  const ended = found.state !== 'working' && found.state !== 'waiting'
  const done = found.actions.filter((action) => action.outcome !== 'waiting')
  if (done.length === 0 && !ended) return null
  const spans = (['detect', 'diagnose', 'repair', 'total'] as const).filter((name) => found.seconds[name] != null)
  return (
    <Panel title={t('case.actions')}>
      {done.length === 0 && <p>{t('case.none')}</p>}
      <ul className="divide-y divide-line">
        {done.map((action, index) => (
          <li key={index} className="flex items-start justify-between gap-x-4 py-2 first:pt-0 last:pb-0 max-sm:flex-col">
            <code className="foreign min-w-0 font-mono text-[0.8rem] leading-relaxed whitespace-pre-wrap">{plain(action.command)}</code>
            <span className="flex shrink-0 items-baseline gap-2.5 text-sm">
              <ClassBadge effect={action.class} />
              <span className="font-medium">{t(`outcome.${action.outcome}`)}</span>
            </span>
          </li>
        ))}
      </ul>
      {found.verified && <p className="mt-3 font-medium text-good">✓ {t('case.verified')}</p>}
      {found.rolled_back && <p className="mt-3 font-medium text-wait">{t('case.rolledBack')}</p>}
      {ended && spans.length > 0 && (
        <dl className="mt-4 flex flex-wrap gap-x-8 gap-y-2 border-t border-line pt-3">
          {spans.map((name) => (
            <div key={name}>
              <dt className="text-xs text-dim">{t(`seconds.${name}`)}</dt>
              <dd className="font-medium tabular-nums">{seconds(found.seconds[name] ?? 0)}</dd>
            </div>
          ))}
        </dl>
      )}
    </Panel>
  )
}

function Changes({ found }: { found: CaseDocument }) {
  const { t } = useTranslation()
  if (found.changes.length === 0) return null
  return (
    <Panel title={t('case.changes')}>
      <ChangeList changes={found.changes} />
    </Panel>
  )
}

function Told({ found }: { found: CaseDocument }) {
  const { t } = useTranslation()
  if (!found.report) return null
  return (
    <Panel
      title={t('case.report')}
      aside={
        <Button small onClick={() => window.print()}>
          {t('case.print')}
        </Button>
      }
    >
      <Suspense fallback={<Loading />}>
        <Fold height={420}>
          <Prose text={found.report} evidence={found.evidence} />
        </Fold>
      </Suspense>
    </Panel>
  )
}

/** Follows the end as long as the reader stays there; never moves under the eyes of one who has scrolled up. */
function Live({ found }: { found: CaseDocument }) {
  const { t } = useTranslation()
  const box = useRef<HTMLDivElement>(null)
  const atEnd = useRef(true)
  useLayoutEffect(() => {
    if (box.current && atEnd.current) box.current.scrollTop = box.current.scrollHeight
  }, [found.timeline])
  return (
    <aside aria-label={t('case.timeline')} className="min-w-0 lg:sticky lg:top-5">
      <section className="flex flex-col rounded-xl border border-line bg-panel lg:max-h-[calc(100dvh-13rem)]">
        <h2 className="border-b border-line px-4 py-3 font-semibold sm:px-5">{t('case.timeline')}</h2>
        <div
          ref={box}
          tabIndex={0}
          role="log"
          aria-label={t('case.timeline')}
          className="min-h-0 grow px-4 py-3 sm:px-5 lg:overflow-y-auto"
          onScroll={(event) => {
            const { scrollTop, clientHeight, scrollHeight } = event.currentTarget
            atEnd.current = scrollTop + clientHeight >= scrollHeight - 40
          }}
        >
          <Timeline rows={found.timeline} />
        </div>
        <Note id={found.case} />
      </section>
    </aside>
  )
}

function Note({ id }: { id: string }) {
  const { t } = useTranslation()
  const client = useQueryClient()
  const [text, setText] = useState('')
  const send = useMutation({
    mutationFn: () => post<CaseDocument>(`/cases/${id}/comment`, { text }),
    onSuccess: (changed) => {
      setText('')
      client.setQueryData(['case', id], changed)
    },
  })
  return (
    <form
      className="border-t border-line p-3 sm:px-5"
      onSubmit={(event) => {
        event.preventDefault()
        if (text.trim()) send.mutate()
      }}
    >
      {send.error && <Trouble error={send.error} />}
      <div className="flex items-end gap-2">
        <div className="grow">
          <Field label={t('case.comment')} value={text} onChange={(event) => setText(event.target.value)} maxLength={2000} />
        </div>
        <Button type="submit" disabled={!text.trim() || send.isPending}>
          {t('case.send')}
        </Button>
      </div>
    </form>
  )
}
