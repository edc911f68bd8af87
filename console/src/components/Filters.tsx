// What narrows a list: words, and one of few views.
import { clsx } from 'clsx'
import { useEffect, useEffectEvent, useState } from 'react'

const TYPED_MS = 200

/** Words to look for, told once the typing has stopped for a moment. */
export function Search({ label, value, change }: { label: string; value: string; change: (words: string) => void }) {
  const [typed, setTyped] = useState(value)
  const tell = useEffectEvent(change)
  useEffect(() => {
    // telling unasked would undo a click that is still on its way
    if (typed === value) return
    const timer = setTimeout(() => tell(typed), TYPED_MS)
    return () => clearTimeout(timer)
  }, [typed, value])
  return (
    <input
      type="search"
      aria-label={label}
      placeholder={label}
      value={typed}
      maxLength={200}
      onChange={(event) => setTyped(event.target.value)}
      className="bounded min-h-11 min-w-0 grow rounded-lg bg-panel px-3 placeholder:text-dim sm:max-w-xs"
    />
  )
}

/** One of few, side by side; `named` says each one's word. */
export function Segments<T extends string>({ label, value, options, named, change }: { label: string; value: T; options: readonly T[]; named: (option: T) => string; change: (option: T) => void }) {
  return (
    <div role="group" aria-label={label} className="flex rounded-lg border border-line bg-panel p-1">
      {options.map((option) => (
        <button
          key={option}
          type="button"
          aria-pressed={option === value}
          onClick={() => change(option)}
          className={clsx('min-h-9 rounded-md px-3 text-sm font-medium pointer-coarse:min-h-11', option === value ? 'bg-lamp text-lamp-ink' : 'text-dim hover:text-ink')}
        >
          {named(option)}
        </button>
      ))}
    </div>
  )
}
