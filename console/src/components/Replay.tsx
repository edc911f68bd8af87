// A recording, seen again: played, stopped, faster, from anywhere.
import { useQuery } from '@tanstack/react-query'
import { useEffect, useMemo, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { getText } from '../api/client'
import { Button, Loading, Trouble, useSeconds } from './bits'
import { readCast, shownUntil, sizeOf } from './cast'
import { openScreen, type Screen } from './screen'

const SPEEDS = [1, 2, 5, 20]
const FRAME_MS = 50

export default function Replay({ id }: { id: string }) {
  const { t } = useTranslation()
  const seconds = useSeconds()
  const found = useQuery({ queryKey: ['recording', id], queryFn: () => getText(`/terminals/${id}/recording`), staleTime: 0, gcTime: 0, refetchOnWindowFocus: false })
  const cast = useMemo(() => (found.data === undefined ? null : readCast(found.data)), [found.data])
  const place = useRef<HTMLDivElement>(null)
  const screen = useRef<Screen | null>(null)
  const at = useRef({ time: 0, next: 0 })
  const [time, setTime] = useState(0)
  const [playing, setPlaying] = useState(true)
  const [speed, setSpeed] = useState(1)
  useEffect(() => {
    if (!cast || !place.current) return
    const opened = openScreen(place.current, cast)
    screen.current = opened
    at.current = { time: 0, next: 0 }
    return () => {
      screen.current = null
      opened.close()
    }
  }, [cast])
  useEffect(() => {
    if (!cast || !playing) return
    const timer = setInterval(() => {
      at.current.time = Math.min(cast.length, at.current.time + (FRAME_MS / 1000) * speed)
      for (let event = cast.events[at.current.next]; event && event.at <= at.current.time; event = cast.events[++at.current.next]) {
        const size = event.kind === 'r' ? sizeOf(event.data) : null
        if (size) screen.current?.terminal.resize(...size)
        else if (event.kind === 'o') screen.current?.terminal.write(event.data)
      }
      setTime(at.current.time)
      if (at.current.time >= cast.length) setPlaying(false)
    }, FRAME_MS)
    return () => clearInterval(timer)
  }, [cast, playing, speed])
  const seek = (to: number) => {
    if (!cast) return
    const { text, next } = shownUntil(cast, to)
    at.current = { time: to, next }
    screen.current?.terminal.reset()
    screen.current?.terminal.write(text)
    setTime(to)
  }
  if (found.error) return <Trouble error={found.error} />
  if (!cast) return <Loading />
  const over = time >= cast.length
  return (
    <>
      <div ref={place} className="max-h-[55dvh] overflow-auto rounded-lg border border-line bg-[#0d1a27] p-2" tabIndex={0} role="group" aria-label={t('terminal.replay')} />
      <div className="mt-3 flex flex-wrap items-center gap-3">
        <Button
          look="main"
          onClick={() => {
            if (over) seek(0)
            setPlaying(!playing || over)
          }}
        >
          {t(playing ? 'terminal.pause' : 'terminal.play')}
        </Button>
        <input type="range" aria-label={t('terminal.position')} min={0} max={cast.length} step="any" value={time} onChange={(event) => seek(Number(event.target.value))} className="min-w-24 grow accent-lamp" />
        <span className="text-sm tabular-nums text-dim">
          {seconds(time)} / {seconds(cast.length)}
        </span>
        <select aria-label={t('terminal.speed')} value={speed} onChange={(event) => setSpeed(Number(event.target.value))} className="bounded min-h-11 rounded-lg bg-panel px-2 text-sm">
          {SPEEDS.map((each) => (
            <option key={each} value={each}>
              {each}×
            </option>
          ))}
        </select>
      </div>
      <p className="mt-2 text-xs text-dim">{t('terminal.silence')}</p>
    </>
  )
}
