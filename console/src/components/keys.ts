// j and k walk through the rows of a list, Enter opens one; never inside a field, never with a chord of the browser.
import { useEffect, useRef } from 'react'

export function useRowKeys() {
  const list = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const walk = (event: KeyboardEvent) => {
      const typing = event.target instanceof HTMLElement && event.target.closest('input, textarea, select, [role=dialog]')
      if (typing || event.ctrlKey || event.metaKey || event.altKey || !['j', 'k'].includes(event.key)) return
      const rows = [...(list.current?.querySelectorAll<HTMLElement>('[data-row]') ?? [])]
      if (rows.length === 0) return
      const at = rows.indexOf(document.activeElement as HTMLElement)
      const next = event.key === 'j' ? Math.min(at + 1, rows.length - 1) : Math.max(at - 1, 0)
      rows[next]?.focus()
      event.preventDefault()
    }
    document.addEventListener('keydown', walk)
    return () => document.removeEventListener('keydown', walk)
  }, [])
  return list
}
