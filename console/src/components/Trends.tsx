// What a host measures again and again: each series drawn, and when it runs out if it goes on like this.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { get, post } from '../api/client'
import { Button, Panel, plain, Trouble, When } from './bits'
import { useMay } from './role'
import { bounds, figure, path, type Series, subject } from './trends'

interface Found {
  observed_every_s: number | null
  series: Series[]
}
const EVERY_S = 60
const [WIDTH, HEIGHT] = [240, 48]
const SHOWN = 6

export function Trends({ host }: { host: string }) {
  const { t } = useTranslation()
  const may = useMay()
  const client = useQueryClient()
  const [all, setAll] = useState(false)
  const address = `/hosts/${encodeURIComponent(host)}`
  const found = useQuery({ queryKey: ['trends', host], queryFn: () => get<Found>(`${address}/trends?hours=24`), refetchInterval: 30_000 })
  const observe = useMutation({
    mutationFn: (every_s: number | null) => post(`${address}/observe`, { every_s }),
    onSettled: () => Promise.all([client.invalidateQueries({ queryKey: ['trends', host] }), client.invalidateQueries({ queryKey: ['hosts'] })]),
  })
  if (found.error) return <Trouble error={found.error} />
  if (!found.data) return null
  const { observed_every_s: every, series } = found.data
  // what runs out first, then what is fullest
  const sorted = [...series].sort((a, b) => Number(!a.forecast) - Number(!b.forecast) || b.value - a.value)
  return (
    <Panel
      title={t('trends.title')}
      aside={
        may('admin') && (
          <Button small disabled={observe.isPending} aria-busy={observe.isPending} onClick={() => observe.mutate(every ? null : EVERY_S)}>
            {t(every ? 'trends.stop' : 'trends.start')}
          </Button>
        )
      }
    >
      {observe.error && <Trouble error={observe.error} />}
      {!every && <p className="text-sm text-dim text-pretty">{t('trends.why')}</p>}
      {every && series.length === 0 && <p className="text-sm text-dim">{t('trends.soon')}</p>}
      <ul className="grid gap-x-6 gap-y-4 @container sm:grid-cols-2">
        {sorted.slice(0, all ? undefined : SHOWN).map((one) => (
          <Drawn key={`${one.subject} ${one.name}`} series={one} />
        ))}
      </ul>
      {sorted.length > SHOWN && (
        <Button small look="quiet" className="mt-2 -ml-3" aria-expanded={all} onClick={() => setAll(!all)}>
          {all ? t('less') : t('change.others', { count: sorted.length - SHOWN })}
        </Button>
      )}
    </Panel>
  )
}

function Drawn({ series }: { series: Series }) {
  const { t, i18n } = useTranslation()
  const [low, high] = bounds(series)
  const name = i18n.exists(`measure.${series.name}`) ? t(`measure.${series.name}`) : series.name
  return (
    <li className="min-w-0">
      <p className="flex items-baseline justify-between gap-3 text-sm">
        <span className="foreign min-w-0">
          {name} <span className="text-dim">{plain(subject(series))}</span>
        </span>
        <span className="font-medium tabular-nums">{figure(series.name, series.value, i18n.language)}</span>
      </p>
      <svg role="img" aria-label={`${name} : ${figure(series.name, low, i18n.language)} – ${figure(series.name, high, i18n.language)}`} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" className="mt-1 h-12 w-full overflow-visible text-lamp">
        <polyline points={path(series, WIDTH, HEIGHT)} fill="none" stroke="currentColor" strokeWidth="1.5" vectorEffect="non-scaling-stroke" />
      </svg>
      {series.forecast && (
        <p className="text-xs font-medium text-wait">
          {t('trends.ends')} <When at={series.forecast.ends_at} show="short" />
        </p>
      )}
    </li>
  )
}
