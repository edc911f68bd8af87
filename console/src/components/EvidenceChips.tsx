import { Popover } from 'radix-ui'
import { useTranslation } from 'react-i18next'
import type { Evidence } from '../api/types'

export function EvidenceChips({ evidence }: { evidence: Evidence[] }) {
  const { t } = useTranslation()
  if (evidence.length === 0) return null
  return (
    <div>
      <h3 className="text-sm font-semibold">{t('case.evidence')}</h3>
      <p className="text-sm text-dim">{t('case.evidenceHelp')}</p>
      <ul className="mt-2 flex flex-wrap gap-2">
        {evidence.map((item) => (
          <li key={item.id} className="min-w-0 max-w-full">
            <Popover.Root>
              <Popover.Trigger className="flex min-h-9 max-w-full items-center gap-2 rounded-full border border-line px-3 text-left text-sm hover:bg-line/40">
                <span className="font-mono text-xs text-lamp">{item.id}</span>
                <span className="truncate">{(item.excerpt || item.source).split('\n')[0]}</span>
              </Popover.Trigger>
              <Popover.Portal>
                <Popover.Content sideOffset={6} collisionPadding={12} className="z-20 w-[min(38rem,92vw)] rounded-xl border border-line bg-panel p-4 shadow-xl">
                  <p className="text-xs font-semibold text-dim">{t('case.source')}</p>
                  <pre className="mt-1 overflow-x-auto font-mono text-[0.8rem] whitespace-pre-wrap [overflow-wrap:anywhere]">{item.source}</pre>
                  {item.excerpt && (
                    <>
                      <p className="mt-3 text-xs font-semibold text-dim">{t('case.excerpt')}</p>
                      <pre className="mt-1 max-h-72 overflow-auto font-mono text-[0.8rem] whitespace-pre-wrap [overflow-wrap:anywhere]">{item.excerpt}</pre>
                    </>
                  )}
                  <Popover.Arrow className="fill-line" />
                </Popover.Content>
              </Popover.Portal>
            </Popover.Root>
          </li>
        ))}
      </ul>
    </div>
  )
}
