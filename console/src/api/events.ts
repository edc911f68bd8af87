// The journal as it is written. The browser resumes by itself where it was cut off (Last-Event-ID).
import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import type { Happening } from './types'

export function useHappenings(path: string, seen: (happening: Happening) => void): boolean {
  const [live, setLive] = useState(false)
  useEffect(() => {
    const source = new EventSource(`/api/v1${path}`)
    source.onopen = () => setLive(true)
    source.onerror = () => setLive(false)
    source.onmessage = (message) => seen(JSON.parse(message.data as string) as Happening)
    return () => source.close()
    // `seen` may change at each render without the stream having to be opened anew
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [path])
  return live
}

/** Keeps what is on the screen as fresh as the journal; at most one refresh every 300 ms. */
export function useFreshLists(): boolean {
  const client = useQueryClient()
  const [due] = useState<{ timer?: ReturnType<typeof setTimeout> }>({})
  return useHappenings('/events', () => {
    due.timer ??= setTimeout(() => {
      due.timer = undefined
      void client.invalidateQueries({ predicate: (query) => query.queryKey[0] !== 'session' })
    }, 300)
  })
}
