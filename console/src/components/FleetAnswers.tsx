// How an order ended: counted, equal answers told once, what most did not say marked.
import { clsx } from 'clsx'
import { useTranslation } from 'react-i18next'
import type { Ending, FleetAnswer, FleetOrder } from '../api/types'
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
        {ENDINGS.filter((ending) => ending === 'done' || order.counts[ending] > 0).map((ending) => (
          <li key={ending} className={clsx('font-medium', LOOK[ending])}>
            <span aria-hidden>{SIGN[ending]} </span>
            {t(`fleet.ending.${ending}`)} <span className="tabular-nums">{order.counts[ending]}</span>
          </li>
        ))}
      </ul>
      {order.answers.map((answer) => (
        <Answer key={`${answer.outcome} ${answer.hosts[0]}`} answer={answer} />
      ))}
    </section>
  )
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
