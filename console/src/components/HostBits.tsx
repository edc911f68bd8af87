import { clsx } from 'clsx'
import { useTranslation } from 'react-i18next'
import type { Host } from '../api/types'
import { Chip } from './bits'
import { ownLabels } from './select'

const LOOK: Record<string, string> = { ok: 'text-good', unreachable: 'text-bad', key_changed: 'text-bad' }
const SIGN: Record<string, string> = { ok: '●', unreachable: '○', key_changed: '⚠' }

export function HostStatus({ status }: { status: string }) {
  const { t } = useTranslation()
  return (
    <span className={clsx('inline-flex items-center gap-1.5 text-sm font-medium whitespace-nowrap', LOOK[status] ?? 'text-dim')}>
      <span aria-hidden className="text-[0.8em] leading-none">
        {SIGN[status] ?? '◌'}
      </span>
      {t(`status.${status}`)}
    </span>
  )
}

export function Labels({ host }: { host: Host }) {
  return ownLabels(host).map((label) => <Chip key={label}>{label.startsWith('tag:') ? `#${label.slice(4)}` : label}</Chip>)
}
