// How an order ended: counted, equal answers told once, what most did not say marked.
import { clsx } from 'clsx'
import { useTranslation } from 'react-i18next'
import type { Ending, FleetAnswer, FleetOrder, FleetProgress } from '../api/types'
import { Chip, Panel, plain, Said } from './bits'

const ENDINGS: Ending[] = ['done', 'failed', 'unreachable', 'unknown', 'refused', 'not_started']
const LOOK: Record<Ending, string> = { done: 'text-good', failed: 'text-bad', unreachable: 'text-bad', unknown: 'text-wait', refused: 'text-wait', not_started: 'text-dim' }
const SIGN: Record<Ending, string> = { done: '✓', failed: '✕', unreachable: '○', unknown: '?', refused: '⊘', not_started: '–' }
const NAMED = 24

export function FleetAnswers({ order }: { order: FleetOrder }) {
  const { t } = useTranslation()
  return (
    <section aria-label={t('fleet.answers')} className="space-y-4">
      <ul role="status" className="flex flex-wrap gap-x-5 gap-y-1.5">
        <Counts counts={order.counts} />
      </ul>
      {order.answers.map((answer) => (
        <Answer key={`${answer.outcome} ${answer.hosts[0]}`} answer={answer} />
      ))}
    </section>
  )
}

/** How far an order has come, while it runs. */
export function FleetCounts({ progress }: { progress: FleetProgress }) {
  const { t } = useTranslation()
  const ended = Object.values(progress.counts).reduce((sum, count) => sum + count, 0)
  const all = ended + progress.running + progress.waiting
  return (
    <section aria-label={t('fleet.progress')}>
      <div role="progressbar" aria-label={t('fleet.progress')} aria-valuemin={0} aria-valuemax={all} aria-valuenow={ended} className="h-1.5 overflow-hidden rounded-full bg-line">
        <div className="h-full bg-lamp transition-[width]" style={{ width: `${(100 * ended) / Math.max(all, 1)}%` }} />
      </div>
      <ul aria-live="polite" className="mt-2.5 flex flex-wrap gap-x-5 gap-y-1.5">
        <Counts counts={{ ...progress.counts, not_started: progress.waiting }} />
        {progress.running > 0 && (
          <li className="font-medium text-lamp">
            {t('fleet.underWay')} <span className="tabular-nums">{progress.running}</span>
          </li>
        )}
      </ul>
    </section>
  )
}

function Counts({ counts }: { counts: Record<Ending, number> }) {
  const { t } = useTranslation()
  return ENDINGS.filter((ending) => ending === 'done' || counts[ending] > 0).map((ending) => (
    <li key={ending} className={clsx('font-medium', LOOK[ending])}>
      <span aria-hidden>{SIGN[ending]} </span>
      {t(`fleet.ending.${ending}`)} <span className="tabular-nums">{counts[ending]}</span>
    </li>
  ))
}

function Answer({ answer }: { answer: FleetAnswer }) {
  const { t } = useTranslation()
  const said = answer.stdout || answer.stderr
  return (
    <Panel className={clsx(answer.outlier && 'border-l-4 border-l-wait')}>
      <p className="flex flex-wrap items-baseline gap-x-3 gap-y-1">
        <span className={clsx('font-medium', LOOK[answer.outcome])}>
          <span aria-hidden>{SIGN[answer.outcome]} </span>
          {t(`fleet.ending.${answer.outcome}`)}
          {answer.rc ? ` (${answer.rc})` : ''}
        </span>
        {answer.hosts.length > 1 && <span className="text-sm text-dim">{t('fleet.same', { count: answer.hosts.length })}</span>}
        {answer.outlier && <span className="text-sm text-wait">{t('fleet.outlier')}</span>}
      </p>
      <p className="mt-1.5 flex flex-wrap gap-1">
        {answer.hosts.slice(0, NAMED).map((host) => (
          <Chip key={host} className="font-mono">
            {host}
          </Chip>
        ))}
      </p>
      {answer.hosts.length > NAMED && (
        <details className="mt-1">
          <summary className="text-sm text-dim">{t('change.others', { count: answer.hosts.length - NAMED })}</summary>
          <p className="foreign mt-1 font-mono text-xs">{answer.hosts.slice(NAMED).join(', ')}</p>
        </details>
      )}
      {answer.error && (
        <div className="mt-2 text-sm">
          <Said text={answer.error.what} className="font-medium" />
          <Said text={answer.error.why} className="text-dim" />
        </div>
      )}
      {said ? (
        <pre tabIndex={0} className="foreign mt-3 max-h-80 overflow-auto rounded-lg border border-line bg-deck p-3 font-mono text-xs whitespace-pre-wrap">
          {plain(answer.stdout)}
          {answer.stderr && <span className="text-wait">{plain(answer.stderr)}</span>}
        </pre>
      ) : (
        !answer.error && answer.outcome !== 'not_started' && <p className="mt-2 text-sm text-dim">{t('fleet.silent')}</p>
      )}
      {answer.truncated && <p className="mt-1 text-xs text-dim">{t('fleet.cut')}</p>}
    </Panel>
  )
}
