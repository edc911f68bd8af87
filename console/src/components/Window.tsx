// A window over the page: the browser's own dialog keeps the focus inside, and Escape closes it.
import { type ReactNode, useEffect, useId, useRef } from 'react'

export function Window({ open, close, title, children }: { open: boolean; close: () => void; title: string; children: ReactNode }) {
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
      className="m-auto mt-[12dvh] max-h-[80dvh] w-[min(34rem,94vw)] rounded-xl border border-line bg-panel text-ink shadow-2xl backdrop:bg-black/50"
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
