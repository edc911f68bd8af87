// A window over the page: the browser's own dialog keeps the focus inside, and Escape closes it.
import { clsx } from 'clsx'
import { type ReactNode, useEffect, useId, useRef } from 'react'

export function Window({ open, close, title, wide, children }: { open: boolean; close: () => void; title: string; wide?: boolean; children: ReactNode }) {
  const dialog = useRef<HTMLDialogElement>(null)
  const id = useId()
  useEffect(() => {
    if (open) dialog.current?.showModal()
    else dialog.current?.close()
  }, [open])
  return (
    <dialog
      ref={dialog}
      aria-labelledby={id}
      onClose={close}
      onPointerDown={(event) => event.target === dialog.current && close()}
      className={clsx('m-auto max-h-[88dvh] rounded-xl border border-line bg-panel text-ink shadow-2xl backdrop:bg-black/50', wide ? 'mt-[6dvh] w-[min(46rem,94vw)]' : 'mt-[10dvh] w-[min(34rem,94vw)]')}
    >
      {open && (
        <div className="p-5">
          <h2 id={id} className="mb-3 text-lg font-semibold text-balance">
            {title}
          </h2>
          {children}
        </div>
      )}
    </dialog>
  )
}
