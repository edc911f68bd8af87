// "Something is wrong": a host and one's own words.
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { post } from '../api/client'
import type { CaseDocument, Host } from '../api/types'
import { Button, Choice, Trouble } from './bits'
import { Window } from './Window'

export function Report({ hosts }: { hosts: Host[] }) {
  const { t, i18n } = useTranslation()
  const navigate = useNavigate()
  const client = useQueryClient()
  const [open, setOpen] = useState(false)
  const [host, setHost] = useState('')
  const [ticket, setTicket] = useState('')
  const send = useMutation({
    mutationFn: () => post<CaseDocument>('/cases', { host: host || hosts[0]?.name, ticket: ticket.trim() || null, language: i18n.language }),
    onSuccess: async (made) => {
      setOpen(false)
      setTicket('')
      client.setQueryData(['case', made.case], made)
      await navigate({ to: '/cases/$id', params: { id: made.case } })
    },
  })
  if (hosts.length === 0) return null
  return (
    <>
      <Button look="main" onClick={() => setOpen(true)}>
        {t('cases.new')}
      </Button>
      <Window open={open} close={() => setOpen(false)} title={t('hosts.trouble')}>
      <form
        className="space-y-4"
        onSubmit={(event) => {
          event.preventDefault()
          send.mutate()
        }}
      >
        <label className="block">
          <span className="text-sm text-dim">{t('hosts.troubleHelp')}</span>
          <textarea value={ticket} onChange={(event) => setTicket(event.target.value)} rows={4} maxLength={8000} className="bounded mt-1 w-full rounded-lg bg-panel p-3" />
        </label>
        <Choice label={t('hosts.host')} value={host || hosts[0]?.name} onChange={(event) => setHost(event.target.value)}>
          {hosts.map((one) => (
            <option key={one.name}>{one.name}</option>
          ))}
        </Choice>
        {send.error && <Trouble error={send.error} />}
        <div className="flex gap-3">
          <Button look="main" type="submit" disabled={send.isPending}>
            {t('hosts.work')}
          </Button>
          <Button onClick={() => setOpen(false)}>{t('case.cancel')}</Button>
        </div>
      </form>
      </Window>
    </>
  )
}
