// What differs from the record of when the host was well.
import { useTranslation } from 'react-i18next'
import type { Change } from '../api/types'
import { plain, shown, When } from './bits'

const MANY = 40

export function ChangeList({ changes }: { changes: Change[] }) {
  const { t, i18n } = useTranslation()
  return (
    <ul className="divide-y divide-line">
      {changes.slice(0, MANY).map((change, index) => (
        <li key={index} className="py-2.5 text-sm first:pt-0 last:pb-0">
          <p className="flex flex-wrap items-baseline gap-x-2">
            <span className="font-medium">{t(`change.${change.after == null ? 'gone' : change.before == null ? 'new' : 'changed'}`)}</span>
            <span className="text-dim">{i18n.exists(`baseline.${change.kind}`) ? t(`baseline.${change.kind}`) : change.kind}</span>
            <code className="foreign min-w-0 font-mono text-[0.8rem]">{plain(change.path)}</code>
            {change.at && (
              <span className="text-xs text-dim">
                <When at={change.at} show="both" />
              </span>
            )}
          </p>
          <Sides change={change} />
        </li>
      ))}
      {changes.length > MANY && <li className="pt-2.5 text-sm text-dim">{t('change.others', { count: changes.length - MANY })}</li>}
    </ul>
  )
}

function Sides({ change }: { change: Change }) {
  const { t } = useTranslation()
  const [before, after] = different(change.before, change.after)
  return (
    <dl className="mt-1 grid grid-cols-[max-content_1fr] gap-x-3 font-mono text-xs text-dim">
      {before && (
        <>
          <dt className="font-sans">{t('change.was')}</dt>
          <dd className="foreign line-clamp-4">{plain(before)}</dd>
        </>
      )}
      {after && (
        <>
          <dt className="font-sans">{t('change.is')}</dt>
          <dd className="foreign line-clamp-4 text-ink">{plain(after)}</dd>
        </>
      )}
    </dl>
  )
}

/** Both sides in words; of two records only what differs. */
function different(before: unknown, after: unknown): [string, string] {
  if (isRecord(before) && isRecord(after)) {
    const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter((name) => shown(before[name]) !== shown(after[name]))
    return [record(before, names), record(after, names)]
  }
  return [isRecord(before) ? record(before, Object.keys(before)) : shown(before), isRecord(after) ? record(after, Object.keys(after)) : shown(after)]
}

function record(value: Record<string, unknown>, names: string[]): string {
  return names
    .filter((name) => value[name] != null)
    .map((name) => `${name}: ${shown(value[name])}`)
    .join(' · ')
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
