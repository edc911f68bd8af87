// The kept lines of all hosts: searched, followed as they come, by what they say, and where they come from.
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { get } from '../api/client'
import type { Host } from '../api/types'
import { Button, Page } from '../components/bits'
import { Segments } from '../components/Filters'
import { LineContext } from '../components/LineContext'
import { Lines } from '../components/Lines'
import { RANGES } from '../components/lines'
import { Sources } from '../components/Sources'
import { Templates } from '../components/Templates'
import { Window } from '../components/Window'

const VIEWS = ['lines', 'templates', 'sources'] as const
const LEVELS = ['debug', 'info', 'warning', 'error', 'critical']

export function Logs() {
  const { t } = useTranslation()
  const search = useSearch({ from: '/logs' })
  const navigate = useNavigate({ from: '/logs' })
  const view = search.view ?? 'lines'
  return (
    <Page
      title={t('logs.title')}
      lead={t('logs.lead')}
      aside={
        <Segments
          label={t('logs.view')}
          value={view}
          options={VIEWS}
          named={(name) => t(`logs.views.${name}`)}
          change={(name) => void navigate({ search: (old) => ({ ...old, view: name === 'lines' ? undefined : name }) })}
        />
      }
    >
      {view === 'sources' ? (
        <Sources />
      ) : view === 'templates' ? (
        <Templates host={search.host} />
      ) : (
        <>
          <Asked key={search.q} />
          <Lines key={JSON.stringify({ ...search, line: undefined })} search={search} />
        </>
      )}
      <Window open={search.line !== undefined} close={() => void navigate({ search: (old) => ({ ...old, line: undefined }), replace: true, resetScroll: false })} title={t('logs.around')} wide>
        {search.line && <LineContext id={search.line} />}
      </Window>
    </Page>
  )
}

function Asked() {
  const { t } = useTranslation()
  const search = useSearch({ from: '/logs' })
  const navigate = useNavigate({ from: '/logs' })
  const [q, setQ] = useState(search.q ?? '')
  const hosts = useQuery({ queryKey: ['hosts'], queryFn: () => get<{ hosts: Host[] }>('/hosts') }).data?.hosts ?? []
  const set = (changed: Partial<typeof search>) => void navigate({ search: (old) => ({ ...old, ...changed }), replace: true })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    set({ q: q.trim() || undefined })
  }
  const names = [...new Set([...hosts.map((host) => host.name), ...(search.host ? [search.host] : [])])]
  return (
    <form onSubmit={submit} className="mb-3 flex flex-wrap items-center gap-2" role="search">
      <input type="search" aria-label={t('logs.search')} placeholder={t('logs.search')} value={q} maxLength={1000} onChange={(event) => setQ(event.target.value)} className="bounded min-h-11 min-w-48 grow rounded-lg bg-panel px-3 placeholder:text-dim" />
      <Button type="submit">{t('logs.find')}</Button>
      <Pick label={t('logs.since')} value={search.range ?? ''} change={(range) => set({ range: range || undefined })} all={t('logs.always')} options={Object.keys(RANGES).map((name) => [name, t(`logs.ranges.${name}`)])} />
      <Pick label={t('logs.level')} value={search.level ?? ''} change={(level) => set({ level: level || undefined })} all={t('logs.allLevels')} options={LEVELS.map((name) => [name, t(`level.${name}`)])} />
      <Pick label={t('hosts.host')} value={search.host ?? ''} change={(host) => set({ host: host || undefined })} all={t('logs.allHosts')} options={names.map((name) => [name, name])} />
    </form>
  )
}

function Pick({ label, value, change, all, options }: { label: string; value: string; change: (value: string) => void; all: string; options: string[][] }) {
  return (
    <select aria-label={label} value={value} onChange={(event) => change(event.target.value)} className="bounded min-h-11 max-w-44 rounded-lg bg-panel px-2 text-sm max-sm:grow">
      <option value="">{all}</option>
      {options.map(([name, shown]) => (
        <option key={name} value={name}>
          {shown}
        </option>
      ))}
    </select>
  )
}
