// A window over the page: asked for, closed by Escape.
import { Dialog } from 'radix-ui'
import type { ReactNode } from 'react'

export function Window({ open, onOpenChange, title, trigger, children }: { open: boolean; onOpenChange: (open: boolean) => void; title: string; trigger: ReactNode; children: ReactNode }) {
  return (
    <Dialog.Root open={open} onOpenChange={onOpenChange}>
      <Dialog.Trigger asChild>{trigger}</Dialog.Trigger>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-10 bg-black/50" />
        <Dialog.Content
          aria-describedby={undefined}
          className="fixed top-[12dvh] left-1/2 z-20 max-h-[80dvh] w-[min(34rem,94vw)] -translate-x-1/2 overflow-y-auto rounded-xl border border-line bg-panel p-5 shadow-2xl"
        >
          <Dialog.Title className="mb-3 text-lg font-semibold text-balance">{title}</Dialog.Title>
          {children}
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  )
}
