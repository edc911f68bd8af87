// The first page of an empty home: two ways to begin.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { get, post } from '../api/client'
import type { Demo } from '../api/types'
import { Button, Choice, Panel, Trouble } from '../components/bits'
import { AddHost } from '../components/AddHost'

export function Start() {
  const { t } = useTranslation()
  return (
    <div>
      <h1 className="text-3xl font-semibold tracking-tight text-balance">{t('start.title')}</h1>
      <p className="mt-1 text-lg text-dim">{t('start.lead')}</p>
      <div className="mt-7 grid gap-5 md:grid-cols-2">
        <Panel title={t('start.demo')}>
          <p className="mb-4 text-dim">{t('start.demoText')}</p>
          <StartDemo />
        </Panel>
        <Panel title={t('start.connect')}>
          <p className="mb-4 text-dim">{t('start.connectText')}</p>
          <AddHost />
        </Panel>
      </div>
    </div>
  )
}

function StartDemo() {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const client = useQueryClient()
  const demo = useQuery({ queryKey: ['demo'], queryFn: () => get<Demo>('/demo'), refetchInterval: 1000 })
  const [scenario, setScenario] = useState('')
  const [autonomy, setAutonomy] = useState('act')
  const chosen = demo.data?.scenarios.find((one) => one.name === scenario) ?? demo.data?.scenarios[0]
  const running = demo.data?.running.find((one) => one.case)
  const start = useMutation({
    mutationFn: () => post('/demo', { scenario: chosen?.name, autonomy }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['demo'] }),
  })
  if (running?.case) void navigate({ to: '/cases/$id', params: { id: running.case } })
  const busy = start.isPending || (demo.data?.running.length ?? 0) > 0
  return (
    <form
      className="space-y-3"
      onSubmit={(event) => {
        event.preventDefault()
        start.mutate()
      }}
    >
      <Choice label={t('hosts.trouble')} value={chosen?.name} onChange={(event) => setScenario(event.target.value)}>
        {demo.data?.scenarios.map((one) => (
          <option key={one.name} value={one.name}>
            {one.title}
          </option>
        ))}
      </Choice>
      {chosen?.ticket && <p className="border-l-2 border-lamp pl-3 text-dim italic">« {chosen.ticket} »</p>}
      <Choice label={t('hosts.autonomy')} value={autonomy} onChange={(event) => setAutonomy(event.target.value)}>
        {(['act', 'propose', 'observe'] as const).map((name) => (
          <option key={name} value={name}>
            {t(`autonomy.${name}`)}
          </option>
        ))}
      </Choice>
      {(start.error ?? demo.error) && <Trouble error={start.error ?? demo.error} />}
      <Button look="main" type="submit" disabled={busy || !chosen}>
        {busy ? t('start.running') : t('start.go')}
      </Button>
    </form>
  )
}
