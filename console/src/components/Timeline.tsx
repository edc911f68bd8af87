import { Link } from '@tanstack/react-router'
import { clsx } from 'clsx'
import { memo } from 'react'
import { useTranslation } from 'react-i18next'
import type { Happening } from '../api/types'
import { locale, plain, Said, When } from './bits'
import { chapters, type Entry, linesOf, neighbours, readingsOf } from './condense'

/** One case, by the phases of its life. */
export const Timeline = memo(function Timeline({ rows }: { rows: Happening[] }) {
  const { t, i18n } = useTranslation()
  return (
    <ol aria-label={t('case.timeline')}>
      {chapters(rows).map((chapter) => (
        <li key={chapter.key} className="arrive mb-3 last:mb-0">
          {chapter.phase && (
            <p className="eyebrow mb-1.5 flex items-baseline justify-between">
              <span>{i18n.exists(`phase.${chapter.phase}`) ? t(`phase.${chapter.phase}`) : chapter.phase}</span>
              <span className="font-normal tracking-normal">
                <When at={chapter.at} />
              </span>
            </p>
          )}
          <ol className="ml-1 space-y-2 border-l border-line pl-4">
            {chapter.entries.map((entry) => (
              <One key={entry.key} entry={entry} />
            ))}
          </ol>
        </li>
      ))}
    </ol>
  )
})

/** The journal of everything, newest first, by days. */
export const Log = memo(function Log({ rows, name }: { rows: Happening[]; name: string }) {
  const { i18n } = useTranslation()
  const day = new Intl.DateTimeFormat(locale(i18n.language), { dateStyle: 'full' })
  const days = new Map<string, Entry[]>()
  for (const entry of neighbours(rows)) {
    const date = day.format(new Date(entry.first.at))
    days.set(date, [...(days.get(date) ?? []), entry])
  }
  return (
    <ol aria-label={name} className="space-y-5">
      {[...days].map(([date, entries]) => (
        <li key={date}>
          <p className="eyebrow mb-2">{date}</p>
          <ol className="ml-1 space-y-2 border-l border-line pl-4">
            {entries.map((entry) => (
              <One key={entry.key} entry={entry} linked />
            ))}
          </ol>
        </li>
      ))}
    </ol>
  )
})

function One({ entry, linked = false }: { entry: Entry; linked?: boolean }) {
  const last = linked ? entry.first : entry.last
  return (
    <li className="arrive relative" data-seq={last.seq}>
      <span aria-hidden className={clsx('absolute top-[0.45em] -left-[1.31rem] size-2.5 rounded-full border-2 border-panel', dot(last.kind))} />
      {entry.kind === 'host.read' ? <Readings entry={entry} /> : <Sentence row={last} />}
      <p className="text-xs text-dim">
        <When at={last.at} /> · {last.actor.replace(/^(agent|person):/, '')}
        {linked && last.case && (
          <>
            {' · '}
            <Link to="/cases/$id" params={{ id: last.case }} className="text-lamp underline decoration-lamp/40 hover:decoration-lamp">
              {last.case}
            </Link>
          </>
        )}
      </p>
    </li>
  )
}

/** A row's sentence; the line that it tells of stands by itself. */
function Sentence({ row }: { row: Happening }) {
  const line = typeof row.body?.line === 'string' && row.body.line.length > 20 ? row.body.line : null
  const [before, after] = line && row.text.includes(line) ? row.text.split(line, 2) : [row.text || row.kind, '']
  return (
    <>
      <Said text={plain(before ?? '')} className="text-sm" />
      {before !== row.text && line && <code className="foreign my-1 line-clamp-3 rounded-md bg-deck px-2 py-1 font-mono text-xs">{plain(line)}</code>}
      {after && /\w/.test(after) && <Said text={plain(after)} className="text-sm" />}
    </>
  )
}

function Readings({ entry }: { entry: Entry }) {
  const { t } = useTranslation()
  const host = String(entry.first.body?.host ?? '')
  return (
    <details className="text-sm">
      <summary className="text-dim hover:text-ink">{t('journal.read', { count: readingsOf(entry), host })}</summary>
      <ul className="my-1.5 max-h-72 space-y-1 overflow-y-auto rounded-lg border border-line bg-deck p-2" tabIndex={0} aria-label={t('journal.lines')}>
        {linesOf(entry).map((line) => (
          <li key={line} className="foreign font-mono text-xs whitespace-pre-wrap">
            {plain(line)}
          </li>
        ))}
      </ul>
    </details>
  )
}

function dot(kind: string): string {
  if (/fail|refused|reject|undone|undo|roll|escalat|not_/.test(kind)) return 'bg-bad'
  if (/verified|resolved|nothing_wrong|approved|closed/.test(kind)) return 'bg-good'
  if (/waiting/.test(kind)) return 'bg-wait'
  if (/^(action|backup)\.|diagnosed|planned|backed_up/.test(kind)) return 'bg-lamp'
  return 'bg-(--edge)'
}
