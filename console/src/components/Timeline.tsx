import { clsx } from 'clsx'
import { useTranslation } from 'react-i18next'
import type { Happening } from '../api/types'
import { When } from './bits'

export function Timeline({ rows, name }: { rows: Happening[]; name?: string }) {
  const { t } = useTranslation()
  return (
    <ol aria-label={name ?? t('case.timeline')} className="relative space-y-2.5 border-l border-line pl-4">
      {rows.map((row) => (
        <li key={row.seq} className="arrive relative">
          <span aria-hidden className={clsx('absolute top-[0.5em] -left-[1.29rem] size-2.5 rounded-full border-2 border-panel', dot(row.kind))} />
          <p className="[overflow-wrap:anywhere]">{row.text || row.kind}</p>
          <p className="text-xs text-dim">
            <When at={row.at} /> · {row.actor.replace(/^(agent|person):/, '')}
          </p>
        </li>
      ))}
    </ol>
  )
}

function dot(kind: string): string {
  if (kind.startsWith('action.') || kind.startsWith('backup.')) return 'bg-lamp'
  if (/fail|refused|undone|roll|escalat/.test(kind)) return 'bg-bad'
  if (/verified|resolved|no_fault|approved/.test(kind)) return 'bg-good'
  if (/approval|waiting/.test(kind)) return 'bg-wait'
  return 'bg-dim'
}
