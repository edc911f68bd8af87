// One host: how it is, how far Vigie may go on it, what has changed, what happened on it.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate, useParams } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { get, post, Problem, remove } from '../api/client'
import type { Autonomy, CaseRow, Change, Host } from '../api/types'
import { Button, ButtonLink, Choice, Field, heading, Loading, Page, Panel, plain, StateBadge, Trouble, When } from '../components/bits'
import { ChangeList } from '../components/Changes'
import { RightOne } from '../components/Enrol'
import { words } from '../components/address'
import { HostStatus, Labels } from '../components/HostBits'
import { Report } from '../components/Report'
import { useMay } from '../components/role'
import { Trends } from '../components/Trends'
import { Window } from '../components/Window'

export function HostPage() {
  const { t } = useTranslation()
  const may = useMay()
  const { name } = useParams({ from: '/hosts/$name' })
  const path = `/hosts/${encodeURIComponent(name)}`
  const query = useQuery({ queryKey: ['hosts', name], queryFn: () => get<{ host: Host }>(path) })
  if (query.error && !query.data) return <Trouble error={query.error} again={() => void query.refetch()} />
  if (!query.data) return <Loading />
  const host = query.data.host
  return (
    <>
      <Link to="/hosts" className="text-sm text-lamp hover:underline">
        ← {t('hosts.all')}
      </Link>
      <Page
        title={host.name}
        lead={
          <span className="flex flex-wrap items-center gap-x-3 gap-y-1">
            <HostStatus status={host.status} />
            <span className="foreign font-mono text-sm">{plain(host.address)}</span>
            <Labels host={host} />
          </span>
        }
        aside={
          may('operator') && (
            <div className="flex flex-wrap gap-2">
              {may('admin') && (
                <ButtonLink to="/hosts/$name/terminal" params={{ name: host.name }}>
                  {t('terminal.short')}
                </ButtonLink>
              )}
              <ButtonLink to="/ask" search={{ about: host.name }}>
                {t('enrol.ask')}
              </ButtonLink>
              <Report hosts={[host]} />
            </div>
          )
        }
      >
        <div className="grid items-start gap-5 lg:grid-cols-[minmax(0,1fr)_20rem]">
          <div className="min-w-0 space-y-5">
            <Contact host={host} path={path} />
            <Record host={host} path={path} />
            <Trends host={host.name} />
            <History host={host} />
          </div>
          <div className="min-w-0 space-y-5">
            <Limits host={host} path={path} />
            {may('admin') && <Belongs host={host} path={path} />}
            {may('admin') && <Remove host={host.name} path={path} />}
          </div>
        </div>
      </Page>
    </>
  )
}

interface Part {
  host: Host
  path: string
}

function useAgain() {
  const client = useQueryClient()
  return () => client.invalidateQueries({ queryKey: ['hosts'] })
}

function Contact({ host, path }: Part) {
  const { t } = useTranslation()
  const may = useMay()
  const again = useAgain()
  const test = useMutation({ mutationFn: () => post(`${path}/test`), onSettled: again })
  const accept = useMutation({
    mutationFn: (fingerprint: string) => post(`${path}/host-key`, { fingerprint }),
    onSuccess: () => test.reset(),
    onSettled: again,
  })
  const problem = test.error instanceof Problem && test.error.fingerprint ? test.error : null
  return (
    <Panel
      title={t('hosts.contact')}
      aside={
        may('operator') && (
          <Button small onClick={() => test.mutate()} disabled={test.isPending}>
            {test.isPending ? t('hosts.testing') : t('hosts.test')}
          </Button>
        )
      }
    >
      <dl className="grid grid-cols-[max-content_minmax(0,1fr)] gap-x-5 gap-y-1 text-sm">
        <dt className="text-dim">{t('hosts.os')}</dt>
        <dd className="foreign">{plain(host.os ?? '–')}</dd>
        <dt className="text-dim">{t('hosts.manager')}</dt>
        <dd className="foreign">{plain(host.manager ?? '–')}</dd>
        <dt className="text-dim">sudo</dt>
        <dd>{host.sudo ? t(`sudo.${host.sudo}`) : '–'}</dd>
      </dl>
      {test.isSuccess && (
        <p role="status" className="mt-3 text-sm font-medium text-good">
          ✓ {t('hosts.answers')}
        </p>
      )}
      {problem && may('admin') ? (
        <div className="mt-4">
          <RightOne fingerprint={problem.fingerprint} known={problem.why} busy={accept.isPending} accept={() => accept.mutate(problem.fingerprint)} back={() => test.reset()} />
        </div>
      ) : (
        test.error && <Trouble error={test.error} />
      )}
      {accept.error && <Trouble error={accept.error} />}
      {host.status === 'key_changed' && !test.error && <p className="mt-3 text-sm text-bad">{t('hosts.keyChanged')}</p>}
    </Panel>
  )
}

function Record({ host, path }: Part) {
  const { t } = useTranslation()
  const may = useMay()
  const client = useQueryClient()
  const again = useAgain()
  const [open, setOpen] = useState(false)
  const record = useMutation({
    mutationFn: () => post(`${path}/baseline`),
    onSettled: () => Promise.all([again(), client.invalidateQueries({ queryKey: ['changes', host.name] })]),
  })
  return (
    <Panel title={t('hosts.well')}>
      <p className="text-sm">
        {record.isPending ? (
          t('hosts.recording')
        ) : host.baseline_at ? (
          <>
            {t('hosts.recordedAt')} <When at={host.baseline_at} show="both" />
          </>
        ) : (
          <span className="text-dim text-pretty">{t('enrol.recordWhy')}</span>
        )}
      </p>
      {record.error && <Trouble error={record.error} />}
      <div className="mt-3 flex flex-wrap gap-2">
        {host.baseline_at && (
          <Button small aria-expanded={open} onClick={() => setOpen(!open)}>
            {t('hosts.changes')}
          </Button>
        )}
        {may('operator') && (
          <Button small look={host.baseline_at ? 'plain' : 'main'} onClick={() => record.mutate()} disabled={record.isPending}>
            {host.baseline_at ? t('hosts.baselineAgain') : t('hosts.baseline')}
          </Button>
        )}
      </div>
      {open && host.baseline_at && <HostChanges name={host.name} />}
    </Panel>
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
        <Trouble error={changes.error} again={() => void changes.refetch()} />
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

function History({ host }: { host: Host }) {
  const { t } = useTranslation()
  const cases = useQuery({ queryKey: ['cases', 'of', host.name], queryFn: () => get<{ cases: CaseRow[] }>(`/cases?host=${encodeURIComponent(host.name)}&limit=20`) })
  const rows = cases.data?.cases ?? []
  return (
    <Panel title={t('hosts.history')}>
      {cases.error && <Trouble error={cases.error} />}
      {cases.data && rows.length === 0 && <p className="text-sm text-dim">{t('hosts.noCases')}</p>}
      <ul className="divide-y divide-line">
        {rows.map((row) => (
          <li key={row.id} className="relative flex items-center justify-between gap-3 py-2 first:pt-0 last:pb-0 hover:bg-line/25">
            <div className="min-w-0">
              <Link to="/cases/$id" params={{ id: row.id }} className="foreign line-clamp-1 font-medium after:absolute after:inset-0">
                {heading(row)}
              </Link>
              <p className="text-xs text-dim">
                {row.id} · {t(`kind.${row.kind}`)} · <When at={row.updated_at} show="short" />
              </p>
            </div>
            <StateBadge state={row.state} />
          </li>
        ))}
      </ul>
    </Panel>
  )
}

function Limits({ host, path }: Part) {
  const { t } = useTranslation()
  const may = useMay()
  const again = useAgain()
  const allow = useMutation({ mutationFn: (autonomy: Autonomy) => post(`${path}/autonomy`, { autonomy }), onSettled: again })
  return (
    <Panel>
      <Choice label={t('hosts.autonomy')} value={host.autonomy} hint={t(`autonomyHelp.${host.autonomy}`)} disabled={!may('admin') || allow.isPending} onChange={(event) => allow.mutate(event.target.value as Autonomy)}>
        {(['observe', 'propose', 'act'] as const).map((name) => (
          <option key={name} value={name}>
            {t(`autonomy.${name}`)}
          </option>
        ))}
      </Choice>
      {allow.error && <Trouble error={allow.error} />}
    </Panel>
  )
}

function Belongs({ host, path }: Part) {
  const { t } = useTranslation()
  const again = useAgain()
  const [groups, setGroups] = useState(host.groups.join(', '))
  const [tags, setTags] = useState(host.tags.join(', '))
  const save = useMutation({ mutationFn: () => post(`${path}/labels`, { groups: words(groups), tags: words(tags) }), onSettled: again })
  const changed = words(groups).sort().join() !== [...host.groups].sort().join() || words(tags).sort().join() !== [...host.tags].sort().join()
  const submit = (event: FormEvent) => {
    event.preventDefault()
    save.mutate()
  }
  return (
    <Panel>
      <form className="space-y-3" onSubmit={submit}>
        <Field label={t('hosts.groups')} hint={t('enrol.groupsHelp')} value={groups} onChange={(event) => setGroups(event.target.value)} maxLength={500} autoComplete="off" spellCheck={false} />
        <Field label={t('hosts.tags')} value={tags} onChange={(event) => setTags(event.target.value)} placeholder="env=prod" maxLength={500} autoComplete="off" spellCheck={false} />
        {save.error && <Trouble error={save.error} />}
        <Button small type="submit" disabled={!changed || save.isPending}>
          {t('save')}
        </Button>
      </form>
    </Panel>
  )
}

function Remove({ host, path }: { host: string; path: string }) {
  const { t } = useTranslation()
  const client = useQueryClient()
  const navigate = useNavigate()
  const [asking, setAsking] = useState(false)
  const drop = useMutation({
    mutationFn: () => remove(path),
    onSuccess: async () => {
      await navigate({ to: '/hosts' })
      client.removeQueries({ queryKey: ['hosts', host] })
      await client.invalidateQueries({ queryKey: ['hosts'] })
    },
  })
  return (
    <>
      <Button small look="quiet" onClick={() => setAsking(true)}>
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
