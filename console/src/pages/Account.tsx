// One's own account: password, second factor, where one is signed in, tokens for programs.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { get, post, remove } from '../api/client'
import type { ApiToken, Person, SignedIn } from '../api/types'
import { Button, Chip, Choice, Field, Loading, Page, Panel, Trouble, When } from '../components/bits'
import { deviceName } from '../components/device'
import { SecondFactor } from '../components/SecondFactor'
import { Tokens } from '../components/Tokens'

const LENGTH_MIN = 10

export function Account() {
  const { t } = useTranslation()
  const me = useQuery({ queryKey: ['me'], queryFn: () => get<{ person: Person; tokens: ApiToken[] }>('/me') })
  if (me.error && !me.data) return <Trouble error={me.error} again={() => void me.refetch()} />
  if (!me.data) return <Loading />
  const { person, tokens } = me.data
  return (
    <Page title={t('account.title')} lead={`${person.name} · ${t(`role.${person.role}`)}`}>
      <div className="grid items-start gap-5 lg:grid-cols-2">
        <div className="min-w-0 space-y-5">
          {!person.elsewhere && <Password />}
          <Sessions />
          <Language person={person} />
        </div>
        <div className="min-w-0 space-y-5">
          {!person.elsewhere && <SecondFactor on={person.second_factor} />}
          <Tokens tokens={tokens} own={person.role} />
        </div>
      </div>
    </Page>
  )
}

function Password() {
  const { t } = useTranslation()
  const client = useQueryClient()
  const [old, setOld] = useState('')
  const [fresh, setFresh] = useState('')
  const [again, setAgain] = useState('')
  const differs = again !== '' && fresh !== again
  const change = useMutation({
    mutationFn: () => post('/me/password', { old, new: fresh }),
    onSuccess: () => {
      setOld('')
      setFresh('')
      setAgain('')
      return client.invalidateQueries({ queryKey: ['me'] })
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    change.mutate()
  }
  return (
    <Panel title={t('account.password')}>
      <form className="space-y-3" onSubmit={submit}>
        <Field label={t('account.old')} type="password" autoComplete="current-password" value={old} onChange={(event) => setOld(event.target.value)} required maxLength={1024} />
        <Field label={t('account.new')} hint={t('account.length', { count: LENGTH_MIN })} type="password" autoComplete="new-password" value={fresh} onChange={(event) => setFresh(event.target.value)} required minLength={LENGTH_MIN} maxLength={1024} />
        <Field label={t('account.again')} hint={differs ? t('account.differs') : undefined} type="password" autoComplete="new-password" value={again} onChange={(event) => setAgain(event.target.value)} required maxLength={1024} />
        {change.error && <Trouble error={change.error} />}
        {change.isSuccess && (
          <p role="status" className="text-sm font-medium text-good">
            ✓ {t('account.changed')}
          </p>
        )}
        <Button type="submit" disabled={change.isPending || !old || fresh.length < LENGTH_MIN || fresh !== again}>
          {t('account.change')}
        </Button>
      </form>
    </Panel>
  )
}

function Sessions() {
  const { t } = useTranslation()
  const client = useQueryClient()
  const sessions = useQuery({ queryKey: ['me', 'sessions'], queryFn: () => get<{ sessions: SignedIn[] }>('/me/sessions') })
  const end = useMutation({ mutationFn: (id: string) => remove(`/me/sessions/${id}`), onSettled: () => client.invalidateQueries({ queryKey: ['me', 'sessions'] }) })
  const error = sessions.error ?? end.error
  return (
    <Panel title={t('account.sessions')}>
      {error && <Trouble error={error} />}
      <ul className="divide-y divide-line">
        {sessions.data?.sessions.map((one) => (
          <li key={one.id} className="flex items-center justify-between gap-4 py-2 first:pt-0 last:pb-0">
            <div className="min-w-0 text-sm">
              <p className="flex flex-wrap items-baseline gap-x-2 font-medium">
                <span className="foreign">{deviceName(one.device) || t('account.someDevice')}</span>
                {one.this && <Chip className="bg-good/10 text-good">{t('account.here')}</Chip>}
              </p>
              <p className="text-xs text-dim">
                {one.began_at && (
                  <>
                    {t('account.since')} <When at={one.began_at} show="short" />
                    {' · '}
                  </>
                )}
                {t('account.until')} <When at={one.expires_at} show="short" />
              </p>
            </div>
            {!one.this && (
              <Button small disabled={end.isPending} onClick={() => end.mutate(one.id)}>
                {t('account.end')}
              </Button>
            )}
          </li>
        ))}
      </ul>
    </Panel>
  )
}

function Language({ person }: { person: Person }) {
  const { t } = useTranslation()
  const speak = useMutation({ mutationFn: (language: string) => post('/session', { language }), onSuccess: () => window.location.reload() })
  return (
    <Panel>
      <Choice label={t('account.language')} value={person.language} onChange={(event) => speak.mutate(event.target.value)}>
        <option value="fr">Français</option>
        <option value="en">English</option>
      </Choice>
      {speak.error && <Trouble error={speak.error} />}
    </Panel>
  )
}
