// A recording of a terminal (asciicast version 2), and where a replay of it stands.
export interface Cast {
  columns: number
  rows: number
  /** When each thing was shown, in seconds of the replay: long silences are cut short. */
  events: { at: number; kind: 'o' | 'r'; data: string }[]
  length: number
}

const SILENCE_S = 2

export function readCast(text: string): Cast {
  const [first = '', ...rest] = text.split('\n')
  const header = parsed(first) as { width?: number; height?: number } | null
  const events: Cast['events'] = []
  let [last, at] = [0, 0]
  for (const line of rest) {
    // the last line of a recording that still goes on may be half a line
    const row = parsed(line)
    if (!Array.isArray(row) || typeof row[0] !== 'number' || typeof row[2] !== 'string') continue
    at += Math.min(Math.max(0, row[0] - last), SILENCE_S)
    last = row[0]
    if (row[1] === 'o' || row[1] === 'r') events.push({ at, kind: row[1], data: row[2] })
  }
  return { columns: header?.width ?? 80, rows: header?.height ?? 24, events, length: at }
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return null
  }
}

/** Everything that was shown until an instant, as one text. */
export function shownUntil(cast: Cast, at: number): { text: string; next: number } {
  const next = cast.events.findIndex((event) => event.at > at)
  const until = next < 0 ? cast.events.length : next
  return {
    text: cast.events
      .slice(0, until)
      .filter((event) => event.kind === 'o')
      .map((event) => event.data)
      .join(''),
    next: until,
  }
}

/** `80x24` of a change of size; null where it is none. */
export function sizeOf(data: string): [number, number] | null {
  const found = /^(\d{1,4})x(\d{1,4})$/.exec(data)
  return found ? [Number(found[1]), Number(found[2])] : null
}
