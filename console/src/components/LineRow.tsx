// One line: when, how loud, who, what; opened, all that is known of it.
import { Link } from '@tanstack/react-router'
import { clsx } from 'clsx'
import { memo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Button, Chip, Copied, plain, When } from './bits'
import { fieldsOf, type LogLine, minuteOf } from './lines'

export type Shape = 'raw' | 'fields' | 'template'
const LOOK: Record<string, string> = { critical: 'text-bad', error: 'text-bad', warning: 'text-wait', info: 'text-dim', debug: 'text-dim' }

interface Row {
  line: LogLine
  shape: Shape
  open: boolean
  only: (name: 'host' | 'service' | 'level' | 'template', value: string) => void
}

export const LineRow = memo(
  function LineRow({ line, shape, only }: Row) {
    const { t } = useTranslation()
    const [open, setOpen] = useState(false)
    return (
      <li className="border-b border-line/60 text-sm [contain-intrinsic-size:auto_2rem] [content-visibility:auto]">
        <button
          type="button"
          aria-expanded={open}
          onClick={() => setOpen(!open)}
          className="grid w-full grid-cols-[auto_auto_minmax(0,1fr)] items-baseline gap-x-3 px-3 py-1 text-left hover:bg-line/25 sm:grid-cols-[auto_4.5rem_minmax(0,9rem)_minmax(0,1fr)] pointer-coarse:py-2.5"
        >
          <span className="font-mono text-xs text-dim">
            <When at={line.at} />
          </span>
          <span className={clsx('text-xs font-medium', LOOK[line.level ?? ''] ?? 'text-dim')}>{line.level ? t(`level.${line.level}`) : '–'}</span>
          <span className="foreign truncate text-xs text-dim">{[line.host, line.service].filter(Boolean).join(' · ')}</span>
          <span className="foreign font-mono text-xs break-all max-sm:col-span-3 max-sm:line-clamp-3 sm:line-clamp-2">
            <Said line={line} shape={shape} />
          </span>
        </button>
        {open && <Opened line={line} only={only} />}
      </li>
    )
  },
  (before, after) => before.line === after.line && before.shape === after.shape,
)

function Said({ line, shape }: { line: LogLine; shape: Shape }) {
  if (shape === 'template' && line.template) return plain(line.template.text)
  const fields = shape === 'fields' ? fieldsOf(line.text) : null
  if (!fields) return plain(line.text)
  return fields.map(([name, value]) => (
    <span key={name} className="mr-3">
      <span className="text-dim">{plain(name)}=</span>
      {plain(value)}
    </span>
  ))
}

function Opened({ line, only }: { line: LogLine; only: Row['only'] }) {
  const { t } = useTranslation()
  const fields = fieldsOf(line.text)
  const address = `${window.location.origin}/logs?line=${encodeURIComponent(line.id)}`
  return (
    <div className="space-y-3 bg-deck px-3 py-3">
      <pre tabIndex={0} className="foreign max-h-72 overflow-auto font-mono text-xs whitespace-pre-wrap">
        {plain(line.text)}
      </pre>
      {fields && (
        <dl className="grid grid-cols-[max-content_minmax(0,1fr)] gap-x-4 gap-y-0.5 font-mono text-xs">
          {fields.slice(0, 60).map(([name, value]) => (
            <div key={name} className="contents">
              <dt className="foreign text-dim">{plain(name)}</dt>
              <dd className="foreign">{plain(value)}</dd>
            </div>
          ))}
        </dl>
      )}
      <p className="flex flex-wrap items-center gap-2 text-xs text-dim">
        <When at={line.at} show="both" /> <Chip>{plain(line.source)}</Chip> {line.template && <Chip className="font-mono">{plain(line.template.text)}</Chip>}
      </p>
      <p className="flex flex-wrap gap-2">
        <Link to="/logs" search={(old) => ({ ...old, line: line.id })} replace resetScroll={false} className="inline-flex min-h-9 items-center rounded-lg border border-(--edge) px-3 text-sm font-medium hover:bg-line/40 pointer-coarse:min-h-11">
          {t('logs.around')}
        </Link>
        <Link to="/logs" search={minuteOf(line.at)} className="inline-flex min-h-9 items-center rounded-lg border border-(--edge) px-3 text-sm font-medium hover:bg-line/40 pointer-coarse:min-h-11">
          {t('logs.sameMoment')}
        </Link>
        {line.template && (
          <Button small onClick={() => only('template', line.template?.id ?? '')}>
            {t('logs.likeThis')}
          </Button>
        )}
        <Link to="/logs" search={{ like: line.id }} className="inline-flex min-h-9 items-center rounded-lg border border-(--edge) px-3 text-sm font-medium hover:bg-line/40 pointer-coarse:min-h-11">
          {t('logs.similar')}
        </Link>
        {line.service && (
          <Button small onClick={() => only('service', line.service ?? '')}>
            {t('logs.onlyService', { service: line.service })}
          </Button>
        )}
        <Copied text={address} label={t('logs.copyLink')} />
      </p>
    </div>
  )
}
