import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { get } from '../api/client'
import type { CaseRow, CaseState, Demo, Host } from '../api/types'
import { Button, Empty, heading, Loading, Page, StateBadge, Trouble, When } from '../components/bits'
import { Search, Segments } from '../components/Filters'
import { useRowKeys } from '../components/keys'
import { Report } from '../components/Report'
import type { CaseFilter } from '../router'
import { Start } from './Start'

const STATES: Record<CaseFilter, CaseState[]> = { all: [], open: ['working', 'waiting'], ended: ['resolved', 'escalated', 'no_fault', 'failed'] }

export function Cases() {
  const { t } = useTranslation()
  const { show = 'all', q = '' } = useSearch({ from: '/' })
  const hosts = useQuery({ queryKey: ['hosts'], queryFn: () => get<{ hosts: Host[] }>('/hosts') })
  const demo = useQuery({ queryKey: ['demo'], queryFn: () => get<Demo>('/demo') })
  const cases = useInfiniteQuery({
    queryKey: ['cases', show, q],
    queryFn: ({ pageParam }) => get<{ cases: CaseRow[]; next: string | null }>(`/cases?${parameters(show, q, pageParam)}`),
    initialPageParam: '',
    getNextPageParam: (page) => page.next ?? undefined,
    placeholderData: (before) => before,
  })
  // who has just added a first host stays where it is told what comes next
  const began = useRef(false)
  if (hosts.data?.hosts.length === 0) began.current = true
  if (cases.error && !cases.data) return <Trouble error={cases.error} again={() => void cases.refetch()} />
  if (!cases.data || !hosts.data) return <Loading />
  const rows = cases.data.pages.flatMap((page) => page.cases)
  const plainList = show === 'all' && !q
  if (rows.length === 0 && plainList && (began.current || demo.data?.running.length)) return <Start />
  return (
    <Page title={t('cases.title')} aside={<Report hosts={hosts.data.hosts} />}>
      {rows.length === 0 && plainList ? (
        <Empty title={t('cases.calm')}>
          <p>{t('cases.calmText')}</p>
          <p className="mt-4">
            <Link to="/start" className="text-lamp underline decoration-lamp/40 hover:decoration-lamp">
              {t('start.demo')}
            </Link>
          </p>
        </Empty>
      ) : (
        <>
          <Filters show={show} q={q} />
          {rows.length === 0 ? <Empty title={t('cases.none')} /> : <CaseTable rows={rows} />}
          {cases.hasNextPage && (
            <Button className="mt-4" disabled={cases.isFetchingNextPage} onClick={() => void cases.fetchNextPage()}>
              {t('cases.older')}
            </Button>
          )}
        </>
      )}
    </Page>
  )
}

export function StartPage() {
  return <Start first={false} />
}

function parameters(show: CaseFilter, q: string, before: string): URLSearchParams {
  const asked = new URLSearchParams({ limit: '100' })
  for (const state of STATES[show]) asked.append('state', state)
  if (q) asked.set('q', q)
  if (before) asked.set('before', before)
  return asked
}

function Filters({ show, q }: { show: CaseFilter; q: string }) {
  const { t } = useTranslation()
  const navigate = useNavigate({ from: '/' })
  return (
    <div className="mb-4 flex flex-wrap items-center gap-3">
      <Segments
        label={t('cases.filter')}
        value={show}
        options={['all', 'open', 'ended']}
        named={(name) => t(`cases.${name}`)}
        change={(name) => void navigate({ search: (old) => ({ ...old, show: name === 'all' ? undefined : name }) })}
      />
      <Search label={t('cases.search')} value={q} change={(words) => void navigate({ search: (old) => ({ ...old, q: words || undefined }), replace: true })} />
    </div>
  )
}

function CaseTable({ rows }: { rows: CaseRow[] }) {
  const { t } = useTranslation()
  const keys = useRowKeys()
  return (
    <div ref={keys} className="overflow-hidden rounded-xl border border-line bg-panel">
      <table className="w-full text-left">
        <thead className="border-b border-line text-xs text-dim max-md:sr-only">
          <tr>
            {(['case', 'host', 'state', 'cause', 'updated'] as const).map((name) => (
              <th key={name} scope="col" className="px-4 py-2 font-medium">
                {t(`cases.columns.${name}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody className="divide-y divide-line">
          {rows.map((row) => (
            <tr key={row.id} className="relative hover:bg-line/25 max-md:grid max-md:grid-cols-[1fr_auto] max-md:gap-x-3 max-md:px-4 max-md:py-3">
              <td className="py-2.5 pl-4 md:w-full md:max-w-0 max-md:p-0">
                <Link to="/cases/$id" params={{ id: row.id }} data-row className="foreign line-clamp-2 font-medium after:absolute after:inset-0 md:truncate">
                  {heading(row)}
                </Link>
                <div className="text-xs text-dim">
                  {row.id} · {t(`kind.${row.kind}`)}
                  {row.state === 'working' && ` · ${t(`phase.${row.phase}`)}`}
                </div>
              </td>
              <td className="px-4 py-2.5 text-sm whitespace-nowrap max-md:hidden">{row.host}</td>
              <td className="px-4 py-2.5 whitespace-nowrap max-md:p-0">
                <StateBadge state={row.state} />
              </td>
              <td className="px-4 py-2.5 font-mono text-xs whitespace-nowrap max-md:col-span-2 max-md:p-0 max-md:pt-1">{row.label}</td>
              <td className="px-4 py-2.5 text-right text-sm text-dim max-md:hidden">
                <When at={row.updated_at} show="short" />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
