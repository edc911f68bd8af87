import { useQuery } from '@tanstack/react-query'
import { useCallback, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { get } from '../api/client'
import { useHappenings } from '../api/events'
import type { Audit, Happening } from '../api/types'
import { Button, Panel, Trouble } from '../components/bits'
import { Timeline } from '../components/Timeline'

const KEPT = 300

export function Journal() {
  const { t } = useTranslation()
  const [rows, setRows] = useState<Happening[]>([])
  const audit = useQuery({ queryKey: ['audit'], queryFn: () => get<Audit>('/audit'), enabled: false })
  const seen = useCallback((row: Happening) => {
    setRows((before) => (before.some((one) => one.seq === row.seq) ? before : [row, ...before].sort((a, b) => b.seq - a.seq).slice(0, KEPT)))
  }, [])
  useHappenings('/events?recent=100', seen)
  return (
    <div>
      <h1 className="text-2xl font-semibold tracking-tight">{t('journal.title')}</h1>
      <p className="mt-1 mb-4 text-dim">{t('journal.lead')}</p>
      <div className="mb-4 flex items-center gap-4">
        <Button onClick={() => void audit.refetch()} disabled={audit.isFetching}>
          {t('journal.verify')}
        </Button>
        {audit.data &&
          (audit.data.valid ? (
            <p className="text-good">✓ {t('journal.valid', { count: audit.data.entries })}</p>
          ) : (
            <p className="text-bad">{t('journal.broken', { row: audit.data.first_bad })}</p>
          ))}
      </div>
      {audit.error && <Trouble error={audit.error} />}
      <Panel>
        <Timeline rows={rows} name={t('journal.title')} />
      </Panel>
    </div>
  )
}
