import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { get, post } from '../api/client'
import type { Agent } from '../api/types'
import { Button, Loading, Page, Trouble } from '../components/bits'

export function Agents() {
  const { t } = useTranslation()
  const client = useQueryClient()
  const agents = useQuery({ queryKey: ['agents'], queryFn: () => get<{ agents: Agent[] }>('/agents') })
  const toggle = useMutation({
    mutationFn: (agent: Agent) => post(`/agents/${agent.name}/${agent.paused ? 'resume' : 'pause'}`),
    onSettled: () => client.invalidateQueries({ queryKey: ['agents'] }),
  })
  const error = agents.error ?? toggle.error
  return (
    <Page title={t('agents.title')} lead={t('agents.lead')}>
      {error && <Trouble error={error} />}
      {!agents.data && !agents.error && <Loading />}
      <ul className="divide-y divide-line overflow-hidden rounded-xl border border-line bg-panel">
        {agents.data?.agents.map((agent) => (
          <li key={agent.name} className="flex items-center gap-4 px-4 py-3 sm:px-5">
            <div className="min-w-0 grow">
              <p className="flex flex-wrap items-baseline gap-x-2.5">
                <span className="font-semibold">{agent.name}</span>
                <span className="text-xs text-dim">{agent.phases.map((phase) => t(`phase.${phase}`)).join(' · ')}</span>
                {agent.paused && <span className="rounded bg-wait/10 px-1.5 text-xs font-medium text-wait">{t('agents.paused')}</span>}
              </p>
              <p className="text-sm text-dim text-pretty">{agent.description}</p>
            </div>
            <Button small className="shrink-0" onClick={() => toggle.mutate(agent)} disabled={toggle.isPending} aria-label={`${t(agent.paused ? 'agents.resume' : 'agents.pause')} ${agent.name}`}>
              {t(agent.paused ? 'agents.resume' : 'agents.pause')}
            </Button>
          </li>
        ))}
      </ul>
    </Page>
  )
}
