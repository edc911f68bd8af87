import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { get, post } from '../api/client'
import type { Agent } from '../api/types'
import { Button, Panel, Trouble } from '../components/bits'

export function Agents() {
  const { t } = useTranslation()
  const client = useQueryClient()
  const agents = useQuery({ queryKey: ['agents'], queryFn: () => get<{ agents: Agent[] }>('/agents') })
  const toggle = useMutation({
    mutationFn: (agent: Agent) => post(`/agents/${agent.name}/${agent.paused ? 'resume' : 'pause'}`),
    onSettled: () => client.invalidateQueries({ queryKey: ['agents'] }),
  })
  return (
    <div>
      <h1 className="mb-4 text-2xl font-semibold tracking-tight">{t('agents.title')}</h1>
      {(agents.error ?? toggle.error) && <Trouble error={agents.error ?? toggle.error} />}
      <div className="grid gap-4 md:grid-cols-2">
        {agents.data?.agents.map((agent) => (
          <Panel
            key={agent.name}
            title={
              <>
                {agent.name} {agent.paused && <span className="text-sm text-wait">({t('agents.paused')})</span>}
              </>
            }
            aside={
              <Button onClick={() => toggle.mutate(agent)} disabled={toggle.isPending} aria-label={`${t(agent.paused ? 'agents.resume' : 'agents.pause')} ${agent.name}`}>
                {t(agent.paused ? 'agents.resume' : 'agents.pause')}
              </Button>
            }
          >
            <p>{agent.description}</p>
            <p className="mt-2 text-sm text-dim">
              {t('agents.can')} : {agent.capabilities.map((one) => (typeof one === 'string' ? one : one.name)).join(', ')}
            </p>
          </Panel>
        ))}
      </div>
    </div>
  )
}
