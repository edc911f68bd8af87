// A host that has just answered: what it is, what may be done on it, and what to do next.
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { post } from '../api/client'
import type { Host } from '../api/types'
import { Button, ButtonLink, plain, Trouble } from './bits'

export function Enrolled({ host, another }: { host: Host; another: () => void }) {
  const { t } = useTranslation()
  const client = useQueryClient()
  const top = useRef<HTMLDivElement>(null)
  useEffect(() => {
    top.current?.focus()
  }, [])
  const record = useMutation({
    mutationFn: () => post(`/hosts/${encodeURIComponent(host.name)}/baseline`),
    onSettled: () => client.invalidateQueries({ queryKey: ['hosts'] }),
  })
  return (
    <div ref={top} tabIndex={-1} className="outline-none">
      <p role="status" className="text-lg font-semibold text-good">
        ✓ {t('enrol.done', { name: host.name })}
      </p>
      <ul className="mt-3 space-y-1.5 text-sm">
        <Fact name={t('hosts.os')}>{plain(host.os ?? t('enrol.tellsNothing'))}</Fact>
        <Fact name={t('hosts.manager')}>{plain(host.manager ?? '–')}</Fact>
        {host.sudo && <Fact name="sudo">{t(`sudo.${host.sudo}`)}</Fact>}
        <Fact name={t('hosts.autonomy')}>
          {t(`autonomy.${host.autonomy}`)} : {t(`autonomyHelp.${host.autonomy}`)}
        </Fact>
      </ul>
      <h3 className="mt-5 font-semibold">{t('enrol.next')}</h3>
      <ol className="mt-2 space-y-3">
        <li className="rounded-lg border border-line bg-deck p-3">
          <p className="text-sm text-dim text-pretty">{t('enrol.recordWhy')}</p>
          {record.error && <Trouble error={record.error} />}
          {record.isSuccess ? (
            <p role="status" className="mt-2 text-sm font-medium text-good">
              ✓ {t('enrol.recorded')}
            </p>
          ) : (
            <Button small look="main" className="mt-2" disabled={record.isPending} aria-busy={record.isPending} onClick={() => record.mutate()}>
              {record.isPending ? t('hosts.recording') : t('hosts.baseline')}
            </Button>
          )}
        </li>
        <li className="rounded-lg border border-line bg-deck p-3">
          <p className="text-sm text-dim text-pretty">{t('enrol.askWhy')}</p>
          <p className="mt-2 flex flex-wrap gap-2">
            <ButtonLink small to="/ask" search={{ about: host.name }}>
              {t('enrol.ask')}
            </ButtonLink>
            <ButtonLink small to="/hosts/$name" params={{ name: host.name }}>
              {t('enrol.page')}
            </ButtonLink>
          </p>
        </li>
      </ol>
      <Button small look="quiet" className="mt-4 -ml-3" onClick={another}>
        {t('enrol.another')}
      </Button>
    </div>
  )
}

function Fact({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <li className="grid grid-cols-[7.5rem_minmax(0,1fr)] gap-3">
      <span className="text-dim">{name}</span>
      <span className="foreign">{children}</span>
    </li>
  )
}
