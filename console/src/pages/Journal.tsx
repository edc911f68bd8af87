import { useQuery } from '@tanstack/react-query'
import { useCallback, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { get } from '../api/client'
import { useHappenings } from '../api/events'
import type { Audit, Happening } from '../api/types'
import { Button, Page, Panel, Trouble } from '../components/bits'
import { Log } from '../components/Timeline'

const KEPT = 500

export function Journal() {
  const { t, i18n } = useTranslation()
  const [rows, setRows] = useState<Happening[]>([])
  const audit = useQuery({ queryKey: ['audit'], queryFn: () => get<Audit>('/audit'), enabled: false })
  const seen = useCallback((row: Happening) => {
    setRows((before) => (before.some((one) => one.seq === row.seq) ? before : [row, ...before].sort((a, b) => b.seq - a.seq).slice(0, KEPT)))
  }, [])
  useHappenings('/events?recent=100', seen)
  const number = new Intl.NumberFormat(i18n.language)
  return (
    <Page
      title={t('journal.title')}
      lead={t('journal.lead')}
      aside={
        <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
          <p role="status" className="text-sm font-medium">
            {audit.data &&
              (audit.data.valid ? (
                <span className="text-good">✓ {t('journal.valid', { shown: number.format(audit.data.entries), count: audit.data.entries })}</span>
              ) : (
                <span className="text-bad">✕ {t('journal.broken', { row: audit.data.first_bad })}</span>
              ))}
          </p>
          <Button onClick={() => void audit.refetch()} disabled={audit.isFetching}>
            {t('journal.verify')}
          </Button>
        </div>
      }
    >
      {audit.error && <Trouble error={audit.error} />}
      <Panel>
        <Log rows={rows} name={t('journal.title')} />
      </Panel>
    </Page>
  )
}
