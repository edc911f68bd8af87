// Who may sign in, what each may do, and where.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { get, post, remove, session } from '../api/client'
import type { Host, Person, Role } from '../api/types'
import { Button, Chip, Choice, Copied, Field, Loading, Page, Panel, plain, Trouble } from '../components/bits'
import { covers, ROLES } from '../components/role'
import { Scope } from '../components/Scope'
import { Window } from '../components/Window'

export function People() {
  const { t } = useTranslation()
  const who = useQuery({ queryKey: ['session'], queryFn: session, staleTime: Infinity })
  const people = useQuery({ queryKey: ['people'], queryFn: () => get<{ people: Person[] }>('/people') })
  const [inviting, setInviting] = useState(false)
  if (people.error && !people.data) return <Trouble error={people.error} again={() => void people.refetch()} />
  if (!people.data || !who.data) return <Loading />
  const me = who.data
  return (
    <Page
      title={t('people.title')}
      lead={t('people.lead')}
      aside={
        <Button look="main" onClick={() => setInviting(true)}>
          {t('people.invite')}
        </Button>
      }
    >
      <ul className="space-y-3">
        {people.data.people.map((person) => (
          <Card key={person.name} person={person} isMe={person.name === me.person} own={me.role} />
        ))}
      </ul>
      <RolesTold />
      <Window open={inviting} close={() => setInviting(false)} title={t('people.invite')}>
        <Invite own={me.role} close={() => setInviting(false)} />
      </Window>
    </Page>
  )
}

function Card({ person, isMe, own }: { person: Person; isMe: boolean; own: Role }) {
  const { t } = useTranslation()
  const client = useQueryClient()
  const [open, setOpen] = useState<'rights' | 'again' | 'remove' | null>(null)
  const again = () => client.invalidateQueries({ queryKey: ['people'] })
  const close = () => setOpen(null)
  const change = useMutation({ mutationFn: (body: object) => post(`/people/${person.name}`, body), onSuccess: close, onSettled: again })
  const mayChange = !isMe && covers(own, person.role)
  return (
    <li>
      <Panel>
        <div className="flex flex-wrap items-start justify-between gap-x-6 gap-y-3">
          <div className="min-w-0">
            <p className="flex flex-wrap items-baseline gap-x-2.5 gap-y-1">
              <span className="foreign font-semibold">{person.name}</span>
              <span className="text-sm text-dim">{t(`role.${person.role}`)}</span>
              {isMe && <Chip>{t('people.you')}</Chip>}
              {person.invited && <Chip className="bg-wait/10 text-wait">{t('people.invited')}</Chip>}
              {person.elsewhere && <Chip>{t('people.elsewhere')}</Chip>}
              {person.blocked && <Chip className="bg-bad/10 text-bad">{t('people.blocked')}</Chip>}
              {person.second_factor && <Chip className="bg-good/10 text-good">{t('people.secondFactor')}</Chip>}
            </p>
            <p className="mt-1 flex flex-wrap gap-1 text-sm text-dim">
              {person.hosts.length === 0 ? t('people.allHosts') : person.hosts.map((scope) => <Chip key={scope}>{scope.startsWith('group:') ? t('people.group', { name: scope.slice(6) }) : scope}</Chip>)}
            </p>
          </div>
          {mayChange && (
            <div className="flex flex-wrap gap-2">
              <Button small onClick={() => setOpen('rights')}>
                {t('people.rights')}
              </Button>
              <Button small onClick={() => change.mutate({ blocked: !person.blocked })} disabled={change.isPending}>
                {t(person.blocked ? 'people.unblock' : 'people.block')}
              </Button>
              {!person.elsewhere && (
                <Button small onClick={() => setOpen('again')}>
                  {t('people.again')}
                </Button>
              )}
              <Button small look="quiet" onClick={() => setOpen('remove')}>
                {t('hosts.remove')}
              </Button>
            </div>
          )}
        </div>
        {change.error && open !== 'rights' && <Trouble error={change.error} />}
      </Panel>
      <Window open={open === 'rights'} close={close} title={t('people.rightsOf', { name: person.name })}>
        <Rights person={person} own={own} busy={change.isPending} error={change.error} save={(role, hosts) => change.mutate({ role, hosts })} close={close} />
      </Window>
      <Window open={open === 'again'} close={close} title={t('people.againTitle', { name: person.name })}>
        <Again person={person} close={close} />
      </Window>
      <Window open={open === 'remove'} close={close} title={t('people.removeTitle', { name: person.name })}>
        <Drop person={person} close={close} />
      </Window>
    </li>
  )
}

function useHosts(): Host[] {
  return useQuery({ queryKey: ['hosts'], queryFn: () => get<{ hosts: Host[] }>('/hosts') }).data?.hosts ?? []
}

function RoleChoice({ own, role, change }: { own: Role; role: Role; change: (role: Role) => void }) {
  const { t } = useTranslation()
  return (
    <Choice label={t('people.role')} value={role} hint={t(`roleHelp.${role}`)} onChange={(event) => change(event.target.value as Role)}>
      {ROLES.filter((each) => covers(own, each)).map((each) => (
        <option key={each} value={each}>
          {t(`role.${each}`)}
        </option>
      ))}
    </Choice>
  )
}

function Rights({ person, own, busy, error, save, close }: { person: Person; own: Role; busy: boolean; error: unknown; save: (role: Role, hosts: string[]) => void; close: () => void }) {
  const { t } = useTranslation()
  const [role, setRole] = useState(person.role)
  const [scope, setScope] = useState(person.hosts)
  return (
    <form
      className="space-y-4"
      onSubmit={(event) => {
        event.preventDefault()
        save(role, scope)
      }}
    >
      <RoleChoice own={own} role={role} change={setRole} />
      <Scope hosts={useHosts()} scope={scope} change={setScope} />
      {error !== null && <Trouble error={error} />}
      <div className="flex gap-3">
        <Button look="main" type="submit" disabled={busy}>
          {t('save')}
        </Button>
        <Button onClick={close}>{t('case.cancel')}</Button>
      </div>
    </form>
  )
}

function Invite({ own, close }: { own: Role; close: () => void }) {
  const { t } = useTranslation()
  const client = useQueryClient()
  const [name, setName] = useState('')
  const [role, setRole] = useState<Role>('operator')
  const [scope, setScope] = useState<string[]>([])
  const hosts = useHosts()
  const invite = useMutation({
    mutationFn: () => post<{ invitation: string }>('/people', { name: name.trim().toLowerCase(), role, hosts: scope }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['people'] }),
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    invite.mutate()
  }
  if (invite.data) return <Invitation path={invite.data.invitation} close={close} />
  return (
    <form className="space-y-4" onSubmit={submit}>
      <Field label={t('people.name')} hint={t('people.nameHelp')} value={name} onChange={(event) => setName(event.target.value)} required maxLength={63} pattern="[a-zA-Z0-9][a-zA-Z0-9._\-]*" autoComplete="off" autoCapitalize="none" spellCheck={false} autoFocus />
      <RoleChoice own={own} role={role} change={setRole} />
      <Scope hosts={hosts} scope={scope} change={setScope} />
      {invite.error && <Trouble error={invite.error} />}
      <div className="flex gap-3">
        <Button look="main" type="submit" disabled={invite.isPending || !name.trim()}>
          {t('people.makeInvitation')}
        </Button>
        <Button onClick={close}>{t('case.cancel')}</Button>
      </div>
    </form>
  )
}

function Invitation({ path, close }: { path: string; close: () => void }) {
  const { t } = useTranslation()
  const address = `${window.location.origin}${path}`
  return (
    <>
      <p className="text-pretty">{t('people.handOver')}</p>
      <div className="mt-3 flex items-start gap-2">
        <code className="min-w-0 grow rounded-md border border-line bg-deck px-3 py-2 font-mono text-xs [overflow-wrap:anywhere]">{address}</code>
        <Copied text={address} />
      </div>
      <p className="mt-2 text-sm text-dim text-pretty">{t('people.once')}</p>
      <Button className="mt-5" look="main" onClick={close} autoFocus>
        {t('close')}
      </Button>
    </>
  )
}

function Again({ person, close }: { person: Person; close: () => void }) {
  const { t } = useTranslation()
  const client = useQueryClient()
  const invite = useMutation({
    mutationFn: () => post<{ invitation: string }>(`/people/${person.name}/invite`),
    onSuccess: () => client.invalidateQueries({ queryKey: ['people'] }),
  })
  if (invite.data) return <Invitation path={invite.data.invitation} close={close} />
  return (
    <>
      <p className="text-pretty">{t('people.againText')}</p>
      {invite.error && <Trouble error={invite.error} />}
      <div className="mt-5 flex gap-3">
        <Button look="main" onClick={() => invite.mutate()} disabled={invite.isPending}>
          {t('people.makeInvitation')}
        </Button>
        <Button onClick={close}>{t('case.cancel')}</Button>
      </div>
    </>
  )
}

function Drop({ person, close }: { person: Person; close: () => void }) {
  const { t } = useTranslation()
  const client = useQueryClient()
  const drop = useMutation({
    mutationFn: () => remove(`/people/${person.name}`),
    onSuccess: async () => {
      close()
      await client.invalidateQueries({ queryKey: ['people'] })
    },
  })
  return (
    <>
      <p className="text-pretty">{t('people.removeText', { name: plain(person.name) })}</p>
      {drop.error && <Trouble error={drop.error} />}
      <div className="mt-5 flex gap-3">
        <Button look="bad" onClick={() => drop.mutate()} disabled={drop.isPending}>
          {t('hosts.remove')}
        </Button>
        <Button onClick={close}>{t('case.cancel')}</Button>
      </div>
    </>
  )
}

function RolesTold() {
  const { t } = useTranslation()
  return (
    <dl className="mt-8 grid gap-x-6 gap-y-2 border-t border-line pt-5 text-sm sm:grid-cols-[max-content_1fr]">
      {ROLES.map((role) => (
        <div key={role} className="contents">
          <dt className="font-medium">{t(`role.${role}`)}</dt>
          <dd className="text-dim text-pretty">{t(`roleHelp.${role}`)}</dd>
        </div>
      ))}
    </dl>
  )
}
