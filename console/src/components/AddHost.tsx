import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { post, Problem } from '../api/client'
import { Button, Field, Trouble } from './bits'

export function AddHost() {
  const { t } = useTranslation()
  const client = useQueryClient()
  const [name, setName] = useState('')
  const [address, setAddress] = useState('')
  const [key, setKey] = useState('')
  const [jump, setJump] = useState('')
  const remote = address.trim().startsWith('ssh://')
  const add = useMutation({
    mutationFn: (fingerprint: string) =>
      post('/hosts', {
        name: name.trim(),
        address: address.trim(),
        ...(remote && key.trim() && { key: key.trim() }),
        ...(remote && jump.trim() && { jump: jump.trim() }),
        ...(fingerprint && { accept_host_key: fingerprint }),
      }),
    onSuccess: () => {
      setName('')
      setAddress('')
      setKey('')
      setJump('')
      return client.invalidateQueries({ queryKey: ['hosts'] })
    },
  })
  const shownKey = add.error instanceof Problem ? add.error.fingerprint : ''
  const change = (set: (value: string) => void) => (event: React.ChangeEvent<HTMLInputElement>) => {
    add.reset()
    set(event.target.value)
  }
  return (
    <form
      className="space-y-4"
      onSubmit={(event) => {
        event.preventDefault()
        add.mutate('')
      }}
    >
      <Field label={t('hosts.name')} hint={t('hosts.nameHelp')} value={name} onChange={change(setName)} required maxLength={63} pattern="[A-Za-z0-9][A-Za-z0-9._\-]*" autoComplete="off" spellCheck={false} />
      <Field label={t('hosts.address')} hint={t('hosts.addressHelp')} value={address} onChange={change(setAddress)} required maxLength={500} autoComplete="off" spellCheck={false} />
      {remote && (
        <div className="grid gap-4 sm:grid-cols-2">
          <Field label={t('hosts.key')} hint={t('hosts.keyHelp')} value={key} onChange={change(setKey)} maxLength={4096} autoComplete="off" spellCheck={false} />
          <Field label={t('hosts.jump')} hint={t('hosts.jumpHelp')} value={jump} onChange={change(setJump)} maxLength={500} autoComplete="off" spellCheck={false} />
        </div>
      )}
      {shownKey ? (
        <div role="alert" className="rounded-lg border border-l-4 border-wait bg-wait/5 p-3">
          <p className="font-semibold">{t('hosts.keyShown')}</p>
          <p className="mt-1 font-mono text-sm [overflow-wrap:anywhere]">{shownKey}</p>
          <p className="mt-1 text-sm text-dim">
            {t('hosts.keyCompare')} <code className="font-mono text-xs [overflow-wrap:anywhere]">for k in /etc/ssh/ssh_host_*.pub; do ssh-keygen -lf $k; done</code>
          </p>
          <div className="mt-3 flex flex-wrap gap-3">
            <Button look="main" disabled={add.isPending} onClick={() => add.mutate(shownKey)}>
              {t('hosts.keyAccept')}
            </Button>
            <Button onClick={() => add.reset()}>{t('case.cancel')}</Button>
          </div>
        </div>
      ) : (
        <>
          {add.error && <Trouble error={add.error} />}
          <Button look="main" type="submit" disabled={add.isPending || !name.trim() || !address.trim()}>
            {add.isPending ? t('hosts.adding') : t('hosts.add')}
          </Button>
        </>
      )}
    </form>
  )
}
