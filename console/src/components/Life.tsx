// Where a case stands in its life.
import { clsx } from 'clsx'
import { useTranslation } from 'react-i18next'
import type { CaseDocument } from '../api/types'

const LIFE = ['understand', 'diagnose', 'plan', 'approve', 'back_up', 'act', 'verify', 'report']
const LATER = ['learn', 'watch', 'closed']

export function Life({ found }: { found: CaseDocument }) {
  const { t } = useTranslation()
  const ended = found.state !== 'working' && found.state !== 'waiting'
  const at = ended || LATER.includes(found.phase) ? LIFE.length : LIFE.indexOf(found.phase)
  return (
    <ol className="flex flex-wrap gap-x-1 gap-y-2 text-sm">
      {LIFE.map((phase, index) => (
        <li
          key={phase}
          aria-current={index === at ? 'step' : undefined}
          className={clsx(
            'flex items-center gap-1.5 rounded-full px-3 py-1',
            index < at && 'text-good',
            index === at && 'bg-lamp font-medium text-lamp-ink',
            index > at && 'text-dim',
          )}
        >
          {index < at && <span aria-hidden>✓</span>}
          {t(`phase.${phase}`)}
        </li>
      ))}
      {found.phase === 'roll_back' && <li className="rounded-full bg-bad px-3 py-1 font-medium text-white">{t('phase.roll_back')}</li>}
    </ol>
  )
}
