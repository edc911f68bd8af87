// Tokens for programs: what each is for, how much it may do, until when; its text is shown once.
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { post, remove } from '../api/client'
import type { ApiToken, Role } from '../api/types'
import { Button, Choice, Copied, Field, Panel, plain, Trouble, When } from './bits'
import { covers, ROLES } from './role'
import { Window } from './Window'

export function Tokens({ tokens, own }: { tokens: ApiToken[]; own: Role }) {
  const { t } = useTranslation()
  const client = useQueryClient()
  const [making, setMaking] = useState(false)
  const drop = useMutation({ mutationFn: (id: string) => remove(`/me/tokens/${id}`), onSettled: () => client.invalidateQueries({ queryKey: ['me'] }) })
  return (
    <Panel
      title={t('tokens.title')}
      aside={
        <Button small onClick={() => setMaking(true)}>
          {t('tokens.make')}
        </Button>
      }
    >
      {drop.error && <Trouble error={drop.error} />}
      {tokens.length === 0 && <p className="text-sm text-dim text-pretty">{t('tokens.none')}</p>}
      <ul className="divide-y divide-line">
        {tokens.map((token) => (
          <li key={token.id} className="flex items-center justify-between gap-4 py-2 first:pt-0 last:pb-0">
            <div className="min-w-0 text-sm">
              <p className="foreign font-medium">{plain(token.purpose)}</p>
              <p className="text-xs text-dim">
                {t(`role.${token.role}`)} · {t('account.until')} <When at={token.expires_at} show="short" /> · {token.used_at ? t('tokens.used') : t('tokens.unused')} {token.used_at && <When at={token.used_at} show="short" />}
              </p>
            </div>
            <Button small disabled={drop.isPending} onClick={() => drop.mutate(token.id)} aria-label={`${t('hosts.remove')} ${token.purpose}`}>
              {t('hosts.remove')}
            </Button>
          </li>
        ))}
      </ul>
      <Window open={making} close={() => setMaking(false)} title={t('tokens.make')}>
        <Make own={own} close={() => setMaking(false)} />
      </Window>
    </Panel>
  )
}

function Make({ own, close }: { own: Role; close: () => void }) {
  const { t } = useTranslation()
  const client = useQueryClient()
  const [purpose, setPurpose] = useState('')
  const [role, setRole] = useState<Role>('viewer')
  const [days, setDays] = useState('90')
  const make = useMutation({
    mutationFn: () => post<{ text: string }>('/me/tokens', { purpose: purpose.trim(), role, days: Number(days) }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['me'] }),
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    make.mutate()
  }
  if (make.data)
    return (
      <>
        <p className="text-pretty">{t('tokens.once')}</p>
        <div className="mt-3 flex items-start gap-2">
          <code className="min-w-0 grow rounded-md border border-line bg-deck px-3 py-2 font-mono text-xs [overflow-wrap:anywhere]">{make.data.text}</code>
          <Copied text={make.data.text} />
        </div>
        <Button className="mt-5" look="main" onClick={close} autoFocus>
          {t('close')}
        </Button>
      </>
    )
  return (
    <form className="space-y-4" onSubmit={submit}>
      <Field label={t('tokens.purpose')} value={purpose} onChange={(event) => setPurpose(event.target.value)} placeholder={t('tokens.purposeExample')} required maxLength={200} autoFocus />
      <Choice label={t('tokens.scope')} value={role} hint={t(`roleHelp.${role}`)} onChange={(event) => setRole(event.target.value as Role)}>
        {ROLES.filter((each) => covers(own, each)).map((each) => (
          <option key={each} value={each}>
            {t(`role.${each}`)}
          </option>
        ))}
      </Choice>
      <Choice label={t('tokens.days')} value={days} onChange={(event) => setDays(event.target.value)}>
        {['7', '30', '90', '365'].map((each) => (
          <option key={each} value={each}>
            {t('tokens.dayCount', { count: Number(each) })}
          </option>
        ))}
      </Choice>
      {make.error && <Trouble error={make.error} />}
      <div className="flex gap-3">
        <Button look="main" type="submit" disabled={make.isPending || !purpose.trim()}>
          {t('tokens.make')}
        </Button>
        <Button onClick={close}>{t('case.cancel')}</Button>
      </div>
    </form>
  )
}
