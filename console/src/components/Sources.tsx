// Where the lines come from: how much, how far behind, what was lost.
import { useQuery } from '@tanstack/react-query'
import { clsx } from 'clsx'
import { useTranslation } from 'react-i18next'
import { get } from '../api/client'
import { Empty, Loading, Panel, plain, Trouble, When } from './bits'

interface Source {
  source: string
  kind: string
  host: string
  lines: number
  lines_per_s: number
  last_at: string | null
  behind_bytes: number | null
  dropped: number
  sampled: number
  restarts: number
  trouble: string | null
  unreadable: string[]
}
interface Keeping {
  kept: number
  unkept: number
  trouble: string | null
}
const AGAIN_MS = 3_000

export function Sources() {
  const { t, i18n } = useTranslation()
  const found = useQuery({ queryKey: ['sources'], queryFn: () => get<{ sources: Source[]; keeping: Keeping }>('/sources'), refetchInterval: AGAIN_MS })
  if (found.error && !found.data) return <Trouble error={found.error} again={() => void found.refetch()} />
  if (!found.data) return <Loading />
  const { sources, keeping } = found.data
  const number = new Intl.NumberFormat(i18n.language, { maximumFractionDigits: 1 })
  const bytes = (count: number) => new Intl.NumberFormat(i18n.language, { style: 'unit', unit: count < 1e6 ? 'kilobyte' : 'megabyte', maximumFractionDigits: 1 }).format(count < 1e6 ? count / 1e3 : count / 1e6)
  if (sources.length === 0) return <Empty title={t('sources.none')}>{t('sources.noneText')}</Empty>
  return (
    <div className="space-y-3">
      <p className={clsx('text-sm', keeping.unkept > 0 ? 'text-bad' : 'text-dim')}>
        {t('sources.kept', { shown: number.format(keeping.kept), count: keeping.kept })} {keeping.unkept > 0 && t('sources.unkept', { shown: number.format(keeping.unkept), count: keeping.unkept })} {keeping.trouble && plain(keeping.trouble)}
      </p>
      {sources.map((each) => (
        <Panel key={each.source}>
          <div className="flex flex-wrap items-baseline justify-between gap-x-4">
            <p className="foreign min-w-0 font-mono text-sm font-medium">{plain(each.source.split(':').slice(2).join(':') || each.source)}</p>
            <p className="foreign text-sm text-dim">
              {each.host} · {each.kind}
            </p>
          </div>
          <dl className="mt-2 grid grid-cols-2 gap-x-6 gap-y-2 text-sm sm:grid-cols-3 lg:grid-cols-6">
            <Figure name={t('sources.rate')}>{number.format(each.lines_per_s)}</Figure>
            <Figure name={t('sources.lines')}>{number.format(each.lines)}</Figure>
            <Figure name={t('sources.behind')} bad={(each.behind_bytes ?? 0) > 1e6}>
              {each.behind_bytes === null ? '–' : each.behind_bytes === 0 ? t('sources.upToDate') : bytes(each.behind_bytes)}
            </Figure>
            <Figure name={t('sources.dropped')} bad={each.dropped > 0}>
              {number.format(each.dropped)}
            </Figure>
            <Figure name={t('sources.sampled')} bad={each.sampled > 0}>
              {number.format(each.sampled)}
            </Figure>
            <Figure name={t('sources.last')}>{each.last_at ? <When at={each.last_at} show="short" /> : '–'}</Figure>
          </dl>
          {(each.trouble || each.unreadable.length > 0) && <p className="foreign mt-2 text-sm text-bad">{plain([each.trouble, ...each.unreadable].filter(Boolean).join(' · '))}</p>}
          {each.restarts > 0 && <p className="mt-1 text-sm text-wait">{t('sources.restarts', { count: each.restarts })}</p>}
        </Panel>
      ))}
    </div>
  )
}

function Figure({ name, bad, children }: { name: string; bad?: boolean; children: React.ReactNode }) {
  return (
    <div>
      <dt className="text-xs text-dim">{name}</dt>
      <dd className={clsx('font-medium tabular-nums', bad && 'text-bad')}>{children}</dd>
    </div>
  )
}
