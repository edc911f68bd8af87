// The first page of an empty home: two ways to begin.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { get, post, Problem } from '../api/client'
import type { Autonomy, Demo } from '../api/types'
import { Enrol } from '../components/Enrol'
import { Button, Choice, Panel, plain, Trouble, useTitle } from '../components/bits'

const LOOK_AGAIN_MS = 700

const PROMISES = ['looks', 'asks', 'verifies'] as const

export function Start({ first = true }: { first?: boolean }) {
  const { t } = useTranslation()
  useTitle(first ? 'Vigie' : t('start.demo'))
  return (
    <div className="mx-auto max-w-5xl">
      <h1 className="text-3xl font-semibold tracking-tight text-balance sm:mt-4">{first ? t('start.title') : t('start.again')}</h1>
      <p className="mt-1.5 text-lg text-dim">{t('start.lead')}</p>
      <div className="mt-8 grid gap-5 md:grid-cols-2">
        <Panel title={t('start.demo')}>
          <p className="mb-4 text-dim text-pretty">{t('start.demoText')}</p>
          <StartDemo />
        </Panel>
        <Panel title={t('start.connect')}>
          <p className="mb-4 text-dim text-pretty">{t('start.connectText')}</p>
          <Enrol />
        </Panel>
      </div>
      <ul className="mt-9 grid gap-x-8 gap-y-5 border-t border-line pt-6 sm:grid-cols-3">
        {PROMISES.map((name) => (
          <li key={name}>
            <p className="font-semibold">{t(`start.promise.${name}`)}</p>
            <p className="mt-0.5 text-sm text-dim text-pretty">{t(`start.promiseText.${name}`)}</p>
          </li>
        ))}
      </ul>
    </div>
  )
}

function StartDemo() {
  const { t, i18n } = useTranslation()
  const navigate = useNavigate()
  const client = useQueryClient()
  const demo = useQuery({ queryKey: ['demo'], queryFn: () => get<Demo>('/demo'), refetchInterval: LOOK_AGAIN_MS })
  const [scenario, setScenario] = useState('')
  const [autonomy, setAutonomy] = useState<Autonomy>('act')
  const scenarios = demo.data?.scenarios ?? []
  const chosen = scenarios.find((one) => one.name === scenario) ?? scenarios[0]
  const running = demo.data?.running[0]
  const ready = running?.case ?? null
  const start = useMutation({
    mutationFn: () => post('/demo', { scenario: chosen?.name, autonomy }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['demo'] }),
  })
  useEffect(() => {
    if (ready) void navigate({ to: '/cases/$id', params: { id: ready } })
  }, [ready, navigate])
  if (running || start.isPending) {
    const state = running?.state ?? 'building'
    return (
      <div role="status" className="rounded-lg border border-line bg-deck p-4">
        <p className="flex items-center gap-2.5 font-medium">
          <span aria-hidden className="lantern size-2.5 rounded-full bg-lamp" />
          {i18n.exists(`start.state.${state}`) ? t(`start.state.${state}`) : t('start.state.building')}
        </p>
        <p className="mt-1 text-sm text-dim">{t('start.soon')}</p>
      </div>
    )
  }
  return (
    <form
      className="space-y-4"
      onSubmit={(event) => {
        event.preventDefault()
        start.mutate()
      }}
    >
      <div>
        <Choice label={t('start.scenario')} value={chosen?.name ?? ''} onChange={(event) => setScenario(event.target.value)}>
          {scenarios.map((one) => (
            <option key={one.name} value={one.name}>
              {one.title}
            </option>
          ))}
        </Choice>
        {chosen?.ticket && <p className="foreign mt-2 border-l-2 border-lamp pl-3 text-sm text-dim italic">{t('quoted', { words: plain(chosen.ticket) })}</p>}
      </div>
      <Choice label={t('hosts.autonomy')} value={autonomy} hint={t(`autonomyHelp.${autonomy}`)} onChange={(event) => setAutonomy(event.target.value as Autonomy)}>
        {(['act', 'propose', 'observe'] as const).map((name) => (
          <option key={name} value={name}>
            {t(`autonomy.${name}`)}
          </option>
        ))}
      </Choice>
      {demo.data?.failed && !start.error && <Trouble error={new Problem(0, demo.data.failed.what, demo.data.failed.why, demo.data.failed.next)} />}
      {(start.error ?? demo.error) && <Trouble error={start.error ?? demo.error} />}
      <Button look="main" type="submit" disabled={!chosen}>
        {t('start.go')}
      </Button>
    </form>
  )
}
