// Where a case stands in its life.
import { clsx } from 'clsx'
import { useTranslation } from 'react-i18next'
import type { CaseDocument } from '../api/types'

const LIFE = ['understand', 'diagnose', 'plan', 'approve', 'back_up', 'act', 'verify', 'report']
const LATER = ['learn', 'watch', 'closed']

export function Life({ found }: { found: CaseDocument }) {
  const { t } = useTranslation()
  const ended = found.state !== 'working' && found.state !== 'waiting'
  const at = ended || LATER.includes(found.phase) ? LIFE.length : Math.max(0, LIFE.indexOf(found.phase))
  const back = found.phase === 'roll_back' && !ended
  if (ended && found.state !== 'resolved') return null
  return (
    <ol aria-label={t('case.life')} className="grid grid-cols-8 gap-1 text-xs sm:gap-1.5">
      {LIFE.map((phase, index) => (
        <li key={phase} aria-current={index === at ? 'step' : undefined} className="min-w-0">
          <span
            aria-hidden
            className={clsx(
              'block h-1.5 rounded-full',
              index < at ? 'bg-good' : index > at ? 'bg-line' : found.state === 'waiting' ? 'bg-wait' : back ? 'bg-bad' : 'lantern bg-lamp',
            )}
          />
          <span
            className={clsx(
              'mt-1 block truncate max-sm:sr-only',
              index < at && 'text-dim',
              index === at && (found.state === 'waiting' ? 'font-semibold text-wait' : 'font-semibold text-ink'),
              index > at && 'text-dim',
            )}
          >
            {index === at && back ? t('phase.roll_back') : t(`phase.${phase}`)}
          </span>
        </li>
      ))}
      {at < LIFE.length && <li className="col-span-8 font-medium sm:hidden">{t(back ? 'phase.roll_back' : `phase.${LIFE[at]}`)}</li>}
    </ol>
  )
}
