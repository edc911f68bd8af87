// How a host comes under the lookout: where it is, how to get in, whether it is the right one, what it said.
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { clsx } from 'clsx'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { post, Problem } from '../api/client'
import type { Host } from '../api/types'
import { readAddress, suggestName, words, writeAddress } from './address'
import { Button, Copied, Field, Radios, Trouble } from './bits'
import { Enrolled } from './Enrolled'

type Kind = 'ssh' | 'local' | 'exec'
type Way = 'usual' | 'password' | 'file' | 'paste' | 'agent'

interface Form {
  kind: Kind
  name: string | null
  server: string
  user: string
  port: string
  command: string
  way: Way
  password: string
  file: string
  pasted: string
  passphrase: string
  jump: string
  groups: string
}
const EMPTY: Form = { kind: 'ssh', name: null, server: '', user: '', port: '', command: '', way: 'usual', password: '', file: '', pasted: '', passphrase: '', jump: '', groups: '' }
const COMPARE = 'for k in /etc/ssh/ssh_host_*.pub; do ssh-keygen -lf "$k"; done'

export function Enrol() {
  const { t } = useTranslation()
  const client = useQueryClient()
  const [form, setForm] = useState(EMPTY)
  const add = useMutation({
    mutationFn: (fingerprint: string) => post<{ host: Host }>('/hosts', { ...body(form), ...(fingerprint && { accept_host_key: fingerprint }) }),
    onSuccess: () => {
      // nothing secret stays on the page once it was handed over
      setForm(EMPTY)
      return client.invalidateQueries({ queryKey: ['hosts'] })
    },
  })
  const change = (changed: Partial<Form>) => {
    add.reset()
    setForm((before) => ({ ...before, ...changed }))
  }
  if (add.data) return <Enrolled host={add.data.host} another={() => add.reset()} />
  const unknown = add.error instanceof Problem && add.error.code === 'host.key_unknown' ? add.error.fingerprint : ''
  const submit = (event: FormEvent) => {
    event.preventDefault()
    add.mutate('')
  }
  return (
    <form className="@container space-y-5" onSubmit={submit}>
      <fieldset disabled={add.isPending || !!unknown} className={clsx('space-y-5', unknown && 'opacity-60')}>
        <Where form={form} change={change} />
        {form.kind === 'ssh' && <WayIn form={form} change={change} />}
        <Field
          label={t('hosts.name')}
          hint={t('hosts.nameHelp')}
          value={nameOf(form)}
          onChange={(event) => change({ name: event.target.value })}
          required
          maxLength={63}
          pattern="[A-Za-z0-9][A-Za-z0-9._\-]*"
          autoComplete="off"
          spellCheck={false}
        />
        <Rarer form={form} change={change} />
      </fieldset>
      {unknown ? (
        <RightOne fingerprint={unknown} busy={add.isPending} accept={() => add.mutate(unknown)} back={() => add.reset()} />
      ) : (
        <>
          {add.error && <Trouble error={add.error} />}
          <Button look="main" type="submit" disabled={add.isPending} aria-busy={add.isPending}>
            {add.isPending ? t('hosts.adding') : t('enrol.contact')}
          </Button>
        </>
      )}
    </form>
  )
}

function nameOf(form: Form): string {
  if (form.name !== null) return form.name
  return form.kind === 'ssh' ? suggestName(form.server) : ''
}

function body(form: Form): Record<string, unknown> {
  const address = { ssh: writeAddress({ user: form.user.trim(), host: form.server.trim(), port: form.port.trim() }), local: 'local', exec: `exec:${form.command.trim()}` }[form.kind]
  const groups = words(form.groups)
  const shared = { name: nameOf(form).trim(), address, ...(groups.length > 0 && { groups }) }
  if (form.kind !== 'ssh') return shared
  const passphrase = form.passphrase && { passphrase: form.passphrase }
  const way = {
    usual: {},
    password: { password: form.password },
    file: { key: form.file.trim(), ...passphrase },
    paste: { private_key: `${form.pasted.trim()}\n`, ...passphrase },
    agent: { agent: 'session' },
  }[form.way]
  return { ...shared, ...way, ...(form.jump.trim() && { jump: form.jump.trim() }) }
}

interface Part {
  form: Form
  change: (changed: Partial<Form>) => void
}

function Where({ form, change }: Part) {
  const { t } = useTranslation()
  // an address that was pasted whole falls into its parts
  const settle = () => {
    const read = readAddress(form.server)
    if (read.host !== form.server) change({ server: read.host, user: read.user || form.user, port: read.port || form.port })
  }
  return (
    <>
      <Radios
        label={t('enrol.kind')}
        value={form.kind}
        change={(kind) => change({ kind })}
        options={(['ssh', 'local', 'exec'] as const).map((value) => ({ value, label: t(`enrol.kinds.${value}`) }))}
        hint={t(`enrol.kindHelp.${form.kind}`)}
      />
      {form.kind === 'ssh' && (
        <div className="grid gap-4 @md:grid-cols-[minmax(0,1fr)_7.5rem_4.5rem]">
          <Field label={t('enrol.server')} value={form.server} onChange={(event) => change({ server: event.target.value })} onBlur={settle} placeholder="web1.example.org" required maxLength={400} autoComplete="off" autoCapitalize="none" spellCheck={false} />
          <Field label={t('enrol.user')} value={form.user} onChange={(event) => change({ user: event.target.value })} placeholder="root" required maxLength={100} autoComplete="off" autoCapitalize="none" spellCheck={false} />
          <Field label={t('enrol.port')} value={form.port} onChange={(event) => change({ port: event.target.value })} placeholder="22" inputMode="numeric" pattern="[0-9]{1,5}" autoComplete="off" />
        </div>
      )}
      {form.kind === 'exec' && (
        <Field label={t('enrol.command')} hint={t('enrol.commandHelp')} value={form.command} onChange={(event) => change({ command: event.target.value })} placeholder="docker exec -i web" required maxLength={500} autoComplete="off" spellCheck={false} />
      )}
    </>
  )
}

function WayIn({ form, change }: Part) {
  const { t } = useTranslation()
  return (
    <div className="space-y-4">
      <Radios
        label={t('enrol.way')}
        value={form.way}
        change={(way) => change({ way })}
        options={(['usual', 'password', 'paste', 'file', 'agent'] as const).map((value) => ({ value, label: t(`enrol.ways.${value}`) }))}
        hint={t(`enrol.wayHelp.${form.way}`)}
      />
      {form.way === 'password' && (
        <Field label={t('enrol.password')} type="password" value={form.password} onChange={(event) => change({ password: event.target.value })} required maxLength={1024} autoComplete="off" />
      )}
      {form.way === 'file' && (
        <Field label={t('hosts.key')} value={form.file} onChange={(event) => change({ file: event.target.value })} placeholder="~/.ssh/id_ed25519" required maxLength={4096} autoComplete="off" spellCheck={false} />
      )}
      {form.way === 'paste' && (
        <label className="block">
          <span className="text-sm font-medium">{t('enrol.pasted')}</span>
          <textarea
            value={form.pasted}
            onChange={(event) => change({ pasted: event.target.value })}
            required
            rows={4}
            maxLength={32_000}
            placeholder="-----BEGIN OPENSSH PRIVATE KEY-----"
            autoComplete="off"
            spellCheck={false}
            className="bounded mt-1 w-full rounded-lg bg-panel p-3 font-mono text-xs"
          />
        </label>
      )}
      {(form.way === 'file' || form.way === 'paste') && (
        <Field label={t('enrol.passphrase')} type="password" value={form.passphrase} onChange={(event) => change({ passphrase: event.target.value })} maxLength={1024} autoComplete="off" />
      )}
    </div>
  )
}

function Rarer({ form, change }: Part) {
  const { t } = useTranslation()
  return (
    <details>
      <summary className="min-h-9 py-1.5 text-sm text-dim hover:text-ink">{t('enrol.more')}</summary>
      <div className="mt-2 grid gap-4 @lg:grid-cols-2">
        <Field label={t('hosts.groups')} hint={t('enrol.groupsHelp')} value={form.groups} onChange={(event) => change({ groups: event.target.value })} placeholder="web, prod" maxLength={500} autoComplete="off" spellCheck={false} />
        {form.kind === 'ssh' && (
          <Field label={t('hosts.jump')} hint={t('hosts.jumpHelp')} value={form.jump} onChange={(event) => change({ jump: event.target.value })} maxLength={500} autoComplete="off" spellCheck={false} />
        )}
      </div>
    </details>
  )
}

/** The key that a host shows: a person says whether it is the right one. */
export function RightOne({ fingerprint, busy, accept, back, known }: { fingerprint: string; busy: boolean; accept: () => void; back: () => void; known?: string }) {
  const { t } = useTranslation()
  return (
    <div role="alert" className="rounded-lg border border-l-4 border-wait bg-wait/5 p-4">
      <p className="font-semibold">{t('enrol.right')}</p>
      {known && <p className="mt-1 text-sm">{known}</p>}
      <p className="mt-1 text-sm text-dim">{t('hosts.keyShown')}</p>
      <p className="mt-2 rounded-md bg-panel px-3 py-2 font-mono text-sm [overflow-wrap:anywhere]">{fingerprint}</p>
      <p className="mt-3 text-sm text-dim">{t('hosts.keyCompare')}</p>
      <div className="mt-1 flex items-start gap-2">
        <code className="min-w-0 grow rounded-md bg-panel px-3 py-2 font-mono text-xs [overflow-wrap:anywhere]">{COMPARE}</code>
        <Copied text={COMPARE} />
      </div>
      <div className="mt-4 flex flex-wrap gap-3">
        <Button look="main" disabled={busy} aria-busy={busy} onClick={accept}>
          {busy ? t('hosts.adding') : t('hosts.keyAccept')}
        </Button>
        <Button disabled={busy} onClick={back}>
          {t('case.cancel')}
        </Button>
      </div>
    </div>
  )
}
