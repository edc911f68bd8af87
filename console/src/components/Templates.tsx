// What the lines of the last day say: each wording once, with how often, since when, and its day drawn.
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { clsx } from 'clsx'
import { useTranslation } from 'react-i18next'
import { get } from '../api/client'
import { Empty, Loading, plain, Trouble, When } from './bits'
import { spark } from './lines'

interface Template {
  id: string
  text: string
  host: string
  service: string | null
  level: string | null
  first_seen: string
  last_seen: string
  count: number
  sparkline: number[]
}
const [WIDTH, HEIGHT] = [96, 20]
const LOUD: Record<string, string> = { critical: 'text-bad', error: 'text-bad', warning: 'text-wait' }

export function Templates({ host }: { host?: string }) {
  const { t, i18n } = useTranslation()
  const found = useQuery({ queryKey: ['logs', 'templates', host], queryFn: () => get<{ templates: Template[] }>(`/logs/templates${host ? `?host=${encodeURIComponent(host)}` : ''}`) })
  if (found.error) return <Trouble error={found.error} again={() => void found.refetch()} />
  if (!found.data) return <Loading />
  if (found.data.templates.length === 0) return <Empty title={t('logs.none')}>{t('logs.noneText')}</Empty>
  const number = new Intl.NumberFormat(i18n.language)
  return (
    <>
      <p className="mb-2 text-sm text-dim">{t('logs.templatesText')}</p>
      <ul className="divide-y divide-line overflow-hidden rounded-xl border border-line bg-panel">
        {found.data.templates.map((each) => (
          <li key={`${each.id} ${each.host} ${each.service}`} className="relative flex flex-wrap items-center gap-x-5 gap-y-1 px-4 py-2.5 hover:bg-line/25">
            <div className="min-w-0 basis-full sm:grow sm:basis-0">
              <Link to="/logs" search={{ template: each.id, host: each.host }} className="foreign line-clamp-2 font-mono text-[0.8rem] after:absolute after:inset-0">
                {plain(each.text)}
              </Link>
              <p className="foreign text-xs text-dim">
                {each.level && <span className={clsx('font-medium', LOUD[each.level])}>{t(`level.${each.level}`)} · </span>}
                {[each.host, each.service].filter(Boolean).join(' · ')} · {t('logs.firstSeen')} <When at={each.first_seen} show="short" />
              </p>
            </div>
            <svg aria-hidden viewBox={`0 0 ${WIDTH} ${HEIGHT}`} className="h-5 w-24 overflow-visible text-lamp">
              <polyline points={spark(each.sparkline, WIDTH, HEIGHT)} fill="none" stroke="currentColor" strokeWidth="1.5" />
            </svg>
            <span className="w-20 text-right text-sm font-medium tabular-nums">{number.format(each.count)}</span>
          </li>
        ))}
      </ul>
    </>
  )
}
