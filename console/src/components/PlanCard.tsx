// What, where, why, how it is taken back, until when: and only the two buttons that matter. A plan that takes the place of the one
// on the screen is not shown unasked: until the reader wants to see it, the old one stays and nothing can be decided.
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { clsx } from 'clsx'
import { type RefObject, useId, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { post } from '../api/client'
import type { CaseDocument, Plan } from '../api/types'
import { Button, ClassBadge, Field, Panel, plain, Said, Trouble, When } from './bits'
import { Diff } from './Diff'

export function PlanCard({ found }: { found: CaseDocument }) {
  const { t } = useTranslation()
  const [read, setRead] = useState<Plan | null>(null)
  const top = useRef<HTMLSpanElement>(null)
  const waiting = found.state === 'waiting' && found.approval?.decision === 'waiting'
  if (waiting && found.plan && !read) setRead(found.plan)
  const isReplaced = waiting && found.plan !== null && read !== null && read.hash !== found.plan.hash
  const plan = isReplaced ? read : found.plan
  if (!plan) return null
  return (
    <Panel
      title={
        <span ref={top} tabIndex={-1}>
          {waiting ? t('case.plan') : t('case.planDone')}
        </span>
      }
      aside={<span className="text-sm text-dim">{t('case.on', { host: found.host })}</span>}
      className={clsx(waiting && 'border-wait ring-1 ring-wait')}
    >
      <Shown plan={plan} expires={waiting && !isReplaced ? found.approval?.expires_at : undefined} />
      {waiting && <Decision id={found.case} hash={plan.hash} isReplaced={isReplaced} show={setRead} top={top} />}
    </Panel>
  )
}

function Shown({ plan, expires }: { plan: Plan; expires?: string }) {
  const { t } = useTranslation()
  return (
    <>
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
        {expires && (
          <>
            <dt className="text-dim">{t('case.expires')}</dt>
            <dd>
              <When at={expires} show="both" />
            </dd>
          </>
        )}
      </dl>
    </>
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

interface DecisionParts {
  id: string
  hash: string
  isReplaced: boolean
  show: (plan: Plan | null) => void
  top: RefObject<HTMLElement | null>
}

function Decision({ id, hash, isReplaced, show, top }: DecisionParts) {
  const { t } = useTranslation()
  const client = useQueryClient()
  const [refusing, setRefusing] = useState(false)
  const [reason, setReason] = useState('')
  const notice = useId()
  const decide = useMutation({
    mutationFn: (yes: boolean) => (yes ? post<CaseDocument>(`/cases/${id}/approve`, { hash }) : post<CaseDocument>(`/cases/${id}/reject`, { reason })),
    onSuccess: (changed) => client.setQueryData(['case', id], changed),
    onSettled: () => client.invalidateQueries({ queryKey: ['cases'] }),
  })
  const rests = isReplaced || decide.isPending
  // Focus goes to what is new, not to where it was: the key that asked to see must not be the one that agrees.
  const look = async () => {
    await client.invalidateQueries({ queryKey: ['case', id] })
    show(client.getQueryData<CaseDocument>(['case', id])?.plan ?? null)
    decide.reset()
    top.current?.focus()
    top.current?.scrollIntoView({ block: 'nearest' })
  }
  // Resting buttons keep their focus, as those that are disabled would not.
  const resting = { 'aria-disabled': rests, 'aria-describedby': isReplaced ? notice : undefined }
  return (
    <div className="mt-4 border-t border-line pt-4">
      {decide.error ? (
        <Trouble error={decide.error} label={t('case.showPlan')} again={() => void look()} />
      ) : (
        isReplaced && (
          <div role="alert" className="mb-4 rounded-lg border border-l-4 border-wait bg-wait/5 p-3">
            <p id={notice} className="font-semibold">
              {t('case.replaced')}
            </p>
            <p className="text-sm text-dim">{t('case.replacedText')}</p>
            <Button small className="mt-2" onClick={() => void look()}>
              {t('case.showNew')}
            </Button>
          </div>
        )
      )}
      {refusing ? (
        <form
          className="space-y-3"
          onSubmit={(event) => {
            event.preventDefault()
            if (!rests) decide.mutate(false)
          }}
        >
          <Field label={t('case.rejectWhy')} value={reason} onChange={(event) => setReason(event.target.value)} maxLength={500} autoFocus />
          <div className="flex gap-3">
            <Button look="bad" type="submit" {...resting}>
              {t('case.reject')}
            </Button>
            <Button onClick={() => setRefusing(false)}>{t('case.cancel')}</Button>
          </div>
        </form>
      ) : (
        <div className="flex flex-wrap items-center gap-x-5 gap-y-3">
          <div className="flex gap-3">
            <Button look="main" className="min-w-32" {...resting} onClick={() => !rests && decide.mutate(true)}>
              {t('case.approve')}
            </Button>
            <Button {...resting} onClick={() => !rests && setRefusing(true)}>
              {t('case.reject')}
            </Button>
          </div>
          <p className="text-xs text-dim">
            {t('case.bound')} <code className="font-mono" title={hash}>{hash.slice(0, 12)}</code>
          </p>
        </div>
      )}
    </div>
  )
}
