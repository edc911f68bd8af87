// What, where, why, how it is taken back, until when: and only the two buttons that matter.
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { post } from '../api/client'
import type { CaseDocument } from '../api/types'
import { Button, ClassBadge, Field, Panel, Trouble, When } from './bits'
import { Diff } from './Diff'

export function PlanCard({ found }: { found: CaseDocument }) {
  const { t } = useTranslation()
  const plan = found.plan
  if (!plan) return null
  const waiting = found.state === 'waiting' && found.approval?.decision === 'waiting'
  return (
    <Panel title={waiting ? t('case.plan') : t('case.planDone')} className={waiting ? 'border-2 border-wait' : undefined}>
      {plan.explanation && <p>{plan.explanation}</p>}
      {plan.diff && (
        <>
          <h3 className="mt-3 mb-1 text-sm font-semibold">{t('case.diff')}</h3>
          <Diff text={plan.diff} />
        </>
      )}
      <h3 className="mt-3 mb-1 text-sm font-semibold">{t('case.steps')}</h3>
      <ol className="space-y-2">
        {plan.steps.map((step, index) => (
          <li key={index} className="rounded-lg border border-line bg-deck p-2.5">
            <div className="flex flex-wrap items-baseline justify-between gap-x-3">
              <code className="font-mono text-[0.82rem] [overflow-wrap:anywhere]">{step.line}</code>
              <ClassBadge effect={step.class} />
            </div>
            {step.undo.length > 0 && (
              <p className="mt-1 text-xs text-dim [overflow-wrap:anywhere]">
                {t('case.undo')} : <code className="font-mono">{step.undo.join(' ; ')}</code>
              </p>
            )}
          </li>
        ))}
      </ol>
      <dl className="mt-3 grid gap-x-6 gap-y-1 text-sm sm:grid-cols-[max-content_1fr]">
        <dt className="text-dim">{t('case.saved')}</dt>
        <dd className="[overflow-wrap:anywhere]">{plan.backups.length ? plan.backups.join(', ') : t('case.losesNothing')}</dd>
        <dt className="text-dim">{t('case.restarts')}</dt>
        <dd>{plan.restarts.length ? plan.restarts.join(', ') : t('case.noRestart')}</dd>
      </dl>
      {waiting && found.approval && <Decision id={found.case} hash={plan.hash} expires={found.approval.expires_at} />}
    </Panel>
  )
}

function Decision({ id, hash, expires }: { id: string; hash: string; expires: string }) {
  const { t } = useTranslation()
  const client = useQueryClient()
  const [refusing, setRefusing] = useState(false)
  const [reason, setReason] = useState('')
  const decide = useMutation({
    mutationFn: (yes: boolean) => (yes ? post(`/cases/${id}/approve`, { hash }) : post(`/cases/${id}/reject`, { reason })),
    onSettled: () => client.invalidateQueries(),
  })
  return (
    <div className="mt-4 border-t border-line pt-4">
      <p className="text-sm text-dim">
        {t('case.bound', { hash: hash.slice(0, 12) })}{' '}
        {t('case.expires', { at: '' }).replace(/\s*\.?$/, '')} <When at={expires} long />.
      </p>
      {decide.error && <Trouble error={decide.error} />}
      {refusing ? (
        <form
          className="mt-3 space-y-3"
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
        <div className="mt-3 flex gap-3">
          <Button look="main" disabled={decide.isPending} onClick={() => decide.mutate(true)}>
            {t('case.approve')}
          </Button>
          <Button look="bad" disabled={decide.isPending} onClick={() => setRefusing(true)}>
            {t('case.reject')}
          </Button>
        </div>
      )}
    </div>
  )
}
