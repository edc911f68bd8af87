// What, where, why, how it is taken back, until when: and only the two buttons that matter.
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { clsx } from 'clsx'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { post } from '../api/client'
import type { CaseDocument, Plan } from '../api/types'
import { Button, ClassBadge, Field, Panel, plain, Said, Trouble, When } from './bits'
import { Diff } from './Diff'

export function PlanCard({ found }: { found: CaseDocument }) {
  const { t } = useTranslation()
  const plan = found.plan
  if (!plan) return null
  const waiting = found.state === 'waiting' && found.approval?.decision === 'waiting'
  return (
    <Panel
      title={waiting ? t('case.plan') : t('case.planDone')}
      aside={<span className="text-sm text-dim">{t('case.on', { host: found.host })}</span>}
      className={clsx(waiting && 'border-wait ring-1 ring-wait')}
    >
      {plan.explanation && <Said text={plain(plan.explanation)} className="text-pretty" />}
      {plan.diff && (
        <>
          <h3 className="eyebrow mt-4 mb-1.5">{t('case.diff')}</h3>
          <Diff text={plan.diff} />
        </>
      )}
      <h3 className="eyebrow mt-4 mb-1.5">{t('case.steps')}</h3>
      <Steps plan={plan} />
      <dl className="mt-4 grid gap-x-5 gap-y-1 text-sm sm:grid-cols-[max-content_1fr]">
        <dt className="text-dim">{t('case.saved')}</dt>
        <dd className="foreign">{plan.backups.length ? plain(plan.backups.join(', ')) : t(plan.loses_nothing ? 'case.losesNothing' : 'case.nothing')}</dd>
        <dt className="text-dim">{t('case.restarts')}</dt>
        <dd className="foreign">{plan.restarts.length ? plain(plan.restarts.join(', ')) : t('case.nothing')}</dd>
        {waiting && found.approval && (
          <>
            <dt className="text-dim">{t('case.expires')}</dt>
            <dd>
              <When at={found.approval.expires_at} show="both" />
            </dd>
          </>
        )}
      </dl>
      {waiting && <Decision id={found.case} hash={plan.hash} />}
    </Panel>
  )
}

function Steps({ plan }: { plan: Plan }) {
  const { t } = useTranslation()
  return (
    <ol className="space-y-2">
      {plan.steps.map((step, index) => (
        <li key={index} className="rounded-lg border border-line bg-deck p-3">
          <div className="flex items-start justify-between gap-3">
            <code className="foreign min-w-0 font-mono text-[0.8rem] leading-relaxed whitespace-pre-wrap">{plain(step.line)}</code>
            <ClassBadge effect={step.class} />
          </div>
          {step.undo.length > 0 && (
            <p className="mt-1.5 text-xs text-dim">
              {t('case.undo')} <code className="foreign font-mono">{plain(step.undo.join(' ; '))}</code>
            </p>
          )}
        </li>
      ))}
    </ol>
  )
}

function Decision({ id, hash }: { id: string; hash: string }) {
  const { t } = useTranslation()
  const client = useQueryClient()
  const [refusing, setRefusing] = useState(false)
  const [reason, setReason] = useState('')
  const decide = useMutation({
    mutationFn: (yes: boolean) => (yes ? post<CaseDocument>(`/cases/${id}/approve`, { hash }) : post<CaseDocument>(`/cases/${id}/reject`, { reason })),
    onSuccess: (changed) => client.setQueryData(['case', id], changed),
    onSettled: () => client.invalidateQueries({ queryKey: ['cases'] }),
  })
  const bound = (
    <p className="text-xs text-dim">
      {t('case.bound')} <code className="font-mono" title={hash}>{hash.slice(0, 12)}</code>
    </p>
  )
  return (
    <div className="mt-4 border-t border-line pt-4">
      {decide.error && <Trouble error={decide.error} label={t('case.showPlan')} again={() => void client.invalidateQueries({ queryKey: ['case', id] }).then(() => decide.reset())} />}
      {refusing ? (
        <form
          className="space-y-3"
          onSubmit={(event) => {
            event.preventDefault()
            decide.mutate(false)
          }}
        >
          <Field label={t('case.rejectWhy')} value={reason} onChange={(event) => setReason(event.target.value)} maxLength={500} autoFocus />
          <div className="flex gap-3">
            <Button look="bad" type="submit" disabled={decide.isPending}>
              {t('case.reject')}
            </Button>
            <Button onClick={() => setRefusing(false)}>{t('case.cancel')}</Button>
          </div>
        </form>
      ) : (
        <div className="flex flex-wrap items-center gap-x-5 gap-y-3">
          <div className="flex gap-3">
            <Button look="main" className="min-w-32" disabled={decide.isPending} onClick={() => decide.mutate(true)}>
              {t('case.approve')}
            </Button>
            <Button disabled={decide.isPending} onClick={() => setRefusing(true)}>
              {t('case.reject')}
            </Button>
          </div>
          {bound}
        </div>
      )}
    </div>
  )
}
