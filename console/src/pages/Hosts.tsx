// The inventory: which hosts there are, how they are, and an order for those that are chosen.
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { clsx } from 'clsx'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { get } from '../api/client'
import type { Host } from '../api/types'
import { Button, ButtonLink, Empty, Loading, Page, plain, Trouble } from '../components/bits'
import { Search } from '../components/Filters'
import { HostStatus, Labels } from '../components/HostBits'
import { useRowKeys } from '../components/keys'
import { useMay } from '../components/role'
import { chosen, labelsOf } from '../components/select'
import { SshImport } from '../components/SshImport'

const SHOWN = 200

export function Hosts() {
  const { t } = useTranslation()
  const may = useMay()
  const filter = useSearch({ from: '/hosts' })
  const hosts = useQuery({ queryKey: ['hosts'], queryFn: () => get<{ hosts: Host[] }>('/hosts') })
  if (hosts.error && !hosts.data) return <Trouble error={hosts.error} again={() => void hosts.refetch()} />
  if (!hosts.data) return <Loading />
  const all = hosts.data.hosts
  const add = may('admin') && (
    <div className="flex flex-wrap gap-2">
      <SshImport />
      <ButtonLink look="main" to="/enrol">
        {t('hosts.add')}
      </ButtonLink>
    </div>
  )
  return (
    <Page title={t('hosts.title')} lead={all.length > 0 ? t('hosts.lead', { count: all.length }) : undefined} aside={all.length > 0 && add}>
      {all.length === 0 ? (
        <Empty title={t('hosts.none')}>
          <p>{t('start.connectText')}</p>
          <div className="mt-5 flex justify-center">{add}</div>
        </Empty>
      ) : (
        <Inventory all={all} shown={chosen(all, filter)} />
      )}
    </Page>
  )
}

function Inventory({ all, shown }: { all: Host[]; shown: Host[] }) {
  const { t } = useTranslation()
  const may = useMay()
  const navigate = useNavigate()
  const [picked, setPicked] = useState<ReadonlySet<string>>(new Set())
  const [more, setMore] = useState(SHOWN)
  const pick = (names: string[], on: boolean) => setPicked((before) => new Set(on ? [...before, ...names] : [...before].filter((name) => !names.includes(name))))
  const there = shown.filter((host) => picked.has(host.name))
  return (
    <>
      <Filters all={all} />
      {shown.length === 0 ? (
        <Empty title={t('hosts.noMatch')} />
      ) : (
        <HostTable hosts={shown.slice(0, more)} picked={picked} pick={may('operator') ? pick : undefined} all={there.length === shown.length} pickAll={(on) => pick(shown.map((host) => host.name), on)} />
      )}
      {shown.length > more && (
        <Button className="mt-4" onClick={() => setMore(more + SHOWN)}>
          {t('hosts.others', { count: shown.length - more })}
        </Button>
      )}
      {there.length > 0 && (
        <div role="status" className="arrive sticky bottom-4 z-10 mx-auto mt-4 flex w-fit max-w-full flex-wrap items-center gap-3 rounded-xl border border-line bg-panel py-2 pr-2 pl-4 shadow-lg">
          <span className="text-sm font-medium">{t('hosts.picked', { count: there.length })}</span>
          <Button small look="main" onClick={() => void navigate({ to: '/fleet', search: { on: there.map((host) => host.name).join(',') } })}>
            {t('fleet.open')}
          </Button>
          <Button small look="quiet" onClick={() => setPicked(new Set())}>
            {t('hosts.unpick')}
          </Button>
        </div>
      )}
    </>
  )
}

function Filters({ all }: { all: Host[] }) {
  const { t } = useTranslation()
  const navigate = useNavigate({ from: '/hosts' })
  const { q = '', label, status } = useSearch({ from: '/hosts' })
  const toggle = (name: 'label' | 'status', value: string, on: boolean) => void navigate({ search: (old) => ({ ...old, [name]: on ? undefined : value }), replace: true })
  const labels = labelsOf(all)
  const states = [...new Set(all.map((host) => host.status))].sort()
  return (
    <div className="mb-4 flex flex-wrap items-center gap-x-4 gap-y-2">
      <Search label={t('hosts.search')} value={q} change={(words) => void navigate({ search: (old) => ({ ...old, q: words || undefined }), replace: true })} />
      {states.length > 1 && (
        <div role="group" aria-label={t('hosts.status')} className="flex flex-wrap gap-1.5">
          {states.map((each) => (
            <Toggle key={each} on={status === each} click={(on) => toggle('status', each, on)}>
              {t(`status.${each}`)}
            </Toggle>
          ))}
        </div>
      )}
      {labels.length > 0 && (
        <div role="group" aria-label={t('hosts.labels')} className="flex flex-wrap gap-1.5">
          {labels.slice(0, 30).map((each) => (
            <Toggle key={each.label} on={label === each.label} click={(on) => toggle('label', each.label, on)}>
              {each.label.startsWith('tag:') ? `#${each.label.slice(4)}` : each.label} <span className="opacity-75">{each.count}</span>
            </Toggle>
          ))}
        </div>
      )}
    </div>
  )
}

function Toggle({ on, click, children }: { on: boolean; click: (on: boolean) => void; children: React.ReactNode }) {
  return (
    <button
      type="button"
      aria-pressed={on}
      onClick={() => click(on)}
      className={clsx('min-h-8 rounded-full border px-3 text-sm pointer-coarse:min-h-11', on ? 'border-transparent bg-lamp text-lamp-ink' : 'border-(--edge) hover:bg-line/40')}
    >
      {children}
    </button>
  )
}

interface TableParts {
  hosts: Host[]
  picked: ReadonlySet<string>
  pick?: (names: string[], on: boolean) => void
  all: boolean
  pickAll: (on: boolean) => void
}

function HostTable({ hosts, picked, pick, all, pickAll }: TableParts) {
  const { t } = useTranslation()
  const keys = useRowKeys()
  return (
    <div ref={keys} className="overflow-hidden rounded-xl border border-line bg-panel">
      <table className="w-full text-left">
        <thead className="border-b border-line text-xs text-dim">
          <tr className="max-md:flex max-md:items-center">
            {pick && (
              <th scope="col" className="w-11 py-1 pl-2">
                <Box label={t('hosts.pickAll')} checked={all} change={pickAll} />
              </th>
            )}
            {(['name', 'status', 'os', 'labels', 'autonomy'] as const).map((name) => (
              <th key={name} scope="col" className={clsx('px-3 py-2 font-medium', name === 'name' ? '' : 'max-md:sr-only', name === 'os' && 'w-[19%] max-lg:hidden')}>
                {t(`hosts.${name}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody className="divide-y divide-line">
          {hosts.map((host) => (
            <tr key={host.name} className="relative hover:bg-line/25 max-md:grid max-md:grid-cols-[auto_1fr_auto] max-md:items-center max-md:py-1.5">
              {pick && (
                <td className="relative z-[1] w-11 pl-2">
                  <Box label={t('hosts.pick', { host: host.name })} checked={picked.has(host.name)} change={(on) => pick([host.name], on)} />
                </td>
              )}
              <td className="px-3 py-2 md:w-[32%] md:max-w-0">
                <Link to="/hosts/$name" params={{ name: host.name }} data-row className="foreign block font-medium after:absolute after:inset-0 md:truncate">
                  {host.name}
                </Link>
                <span className="foreign block text-xs text-dim md:truncate">{plain(host.address)}</span>
              </td>
              <td className="px-3 py-2">
                <HostStatus status={host.status} />
              </td>
              <td className="max-w-0 truncate px-3 py-2 text-sm text-dim max-lg:hidden">{plain(host.os ?? '–')}</td>
              <td className={clsx('px-3 py-2 max-md:col-span-3 max-md:pl-14', host.groups.length + host.tags.length === 0 && 'max-md:hidden')}>
                <span className="flex flex-wrap gap-1">
                  <Labels host={host} />
                </span>
              </td>
              <td className="px-3 py-2 text-sm whitespace-nowrap max-md:hidden">{t(`autonomy.${host.autonomy}`)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Box({ label, checked, change }: { label: string; checked: boolean; change: (on: boolean) => void }) {
  return (
    <label className="grid size-9 cursor-pointer place-items-center pointer-coarse:size-11">
      <span className="sr-only">{label}</span>
      <input type="checkbox" checked={checked} onChange={(event) => change(event.target.checked)} className="size-4 accent-lamp" />
    </label>
  )
}
