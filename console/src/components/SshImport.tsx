// The hosts that the OpenSSH configuration of Vigie's account names: shown first, then those that are chosen are added.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { get, post } from '../api/client'
import type { SshCandidate } from '../api/types'
import { Button, Loading, plain, Trouble } from './bits'
import { Window } from './Window'

export function SshImport() {
  const { t } = useTranslation()
  const [open, setOpen] = useState(false)
  return (
    <>
      <Button onClick={() => setOpen(true)}>{t('import.open')}</Button>
      <Window open={open} close={() => setOpen(false)} title={t('import.title')} wide>
        <Candidates close={() => setOpen(false)} />
      </Window>
    </>
  )
}

function Candidates({ close }: { close: () => void }) {
  const { t } = useTranslation()
  const client = useQueryClient()
  const found = useQuery({ queryKey: ['ssh-config'], queryFn: () => get<{ file: string; hosts: SshCandidate[] }>('/fleet/ssh-config'), staleTime: 0 })
  const [without, setWithout] = useState<ReadonlySet<string>>(new Set())
  const hosts = found.data?.hosts ?? []
  const fresh = hosts.filter((host) => host.fate === 'new')
  const names = fresh.map((host) => host.name).filter((name) => !without.has(name))
  const add = useMutation({
    mutationFn: () => post('/fleet/ssh-config', { names }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['hosts'] })
      close()
    },
  })
  if (found.error) return <Trouble error={found.error} again={() => void found.refetch()} />
  if (!found.data) return <Loading />
  return (
    <>
      <p className="text-sm text-dim text-pretty">{t('import.text', { file: found.data.file })}</p>
      {hosts.length === 0 && <p className="mt-4">{t('import.none')}</p>}
      <ul className="mt-3 max-h-[45dvh] divide-y divide-line overflow-y-auto rounded-lg border border-line" tabIndex={0} aria-label={t('import.title')}>
        {hosts.map((host) => (
          <li key={host.name}>
            <label className="flex cursor-pointer items-start gap-3 px-3 py-2 has-disabled:cursor-default">
              <input
                type="checkbox"
                className="mt-1 size-4 accent-lamp"
                disabled={host.fate !== 'new'}
                checked={host.fate === 'new' && !without.has(host.name)}
                onChange={(event) => setWithout((before) => new Set(event.target.checked ? [...before].filter((name) => name !== host.name) : [...before, host.name]))}
              />
              <span className="min-w-0 grow text-sm">
                <span className="flex flex-wrap items-baseline justify-between gap-x-3">
                  <span className="foreign font-medium">{plain(host.name)}</span>
                  <span className={host.fate === 'new' ? 'text-xs text-good' : 'text-xs text-dim'}>{t(`import.fate.${host.fate}`)}</span>
                </span>
                <span className="foreign block font-mono text-xs text-dim">{plain(host.address)}</span>
                {host.jump && <span className="foreign block text-xs text-dim">{t('import.through', { jump: plain(host.jump) })}</span>}
                <span className="foreign block text-xs text-dim">{host.host_keys.length ? t('import.trusted', { keys: host.host_keys.join(', ') }) : t('import.untrusted')}</span>
              </span>
            </label>
          </li>
        ))}
      </ul>
      {add.error && <Trouble error={add.error} />}
      <div className="mt-5 flex flex-wrap gap-3">
        <Button look="main" disabled={names.length === 0 || add.isPending} onClick={() => add.mutate()}>
          {t('import.add', { count: names.length })}
        </Button>
        <Button onClick={close}>{t('case.cancel')}</Button>
      </div>
    </>
  )
}
