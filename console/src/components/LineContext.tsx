// What stands before and after a line in its source.
import { useQuery } from '@tanstack/react-query'
import { clsx } from 'clsx'
import { useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { get } from '../api/client'
import { Copied, Loading, plain, Trouble, When } from './bits'
import type { LogLine } from './lines'

const AROUND = 50

export function LineContext({ id }: { id: string }) {
  const { t } = useTranslation()
  const found = useQuery({ queryKey: ['logs', 'context', id], queryFn: () => get<{ lines: LogLine[] }>(`/logs/context?id=${encodeURIComponent(id)}&lines=${AROUND}`), staleTime: Infinity })
  const own = useRef<HTMLLIElement>(null)
  const lines = found.data?.lines
  useEffect(() => {
    // what it gives back, in some browsers a promise, is no way to take an effect back
    own.current?.scrollIntoView({ block: 'center' })
  }, [lines])
  if (found.error) return <Trouble error={found.error} />
  if (!lines) return <Loading />
  const line = lines.find((each) => each.id === id)
  return (
    <>
      {line && (
        <p className="foreign mb-2 text-sm text-dim">
          {line.host} · {plain(line.source)} · <When at={line.at} show="both" />
        </p>
      )}
      <ol tabIndex={0} aria-label={t('logs.around')} className="max-h-[60dvh] overflow-y-auto rounded-lg border border-line bg-deck py-1">
        {lines.map((each) => (
          <li key={each.id} ref={each.id === id ? own : undefined} aria-current={each.id === id} className={clsx('grid grid-cols-[auto_minmax(0,1fr)] gap-3 px-3 py-0.5 font-mono text-xs', each.id === id && 'border-l-4 border-lamp bg-lamp/10 font-semibold')}>
            <span className="text-dim">
              <When at={each.at} />
            </span>
            <span className="foreign whitespace-pre-wrap">{plain(each.text)}</span>
          </li>
        ))}
      </ol>
      <p className="mt-3">
        <Copied text={`${window.location.origin}/logs?line=${encodeURIComponent(id)}`} label={t('logs.copyLink')} />
      </p>
    </>
  )
}
