import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { clsx } from 'clsx'
import { useTranslation } from 'react-i18next'
import { get } from '../api/client'
import type { CaseRow, Host } from '../api/types'
import { StateBadge, Trouble, When } from '../components/bits'
import { Report } from '../components/Report'
import type { CaseFilter } from '../router'
import { Start } from './Start'

const STATES: Record<CaseFilter, string> = { all: '', open: 'working,waiting', ended: 'resolved,escalated,no_fault,failed' }

export function Cases() {
  const { t } = useTranslation()
  const { show = 'all', q = '' } = useSearch({ from: '/' })
  const navigate = useNavigate({ from: '/' })
  const hosts = useQuery({ queryKey: ['hosts'], queryFn: () => get<{ hosts: Host[] }>('/hosts') })
  const parameters = new URLSearchParams({ limit: '100', ...(STATES[show] && { state: STATES[show] }), ...(q && { q }) })
  const cases = useQuery({
    queryKey: ['cases', show, q],
    queryFn: () => get<{ cases: CaseRow[] }>(`/cases?${parameters}`),
    placeholderData: (before) => before,
  })
  if (cases.error) return <Trouble error={cases.error} again={() => void cases.refetch()} />
  if (!cases.data || !hosts.data) return <p>{t('loading')}</p>
  const rows = cases.data.cases
  if (rows.length === 0 && show === 'all' && !q && hosts.data.hosts.length === 0) return <Start />
  return (
    <div>
      <div className="flex flex-wrap items-end justify-between gap-3">
        <h1 className="text-2xl font-semibold tracking-tight">{t('cases.title')}</h1>
        <Report hosts={hosts.data.hosts} />
      </div>
      <div className="my-4 flex flex-wrap items-center gap-3">
        <div role="group" aria-label={t('cases.filter')} className="flex rounded-lg border border-line bg-panel p-1">
          {(['all', 'open', 'ended'] as const).map((name) => (
            <button
              key={name}
              type="button"
              aria-pressed={show === name}
              onClick={() => void navigate({ search: (old) => ({ ...old, show: name === 'all' ? undefined : name }) })}
              className={clsx('min-h-9 rounded-md px-3 text-sm', show === name && 'bg-lamp text-lamp-ink')}
            >
              {t(`cases.${name}`)}
            </button>
          ))}
        </div>
        <input
          type="search"
          aria-label={t('cases.search')}
          placeholder={t('cases.search')}
          defaultValue={q}
          onChange={(event) => void navigate({ search: (old) => ({ ...old, q: event.target.value || undefined }), replace: true })}
          className="min-h-11 grow rounded-lg border border-line bg-panel px-3 sm:max-w-xs"
        />
      </div>
      {rows.length === 0 ? <p className="text-dim">{t('cases.none')}</p> : <CaseTable rows={rows} />}
    </div>
  )
}

function CaseTable({ rows }: { rows: CaseRow[] }) {
  const { t } = useTranslation()
  return (
    <div className="overflow-x-auto rounded-xl border border-line bg-panel">
      <table className="w-full text-left">
        <thead className="border-b border-line text-sm text-dim">
          <tr>
            {(['case', 'host', 'state', 'cause', 'updated'] as const).map((name) => (
              <th key={name} scope="col" className="px-4 py-2.5 font-medium">
                {t(`cases.columns.${name}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.id} className="border-b border-line last:border-0 hover:bg-line/25">
              <td className="px-4 py-2.5">
                <Link to="/cases/$id" params={{ id: row.id }} className="font-medium hover:underline">
                  {row.title}
                </Link>
                <div className="text-xs text-dim">
                  {row.id} · {t(`kind.${row.kind}`)}
                </div>
              </td>
              <td className="px-4 py-2.5">{row.host}</td>
              <td className="px-4 py-2.5">
                <StateBadge state={row.state} />
              </td>
              <td className="px-4 py-2.5 font-mono text-sm">{row.label}</td>
              <td className="px-4 py-2.5 text-sm">
                <When at={row.updated_at} long />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
