// Terminals that are open and that were: who, where, since when; to be ended, or seen again.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { lazy, Suspense, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { get, post } from '../api/client'
import { Button, Chip, Empty, Loading, Page, plain, Trouble, useSeconds, When } from '../components/bits'
import { Window } from '../components/Window'

const Replay = lazy(() => import('../components/Replay'))

interface Session {
  id: string
  host: string
  person: string
  started_at: string
  ended_at: string | null
  running: boolean
  bytes: number
  reason: string | null
}
const AGAIN_MS = 5_000

export function Terminals() {
  const { t } = useTranslation()
  const seconds = useSeconds()
  const client = useQueryClient()
  const [seen, setSeen] = useState<Session | null>(null)
  const found = useQuery({ queryKey: ['terminals'], queryFn: () => get<{ terminals: Session[] }>('/terminals'), refetchInterval: AGAIN_MS })
  const stop = useMutation({ mutationFn: (id: string) => post(`/terminals/${id}/stop`), onSettled: () => client.invalidateQueries({ queryKey: ['terminals'] }) })
  if (found.error && !found.data) return <Trouble error={found.error} again={() => void found.refetch()} />
  if (!found.data) return <Loading />
  return (
    <Page title={t('terminal.past')} lead={t('terminal.pastText')}>
      {stop.error && <Trouble error={stop.error} />}
      {found.data.terminals.length === 0 ? (
        <Empty title={t('terminal.none')}>{t('terminal.noneText')}</Empty>
      ) : (
        <ul className="divide-y divide-line overflow-hidden rounded-xl border border-line bg-panel">
          {found.data.terminals.map((one) => (
            <li key={one.id} className="flex flex-wrap items-center justify-between gap-x-5 gap-y-2 px-4 py-3">
              <div className="min-w-0 text-sm">
                <p className="flex flex-wrap items-baseline gap-x-2">
                  <span className="foreign font-medium">{one.host}</span>
                  <span className="foreign text-dim">{one.person}</span>
                  {one.running && <Chip className="bg-good/10 text-good">{t('terminal.open')}</Chip>}
                </p>
                <p className="foreign text-xs text-dim">
                  <When at={one.started_at} show="both" />
                  {one.ended_at && ` · ${seconds((new Date(one.ended_at).getTime() - new Date(one.started_at).getTime()) / 1000)}`}
                  {one.reason && ` · ${plain(one.reason)}`}
                </p>
              </div>
              <div className="flex gap-2">
                <Button small onClick={() => setSeen(one)}>
                  {t('terminal.replay')}
                </Button>
                {one.running && (
                  <Button small look="bad" disabled={stop.isPending} onClick={() => stop.mutate(one.id)}>
                    {t('terminal.stop')}
                  </Button>
                )}
              </div>
            </li>
          ))}
        </ul>
      )}
      <Window open={seen !== null} close={() => setSeen(null)} title={seen ? `${seen.host} · ${seen.person}` : ''} wide>
        {seen && (
          <Suspense fallback={<Loading />}>
            <Replay id={seen.id} />
          </Suspense>
        )}
      </Window>
    </Page>
  )
}
