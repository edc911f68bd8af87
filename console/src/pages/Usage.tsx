// What asking in words is used for: how much, how well, what for, and the time that it saves.
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { get } from '../api/client'
import { ButtonLink, Choice, Empty, Loading, Page, Panel, Trouble, useSeconds, usePercent } from '../components/bits'

interface Sum {
  asked: number
  succeeded: number
  hosts: number
  saved_s: number
  understand_ms: number | null
}
interface Usage {
  total: Sum & { commands: number }
  days: (Sum & { day: string })[]
  classes: (Sum & { class: string })[]
  intents: (Sum & { intent: string; title: string })[]
  estimate: string
}
const SHOWN = 15

export function Usage() {
  const { t, i18n } = useTranslation()
  const percent = usePercent()
  const seconds = useSeconds()
  const [days, setDays] = useState('30')
  const found = useQuery({ queryKey: ['usage', days], queryFn: () => get<Usage>(`/usage?days=${days}`), placeholderData: (before) => before })
  if (found.error && !found.data) return <Trouble error={found.error} again={() => void found.refetch()} />
  if (!found.data) return <Loading />
  const { total, intents, estimate } = found.data
  const number = new Intl.NumberFormat(i18n.language)
  return (
    <Page
      title={t('usage.title')}
      lead={t('usage.lead')}
      aside={
        <div className="w-44">
          <Choice label={t('usage.span')} value={days} onChange={(event) => setDays(event.target.value)}>
            {['7', '30', '90', '365'].map((each) => (
              <option key={each} value={each}>
                {t('tokens.dayCount', { count: Number(each) })}
              </option>
            ))}
          </Choice>
        </div>
      }
    >
      {total.asked === 0 ? (
        <Empty title={t('usage.none')}>
          <ButtonLink to="/ask" look="main" className="mt-4">
            {t('enrol.ask')}
          </ButtonLink>
        </Empty>
      ) : (
        <div className="space-y-5">
          <dl className="grid grid-cols-2 gap-3 lg:grid-cols-4">
            <Figure name={t('usage.asked')}>{number.format(total.asked)}</Figure>
            <Figure name={t('usage.succeeded')}>{percent(total.succeeded / total.asked)}</Figure>
            <Figure name={t('usage.saved')}>{seconds(total.saved_s)}</Figure>
            <Figure name={t('usage.understood')}>{total.understand_ms === null ? '–' : `${number.format(total.understand_ms)}\u00a0ms`}</Figure>
          </dl>
          <Days days={found.data.days} />
          <Panel title={t('usage.what')}>
            <Intents intents={intents} />
          </Panel>
          <p className="text-sm text-dim text-pretty">{estimate}</p>
        </div>
      )}
    </Page>
  )
}

function Figure({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <div className="rounded-xl border border-line bg-panel p-4">
      <dt className="text-sm text-dim">{name}</dt>
      <dd className="mt-0.5 text-2xl font-semibold tracking-tight tabular-nums">{children}</dd>
    </div>
  )
}

function Days({ days }: { days: Usage['days'] }) {
  const { t, i18n } = useTranslation()
  const top = Math.max(1, ...days.map((day) => day.asked))
  const form = new Intl.DateTimeFormat(i18n.language, { day: 'numeric', month: 'short', timeZone: 'UTC' })
  const said = days.filter((day) => day.asked > 0).map((day) => `${form.format(new Date(day.day))}: ${day.asked}`)
  return (
    <Panel title={t('usage.days')}>
      <div role="img" aria-label={said.join(', ')} className="flex h-28 items-end gap-px">
        {days.map((day) => (
          <div key={day.day} title={`${form.format(new Date(day.day))} : ${day.asked}`} style={{ height: `${(day.asked / top) * 100}%` }} className="min-h-px grow rounded-t-sm bg-lamp" />
        ))}
      </div>
      <p className="mt-1 flex justify-between text-xs text-dim">
        <span>{form.format(new Date(days[0]?.day ?? 0))}</span>
        <span>{form.format(new Date(days.at(-1)?.day ?? 0))}</span>
      </p>
    </Panel>
  )
}

function Intents({ intents }: { intents: Usage['intents'] }) {
  const { t } = useTranslation()
  const percent = usePercent()
  const top = Math.max(1, ...intents.map((each) => each.asked))
  return (
    <ul className="space-y-2">
      {intents.slice(0, SHOWN).map((each) => (
        <li key={each.intent} className="grid grid-cols-[minmax(0,1fr)_auto] items-baseline gap-x-4 text-sm">
          <span className="foreign">{each.title}</span>
          <span className="text-dim tabular-nums">
            {each.asked} · {t('usage.well', { share: percent(each.succeeded / each.asked) })}
          </span>
          <span aria-hidden className="col-span-2 h-1.5 overflow-hidden rounded-full bg-line/60">
            <span style={{ width: `${(each.asked / top) * 100}%` }} className="block h-full rounded-full bg-lamp" />
          </span>
        </li>
      ))}
    </ul>
  )
}
