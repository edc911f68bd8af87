// Codes of an authenticator: the key as a square drawn here, its text beside it, the first code as the proof.
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { encode } from 'uqr'
import { post } from '../api/client'
import { Button, Chip, Copied, Field, Panel, Trouble } from './bits'

export function SecondFactor({ on }: { on: boolean }) {
  const { t } = useTranslation()
  const begin = useMutation({ mutationFn: () => post<{ key: string; uri: string }>('/me/second-factor') })
  return (
    <Panel title={t('factor.title')} aside={on && <Chip className="bg-good/10 text-good">{t('factor.on')}</Chip>}>
      <p className="text-sm text-dim text-pretty">{t(on ? 'factor.onText' : 'factor.text')}</p>
      {begin.error && <Trouble error={begin.error} />}
      {on ? (
        <Code path="/me/second-factor/remove" label={t('factor.remove')} look="bad" done={() => begin.reset()} />
      ) : begin.data ? (
        <div className="mt-4 grid gap-5 sm:grid-cols-[11rem_minmax(0,1fr)]">
          <Square text={begin.data.uri} label={t('factor.square')} />
          <div className="min-w-0">
            <p className="text-sm text-pretty">{t('factor.scan')}</p>
            <p className="mt-2 text-xs text-dim">{t('factor.orType')}</p>
            <div className="mt-1 flex flex-wrap items-start gap-2">
              <code className="rounded-md border border-line bg-deck px-2 py-1 font-mono text-xs [overflow-wrap:anywhere]">{begin.data.key.match(/.{1,4}/g)?.join(' ')}</code>
              <Copied text={begin.data.key} />
            </div>
            <Code path="/me/second-factor/confirm" label={t('factor.confirm')} look="main" done={() => begin.reset()} />
          </div>
        </div>
      ) : (
        <Button className="mt-3" onClick={() => begin.mutate()} disabled={begin.isPending}>
          {t('factor.begin')}
        </Button>
      )}
    </Panel>
  )
}

function Code({ path, label, look, done }: { path: string; label: string; look: 'main' | 'bad'; done: () => void }) {
  const { t } = useTranslation()
  const client = useQueryClient()
  const [code, setCode] = useState('')
  const send = useMutation({
    mutationFn: () => post(path, { code: code.replace(/\s/g, '') }),
    onSuccess: async () => {
      setCode('')
      await client.invalidateQueries({ queryKey: ['me'] })
      done()
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    send.mutate()
  }
  return (
    <form className="mt-4 space-y-3" onSubmit={submit}>
      <div className="max-w-48">
        <Field label={t('factor.code')} value={code} onChange={(event) => setCode(event.target.value)} inputMode="numeric" autoComplete="one-time-code" pattern="[0-9]{3} ?[0-9]{3}" placeholder="123 456" required />
      </div>
      {send.error && <Trouble error={send.error} />}
      <Button look={look} type="submit" disabled={send.isPending}>
        {label}
      </Button>
    </form>
  )
}

const QUIET = 4

/** A QR code: dark on light in both themes, or no camera reads it. */
function Square({ text, label }: { text: string; label: string }) {
  const found = useMemo(() => encode(text, { border: QUIET }), [text])
  const path = found.data.flatMap((row, y) => row.flatMap((dark, x) => (dark ? [`M${x} ${y}h1v1h-1z`] : []))).join('')
  return (
    <svg role="img" aria-label={label} viewBox={`0 0 ${found.size} ${found.size}`} shapeRendering="crispEdges" className="w-full max-w-44 rounded-lg bg-white">
      <path d={path} fill="#000" />
    </svg>
  )
}
