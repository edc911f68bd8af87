import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { clsx } from 'clsx'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { get, post, Problem, remove } from '../api/client'
import type { Autonomy, Change, Host } from '../api/types'
import { AddHost } from '../components/AddHost'
import { Button, Choice, Loading, Page, Panel, plain, Trouble, When } from '../components/bits'
import { ChangeList } from '../components/Changes'
import { Window } from '../components/Window'

export function Hosts() {
  const { t } = useTranslation()
  const hosts = useQuery({ queryKey: ['hosts'], queryFn: () => get<{ hosts: Host[] }>('/hosts') })
  if (hosts.error && !hosts.data) return <Trouble error={hosts.error} again={() => void hosts.refetch()} />
  if (!hosts.data) return <Loading />
  return (
    <Page title={t('hosts.title')} lead={hosts.data.hosts.length === 0 ? t('hosts.none') : undefined}>
      <div className="grid items-start gap-5 xl:grid-cols-[minmax(0,1fr)_22rem]">
        <div className={clsx('min-w-0 space-y-4', hosts.data.hosts.length === 0 && 'hidden')}>
          {hosts.data.hosts.map((host) => (
            <HostCard key={host.name} host={host} />
          ))}
        </div>
        <Panel title={t('hosts.add')} className={hosts.data.hosts.length === 0 ? 'max-w-xl xl:col-span-2' : ''}>
          <AddHost />
        </Panel>
      </div>
    </Page>
  )
}

const STATUS_LOOK: Record<string, string> = { ok: 'text-good', unreachable: 'text-bad', key_changed: 'text-bad' }

function HostCard({ host }: { host: Host }) {
  const { t } = useTranslation()
  const client = useQueryClient()
  const path = `/hosts/${encodeURIComponent(host.name)}`
  const [open, setOpen] = useState(false)
  const again = () => client.invalidateQueries({ queryKey: ['hosts'] })
  const test = useMutation({ mutationFn: () => post(`${path}/test`), onSettled: again })
  const record = useMutation({
    mutationFn: () => post(`${path}/baseline`),
    onSettled: () => Promise.all([again(), client.invalidateQueries({ queryKey: ['changes', host.name] })]),
  })
  const allow = useMutation({ mutationFn: (autonomy: Autonomy) => post(`${path}/autonomy`, { autonomy }), onSettled: again })
  const error = test.error ?? record.error ?? allow.error
  return (
    <Panel
      title={host.name}
      aside={
        <span className={clsx('inline-flex items-center gap-1.5 text-sm font-medium', STATUS_LOOK[host.status] ?? 'text-dim')}>
          <span aria-hidden className="size-2 rounded-full bg-current" />
          {t(`status.${host.status}`)}
        </span>
      }
    >
      <div className="grid gap-x-8 gap-y-4 sm:grid-cols-[minmax(0,1fr)_13rem]">
        <dl className="grid grid-cols-[max-content_minmax(0,1fr)] content-start gap-x-5 gap-y-1 text-sm">
          <dt className="text-dim">{t('hosts.address')}</dt>
          <dd className="foreign font-mono text-[0.8rem]">{plain(host.address)}</dd>
          <dt className="text-dim">{t('hosts.os')}</dt>
          <dd className="foreign">{plain(host.os ?? '–')}</dd>
          <dt className="text-dim">{t('hosts.manager')}</dt>
          <dd className="foreign">{plain(host.manager ?? '–')}</dd>
          <dt className="text-dim">{t('hosts.recordedAt')}</dt>
          <dd>{record.isPending ? t('hosts.recording') : host.baseline_at ? <When at={host.baseline_at} show="both" /> : t('hosts.notRecorded')}</dd>
        </dl>
        <Choice label={t('hosts.autonomy')} value={host.autonomy} hint={t(`autonomyHelp.${host.autonomy}`)} onChange={(event) => allow.mutate(event.target.value as Autonomy)}>
          {(['observe', 'propose', 'act'] as const).map((name) => (
            <option key={name} value={name}>
              {t(`autonomy.${name}`)}
            </option>
          ))}
        </Choice>
      </div>
      {error && <Trouble error={error} />}
      {!host.baseline_at && !record.isPending && <p className="mt-3 text-sm text-dim">{t('hosts.noBaseline')}</p>}
      <div className="mt-4 flex flex-wrap gap-2">
        <Button small look={host.baseline_at ? 'plain' : 'main'} onClick={() => record.mutate()} disabled={record.isPending}>
          {host.baseline_at ? t('hosts.baselineAgain') : t('hosts.baseline')}
        </Button>
        {host.baseline_at && (
          <Button small aria-expanded={open} onClick={() => setOpen(!open)}>
            {t('hosts.changes')}
          </Button>
        )}
        <Button small onClick={() => test.mutate()} disabled={test.isPending}>
          {test.isPending ? t('hosts.testing') : t('hosts.test')}
        </Button>
        <Remove host={host.name} path={path} />
      </div>
      {open && host.baseline_at && <HostChanges name={host.name} />}
    </Panel>
  )
}

function Remove({ host, path }: { host: string; path: string }) {
  const { t } = useTranslation()
  const client = useQueryClient()
  const [asking, setAsking] = useState(false)
  const drop = useMutation({
    mutationFn: () => remove(path),
    onSuccess: () => {
      setAsking(false)
      return client.invalidateQueries({ queryKey: ['hosts'] })
    },
  })
  return (
    <>
      <Button small look="quiet" className="ml-auto" onClick={() => setAsking(true)}>
        {t('hosts.remove')}
      </Button>
      <Window open={asking} close={() => setAsking(false)} title={t('hosts.removeTitle', { host })}>
      <p>{t('hosts.removeText')}</p>
      {drop.error && <Trouble error={drop.error} />}
      <div className="mt-5 flex gap-3">
        <Button look="bad" onClick={() => drop.mutate()} disabled={drop.isPending}>
          {t('hosts.remove')}
        </Button>
        <Button onClick={() => setAsking(false)}>{t('case.cancel')}</Button>
      </div>
      </Window>
    </>
  )
}

function HostChanges({ name }: { name: string }) {
  const { t } = useTranslation()
  const changes = useQuery({
    queryKey: ['changes', name],
    queryFn: () => get<{ changes: Change[] }>(`/hosts/${encodeURIComponent(name)}/changes`),
    staleTime: 0,
    refetchOnWindowFocus: false,
  })
  return (
    <div className="mt-4 border-t border-line pt-4">
      {changes.error ? (
        changes.error instanceof Problem && changes.error.status === 404 ? <p className="text-dim">{t('hosts.noBaseline')}</p> : <Trouble error={changes.error} again={() => void changes.refetch()} />
      ) : changes.isFetching || !changes.data ? (
        <p role="status" className="text-sm text-dim">
          {t('hosts.comparing')}
        </p>
      ) : changes.data.changes.length === 0 ? (
        <p className="text-good">✓ {t('hosts.noChanges')}</p>
      ) : (
        <ChangeList changes={changes.data.changes} />
      )}
    </div>
  )
}
