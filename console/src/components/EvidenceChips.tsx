// What a conclusion rests on: a number beside the sentence, the line and its answer behind the number.
import { Popover } from 'radix-ui'
import { useTranslation } from 'react-i18next'
import type { Evidence } from '../api/types'
import { plain, When } from './bits'

const MANY = 60

/** The leading facts in full, the rest behind one word. */
export function EvidenceList({ evidence, leading }: { evidence: Evidence[]; leading: string[] }) {
  const { t } = useTranslation()
  if (evidence.length === 0) return null
  const numbered = evidence.map((item, index) => ({ item, number: index + 1 }))
  const first = numbered.filter(({ item }) => leading.includes(item.id))
  const rest = numbered.filter(({ item }) => !leading.includes(item.id))
  return (
    <div className="mt-4">
      <h3 className="eyebrow">{t('case.evidence')}</h3>
      {first.length > 0 && (
        <ul className="mt-1.5 space-y-1.5">
          {first.map(({ item, number }) => (
            <li key={item.id}>
              <Shown item={item}>
                <Popover.Trigger className="flex min-h-9 w-full items-center gap-3 rounded-lg border border-line bg-deck px-3 py-1.5 text-left text-sm hover:border-(--edge) pointer-coarse:min-h-11">
                  <Number of={number} />
                  <span className="min-w-0">
                    <span className="foreign block">{about(item)}</span>
                    {item.excerpt && <span className="foreign block truncate font-mono text-xs text-dim">{plain(item.excerpt.split('\n')[0] ?? '')}</span>}
                  </span>
                </Popover.Trigger>
              </Shown>
            </li>
          ))}
        </ul>
      )}
      {rest.length > 0 && (
        <details className="mt-2" open={first.length === 0}>
          <summary className="text-sm text-dim hover:text-ink">{t('case.alsoSeen', { count: rest.length })}</summary>
          <ul className="mt-2 flex flex-wrap gap-2">
            {rest.slice(0, MANY).map(({ item, number }) => (
              <li key={item.id} className="max-w-full min-w-0">
                <Shown item={item}>
                  <Popover.Trigger className="flex min-h-8 max-w-full items-center gap-2 rounded-lg border border-line bg-deck px-2 text-left text-sm hover:border-(--edge) pointer-coarse:min-h-11">
                    <Number of={number} />
                    <span className="foreign truncate">{about(item)}</span>
                  </Popover.Trigger>
                </Shown>
              </li>
            ))}
          </ul>
        </details>
      )}
    </div>
  )
}

function Number({ of }: { of: number }) {
  return <span className="rounded bg-lamp/12 px-1.5 font-mono text-xs font-semibold text-lamp">{of}</span>
}

export function EvidenceMark({ item, number }: { item: Evidence; number: number }) {
  const { t } = useTranslation()
  return (
    <Shown item={item}>
      <Popover.Trigger
        aria-label={t('case.evidenceNumber', { number })}
        className="mx-0.5 inline-flex h-5 min-w-5 items-center justify-center rounded bg-lamp/12 px-1 align-[0.08em] font-mono text-[0.7rem] font-semibold text-lamp hover:bg-lamp/25"
      >
        {number}
      </Popover.Trigger>
    </Shown>
  )
}

function Shown({ item, children }: { item: Evidence; children: React.ReactNode }) {
  const { t } = useTranslation()
  return (
    <Popover.Root>
      {children}
      <Popover.Portal>
        <Popover.Content
          sideOffset={6}
          collisionPadding={12}
          aria-label={about(item)}
          className="z-20 max-h-[70vh] w-[min(40rem,94vw)] overflow-y-auto rounded-xl border border-line bg-panel p-4 shadow-xl"
        >
          <p className="eyebrow">{t('case.source')}</p>
          <pre className="foreign mt-1 font-mono text-[0.8rem] whitespace-pre-wrap">{plain(item.source)}</pre>
          {item.excerpt && (
            <>
              <p className="eyebrow mt-3">{t('case.excerpt')}</p>
              <pre className="foreign mt-1 rounded-lg bg-deck p-3 font-mono text-[0.8rem] whitespace-pre-wrap">{plain(item.excerpt)}</pre>
            </>
          )}
          <p className="mt-3 text-xs text-dim">
            {t('case.seen')} <When at={item.at} show="both" /> · <span className="font-mono">{item.id}</span>
          </p>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  )
}

function about(item: Evidence): string {
  const [kind, ...name] = item.subject.split(':')
  const last = name.join(':').split('/').filter(Boolean).slice(-2).join('/')
  return plain(item.subject && last ? `${kind} ${last}` : ((item.excerpt || item.source).split('\n')[0] ?? ''))
}
