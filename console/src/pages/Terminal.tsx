// A shell on a host, recorded. Nobody has one until the host allows it.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { get, post } from '../api/client'
import type { Host } from '../api/types'
import { Button, ButtonLink, Loading, Page, Panel, Trouble } from '../components/bits'
import { useMay } from '../components/role'
import { openScreen } from '../components/screen'

export function TerminalPage() {
  const { t } = useTranslation()
  const { name } = useParams({ from: '/hosts/$name/terminal' })
  const [turn, setTurn] = useState(0)
  const query = useQuery({ queryKey: ['hosts', name], queryFn: () => get<{ host: Host }>(`/hosts/${encodeURIComponent(name)}`) })
  if (query.error && !query.data) return <Trouble error={query.error} again={() => void query.refetch()} />
  if (!query.data) return <Loading />
  const host = query.data.host
  return (
    <>
      <Link to="/hosts/$name" params={{ name }} className="text-sm text-lamp hover:underline">
        ← {name}
      </Link>
      <Page title={t('terminal.title', { host: name })} lead={t('terminal.lead')} aside={<ButtonLink to="/terminals">{t('terminal.past')}</ButtonLink>}>
        {host.terminal ? <Shell key={turn} host={name} again={() => setTurn(turn + 1)} /> : <Allow host={host} />}
      </Page>
    </>
  )
}

function Allow({ host }: { host: Host }) {
  const { t } = useTranslation()
  const may = useMay()
  const client = useQueryClient()
  const allow = useMutation({
    mutationFn: () => post(`/hosts/${encodeURIComponent(host.name)}/terminal-access`, { allowed: true }),
    onSettled: () => client.invalidateQueries({ queryKey: ['hosts'] }),
  })
  return (
    <Panel className="max-w-2xl">
      <p className="text-pretty">{t('terminal.allowText')}</p>
      {allow.error && <Trouble error={allow.error} />}
      {may('admin') && (
        <Button look="main" className="mt-4" disabled={allow.isPending} onClick={() => allow.mutate()}>
          {t('terminal.allow', { host: host.name })}
        </Button>
      )}
    </Panel>
  )
}

interface Said {
  type: 'started' | 'ended'
  reason?: string
  code?: number | null
}

function Shell({ host, again }: { host: string; again: () => void }) {
  const { t } = useTranslation()
  const place = useRef<HTMLDivElement>(null)
  const leave = useRef<HTMLButtonElement>(null)
  const line = useRef<WebSocket | null>(null)
  const [ended, setEnded] = useState<Said | null>(null)
  useEffect(() => {
    if (!place.current) return
    const screen = openScreen(place.current)
    screen.fit()
    const { terminal } = screen
    const address = new URL(`/api/v1/hosts/${encodeURIComponent(host)}/terminal?columns=${terminal.cols}&rows=${terminal.rows}`, window.location.href)
    address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:'
    const socket = new WebSocket(address)
    line.current = socket
    socket.binaryType = 'arraybuffer'
    const tell = (said: object) => socket.readyState === WebSocket.OPEN && socket.send(JSON.stringify(said))
    socket.onmessage = (message) => {
      if (message.data instanceof ArrayBuffer) return terminal.write(new Uint8Array(message.data))
      const said = JSON.parse(message.data as string) as Said
      if (said.type === 'started') terminal.focus()
      else setEnded(said)
    }
    socket.onclose = () => setEnded((before) => before ?? { type: 'ended' })
    const typed = terminal.onData((data) => tell({ type: 'input', data }))
    const sized = terminal.onResize(({ cols, rows }) => tell({ type: 'size', columns: cols, rows }))
    // whoever came in by keyboard gets out again by keyboard
    terminal.attachCustomKeyEventHandler((event) => {
      if (event.key !== 'Escape' || !event.shiftKey) return true
      if (event.type === 'keydown') leave.current?.focus()
      return false
    })
    const watch = new ResizeObserver(() => screen.fit())
    watch.observe(place.current)
    return () => {
      watch.disconnect()
      typed.dispose()
      sized.dispose()
      socket.onclose = null
      socket.close()
      screen.close()
    }
  }, [host])
  return (
    <div>
      <div ref={place} role="group" aria-label={t('terminal.title', { host })} className="h-[calc(100dvh-15rem)] min-h-72 overflow-hidden rounded-xl border border-line bg-[#0d1a27] p-2" />
      <div className="mt-3 flex flex-wrap items-center gap-x-4 gap-y-2">
        {ended ? (
          <>
            <p role="status" className="foreign text-sm font-medium">
              {ended.reason ?? t('terminal.cut')}
              {ended.code != null && ` (${ended.code})`}
            </p>
            <Button look="main" onClick={again}>
              {t('terminal.again')}
            </Button>
          </>
        ) : (
          <>
            <Button ref={leave} onClick={() => line.current?.close()}>
              {t('terminal.end')}
            </Button>
            <p className="text-xs text-dim">{t('terminal.out')}</p>
          </>
        )}
      </div>
    </div>
  )
}
