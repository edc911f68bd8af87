// The journal as it is written. The browser resumes by itself where it was cut off (Last-Event-ID); where the server answered
// with an error it gives up, so then it is opened anew after the last row that was seen.
import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import type { CaseDocument, Happening } from './types'

const OPEN_AGAIN_MS = 2_000
const FRESHEN_MS = 250
// What the journal does not change, or what would itself write into the journal when it is read again.
const NOT_BY_JOURNAL = new Set(['session', 'audit', 'changes', 'logs', 'outlook', 'trends'])

export function useHappenings(path: string, seen: (happening: Happening) => void, opened?: () => void): boolean {
  const [live, setLive] = useState(false)
  useEffect(() => {
    let source: EventSource | undefined
    let again: ReturnType<typeof setTimeout> | undefined
    let last = 0
    const open = () => {
      source = new EventSource(`/api/v1${path}${last ? `${path.includes('?') ? '&' : '?'}after=${last}` : ''}`)
      source.onopen = () => {
        setLive(true)
        opened?.()
      }
      source.onerror = () => {
        setLive(false)
        if (source?.readyState === EventSource.CLOSED) again = setTimeout(open, OPEN_AGAIN_MS)
      }
      source.onmessage = (message) => {
        const happening = JSON.parse(message.data as string) as Happening
        last = Math.max(last, happening.seq)
        seen(happening)
      }
    }
    open()
    return () => {
      clearTimeout(again)
      source?.close()
    }
    // `seen` and `opened` may change at each render without the stream having to be opened anew
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [path])
  return live
}

/** Keeps what is on the screen as fresh as the journal: its row at once, all that follows from it a moment later. */
export function useFreshLists(): boolean {
  const client = useQueryClient()
  const [due] = useState<{ timer?: ReturnType<typeof setTimeout> }>({})
  const freshen = () => {
    due.timer ??= setTimeout(() => {
      due.timer = undefined
      void client.invalidateQueries({ predicate: (query) => !NOT_BY_JOURNAL.has(String(query.queryKey[0])) })
    }, FRESHEN_MS)
  }
  const show = (row: Happening) => {
    client.setQueriesData<CaseDocument>({ queryKey: ['case'], predicate: (query) => query.queryKey[1] === row.case }, (old) =>
      old && (old.timeline.at(-1)?.seq ?? 0) < row.seq ? { ...old, timeline: [...old.timeline, row] } : old,
    )
    freshen()
  }
  // rows may have been missed before it opened
  return useHappenings('/events', show, freshen)
}
