import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { get, post, remove } from '../api/client'
import type { Change, Host } from '../api/types'
import { AddHost } from '../components/AddHost'
import { Button, Panel, shown, Trouble, When } from '../components/bits'

export function Hosts() {
  const { t } = useTranslation()
  const hosts = useQuery({ queryKey: ['hosts'], queryFn: () => get<{ hosts: Host[] }>('/hosts') })
  return (
    <div className="space-y-5">
      <h1 className="text-2xl font-semibold tracking-tight">{t('hosts.title')}</h1>
      {hosts.error && <Trouble error={hosts.error} again={() => void hosts.refetch()} />}
      {hosts.data?.hosts.length === 0 && <p className="text-dim">{t('hosts.none')}</p>}
      {hosts.data?.hosts.map((host) => <HostCard key={host.name} host={host} />)}
      <Panel title={t('hosts.add')}>
        <AddHost />
      </Panel>
    </div>
  )
}

function HostCard({ host }: { host: Host }) {
  const { t } = useTranslation()
  const client = useQueryClient()
  const [open, setOpen] = useState(false)
  const again = () => client.invalidateQueries({ queryKey: ['hosts'] })
  const test = useMutation({ mutationFn: () => post(`/hosts/${encodeURIComponent(host.name)}/test`), onSettled: again })
  const record = useMutation({ mutationFn: () => post(`/hosts/${encodeURIComponent(host.name)}/baseline`), onSettled: again })
  const drop = useMutation({ mutationFn: () => remove(`/hosts/${encodeURIComponent(host.name)}`), onSettled: again })
  const error = test.error ?? record.error ?? drop.error
  return (
    <Panel title={host.name} aside={<span className="text-sm">{t(`status.${host.status}`)}</span>}>
      <dl className="grid gap-x-6 gap-y-1 text-sm sm:grid-cols-[max-content_1fr]">
        {(
          [
            ['address', host.address],
            ['os', host.os],
            ['manager', host.manager],
            ['autonomy', t(`autonomy.${host.autonomy}`)],
          ] as const
        ).map(([name, value]) => (
          <div key={name} className="contents">
            <dt className="text-dim">{t(`hosts.${name}`)}</dt>
            <dd className="[overflow-wrap:anywhere]">{value ?? '–'}</dd>
          </div>
        ))}
      </dl>
      {error && <Trouble error={error} />}
      {record.isSuccess && <p className="mt-2 text-good">✓ {t('hosts.recorded')}</p>}
      <div className="mt-4 flex flex-wrap gap-2">
        <Button onClick={() => test.mutate()} disabled={test.isPending}>
          {t('hosts.test')}
        </Button>
        <Button onClick={() => record.mutate()} disabled={record.isPending}>
          {t('hosts.baseline')}
        </Button>
        <Button aria-expanded={open} onClick={() => setOpen(!open)}>
          {t('hosts.changes')}
        </Button>
        <Button look="bad" onClick={() => drop.mutate()} disabled={drop.isPending}>
          {t('hosts.remove')}
        </Button>
      </div>
      {open && <HostChanges name={host.name} />}
    </Panel>
  )
}

function HostChanges({ name }: { name: string }) {
  const { t } = useTranslation()
  const changes = useQuery({ queryKey: ['changes', name], queryFn: () => get<{ changes: Change[] }>(`/hosts/${encodeURIComponent(name)}/changes`), staleTime: 60_000 })
  if (changes.error) return <Trouble error={changes.error} />
  if (!changes.data) return <p className="mt-3">{t('loading')}</p>
  if (changes.data.changes.length === 0) return <p className="mt-3 text-good">✓ {t('hosts.noChanges')}</p>
  return (
    <ul className="mt-3 space-y-2 text-sm">
      {changes.data.changes.map((change, index) => (
        <li key={index} className="[overflow-wrap:anywhere]">
          <span className="text-dim">{change.kind}</span> <code className="font-mono">{change.path}</code> {change.at && <When at={change.at} long />}
          <div className="font-mono text-xs text-dim">
            {shown(change.before) || t('case.gone')} → {shown(change.after) || t('case.gone')}
          </div>
        </li>
      ))}
    </ul>
  )
}
