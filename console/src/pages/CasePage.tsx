import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { lazy, Suspense, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { get, post } from '../api/client'
import type { CaseDocument } from '../api/types'
import { Button, ClassBadge, Field, Panel, shown, StateBadge, Trouble, When } from '../components/bits'
import { EvidenceChips } from '../components/EvidenceChips'
import { Life } from '../components/Life'
import { PlanCard } from '../components/PlanCard'
import { Timeline } from '../components/Timeline'

const Prose = lazy(() => import('../components/Prose'))

export function CasePage() {
  const { t } = useTranslation()
  const { id } = useParams({ from: '/cases/$id' })
  const query = useQuery({ queryKey: ['case', id], queryFn: () => get<CaseDocument>(`/cases/${id}`) })
  if (query.error) return <Trouble error={query.error} again={() => void query.refetch()} />
  const found = query.data
  if (!found) return <p>{t('loading')}</p>
  return (
    <article>
      <Link to="/" className="text-sm text-lamp hover:underline">
        ← {t('case.back')}
      </Link>
      <div className="mt-2 flex flex-wrap items-center gap-3">
        <h1 className="text-2xl font-semibold tracking-tight">{found.title}</h1>
        <StateBadge state={found.state} />
      </div>
      <p className="text-dim">
        {found.case} · {t(`kind.${found.kind}`)} · {found.host} · <When at={found.opened_at} long />
        {found.seconds.total != null && found.state !== 'working' && <> · {t('case.took', { seconds: Math.round(found.seconds.total) })}</>}
      </p>
      <div className="my-4">
        <Life found={found} />
      </div>
      <div className="grid gap-5 lg:grid-cols-[1fr_20rem] xl:grid-cols-[1fr_24rem]">
        <div className="min-w-0 space-y-5">
          <Conclusion found={found} />
          <PlanCard found={found} />
          <Done found={found} />
          <Changes found={found} />
          {found.report && (
            <Panel title={t('case.report')} aside={<Button onClick={() => window.print()}>{t('case.print')}</Button>}>
              <Suspense fallback={t('loading')}>
                <Prose text={found.report} />
              </Suspense>
            </Panel>
          )}
        </div>
        <aside className="min-w-0">
          <Panel title={t('case.timeline')}>
            <div aria-live="polite">
              <Timeline rows={found.timeline} />
            </div>
            <Note id={found.case} />
          </Panel>
        </aside>
      </div>
    </article>
  )
}

function Conclusion({ found }: { found: CaseDocument }) {
  const { t } = useTranslation()
  const others = found.hypotheses.filter((one) => one.label !== found.label)
  const words = found.confidence == null ? null : found.confidence >= 0.9 ? 'sure' : found.confidence >= 0.6 ? 'likely' : 'unsure'
  return (
    <Panel
      title={t('case.conclusion')}
      aside={
        found.label && (
          <span className="text-sm">
            <code className="font-mono">{found.label}</code>
            {words && (
              <>
                {' '}
                · {t(`case.confidence.${words}`)} ({Math.round((found.confidence ?? 0) * 100)} %)
              </>
            )}
          </span>
        )
      }
    >
      {found.diagnosis ? (
        <Suspense fallback={t('loading')}>
          <Prose text={found.diagnosis} />
        </Suspense>
      ) : (
        <p className="text-dim">{t('case.thinking')}</p>
      )}
      <div className="mt-4">
        <EvidenceChips evidence={found.evidence} />
      </div>
      {others.length > 0 && (
        <details className="mt-4">
          <summary className="cursor-pointer text-sm font-semibold">{t('case.hypotheses')}</summary>
          <ul className="mt-2 space-y-1 text-sm text-dim">
            {others.slice(0, 6).map((one, index) => (
              <li key={`${one.cause}-${index}`} className="flex items-center gap-3">
                <span className="w-16 text-right tabular-nums">{one.ruled_out ? t('case.ruledOut') : `${Math.round(one.probability * 100)} %`}</span>
                <span>{one.title}</span>
              </li>
            ))}
          </ul>
        </details>
      )}
    </Panel>
  )
}

function Done({ found }: { found: CaseDocument }) {
  const { t } = useTranslation()
  const ended = found.state !== 'working' && found.state !== 'waiting'
  if (found.actions.length === 0 && !ended) return null
  return (
    <Panel title={t('case.actions')}>
      {found.actions.length === 0 && <p>{t('case.none')}</p>}
      <ul className="space-y-2">
        {found.actions.map((action, index) => (
          <li key={index} className="flex flex-wrap items-baseline justify-between gap-x-4 border-b border-line pb-2 last:border-0">
            <code className="min-w-0 font-mono text-[0.82rem] [overflow-wrap:anywhere]">{action.command}</code>
            <span className="flex gap-3 text-xs">
              <ClassBadge effect={action.class} />
              <span className="font-medium">{t(`outcome.${action.outcome}`)}</span>
            </span>
          </li>
        ))}
      </ul>
      {found.verified && <p className="mt-3 font-medium text-good">✓ {t('case.verified')}</p>}
      {found.rolled_back && <p className="mt-3 font-medium text-wait">{t('case.rolledBack')}</p>}
    </Panel>
  )
}

function Changes({ found }: { found: CaseDocument }) {
  const { t } = useTranslation()
  if (found.changes.length === 0) return null
  return (
    <Panel title={t('case.changes')}>
      <ul className="space-y-2 text-sm">
        {found.changes.slice(0, 20).map((change, index) => (
          <li key={index} className="[overflow-wrap:anywhere]">
            <span className="text-dim">{change.kind}</span> <code className="font-mono text-[0.82rem]">{change.path}</code>
            {change.at && (
              <>
                {' '}
                · <When at={change.at} long />
              </>
            )}
            <div className="font-mono text-xs text-dim">
              {shown(change.before).slice(0, 160) || t('case.gone')} → {shown(change.after).slice(0, 160) || t('case.gone')}
            </div>
          </li>
        ))}
      </ul>
    </Panel>
  )
}

function Note({ id }: { id: string }) {
  const { t } = useTranslation()
  const client = useQueryClient()
  const [text, setText] = useState('')
  const send = useMutation({
    mutationFn: () => post(`/cases/${id}/comment`, { text }),
    onSuccess: () => {
      setText('')
      return client.invalidateQueries({ queryKey: ['case', id] })
    },
  })
  return (
    <form
      className="mt-4 space-y-2"
      onSubmit={(event) => {
        event.preventDefault()
        if (text.trim()) send.mutate()
      }}
    >
      <Field label={t('case.comment')} value={text} onChange={(event) => setText(event.target.value)} maxLength={2000} />
      {send.error && <Trouble error={send.error} />}
      <Button type="submit" disabled={!text.trim() || send.isPending}>
        {t('case.send')}
      </Button>
    </form>
  )
}
