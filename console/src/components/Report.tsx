// "Something is wrong": a host and one's own words.
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { Dialog } from 'radix-ui'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { post } from '../api/client'
import type { CaseDocument, Host } from '../api/types'
import { Button, Choice, Trouble } from './bits'

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
      await client.invalidateQueries({ queryKey: ['cases'] })
      await navigate({ to: '/cases/$id', params: { id: made.case } })
    },
  })
  if (hosts.length === 0) return null
  return (
    <Dialog.Root open={open} onOpenChange={setOpen}>
      <Dialog.Trigger asChild>
        <Button look="main">{t('cases.new')}</Button>
      </Dialog.Trigger>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-10 bg-black/50" />
        <Dialog.Content
          aria-describedby={undefined}
          className="fixed top-[12vh] left-1/2 z-20 w-[min(34rem,94vw)] -translate-x-1/2 rounded-xl border border-line bg-panel p-5 shadow-2xl"
        >
          <Dialog.Title className="text-lg font-semibold">{t('hosts.trouble')}</Dialog.Title>
          <form
            className="mt-4 space-y-4"
            onSubmit={(event) => {
              event.preventDefault()
              send.mutate()
            }}
          >
            <Choice label={t('hosts.host')} value={host || hosts[0]?.name} onChange={(event) => setHost(event.target.value)}>
              {hosts.map((one) => (
                <option key={one.name}>{one.name}</option>
              ))}
            </Choice>
            <label className="block">
              <span className="text-sm text-dim">{t('hosts.troubleHelp')}</span>
              <textarea
                value={ticket}
                onChange={(event) => setTicket(event.target.value)}
                rows={4}
                maxLength={8000}
                className="mt-1 w-full rounded-lg border border-line bg-deck p-3"
              />
            </label>
            {send.error && <Trouble error={send.error} />}
            <div className="flex gap-3">
              <Button look="main" type="submit" disabled={send.isPending}>
                {t('hosts.work')}
              </Button>
              <Dialog.Close asChild>
                <Button>{t('case.cancel')}</Button>
              </Dialog.Close>
            </div>
          </form>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  )
}
