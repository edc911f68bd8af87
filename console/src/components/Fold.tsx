// Long text shown by its beginning until the reader asks for the rest.
import { clsx } from 'clsx'
import { type ReactNode, useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Button } from './bits'

export function Fold({ children, height }: { children: ReactNode; height: number }) {
  const { t } = useTranslation()
  const inside = useRef<HTMLDivElement>(null)
  const [tall, setTall] = useState(false)
  const [open, setOpen] = useState(false)
  useEffect(() => {
    const watched = inside.current
    if (!watched) return
    const watch = new ResizeObserver(() => setTall(watched.scrollHeight > height * 1.25))
    watch.observe(watched)
    return () => watch.disconnect()
  }, [height])
  const folded = tall && !open
  return (
    <div>
      <div style={folded ? { maxHeight: height } : undefined} className={clsx('overflow-hidden', folded && 'mask-b-from-70% print:max-h-none! print:mask-none')}>
        <div ref={inside}>{children}</div>
      </div>
      {tall && (
        <Button small look="quiet" className="mt-1 -ml-3" aria-expanded={open} onClick={() => setOpen(!open)}>
          {open ? t('less') : t('more')}
        </Button>
      )}
    </div>
  )
}
