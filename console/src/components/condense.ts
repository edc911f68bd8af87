// The journal says everything; a timeline gathers what says the same thing again.
import type { Happening } from '../api/types'

export interface Entry {
  key: number
  kind: string
  first: Happening
  last: Happening
  rows: Happening[]
}
export interface Chapter {
  key: number
  phase: string | null
  at: string
  entries: Entry[]
}

const GATHERED = new Set(['host.read', 'case.looked'])

/** Chapters by phase, oldest first; within each, readings and repeated looks are gathered where they first occurred. */
export function chapters(rows: Happening[]): Chapter[] {
  const found: Chapter[] = []
  for (const row of rows) {
    const phase = row.kind === 'case.phase' && typeof row.body?.phase === 'string' ? row.body.phase : null
    let chapter = found.at(-1)
    if (phase && chapter?.phase === phase) continue
    if (!chapter || phase) {
      chapter = { key: row.seq, phase, at: row.at, entries: [] }
      found.push(chapter)
    }
    if (!phase) gather(chapter.entries, row)
  }
  return found
}

/** The same for a mixed journal without chapters: only neighbours are gathered. */
export function neighbours(rows: Happening[]): Entry[] {
  const found: Entry[] = []
  for (const row of rows) {
    const last = found.at(-1)
    const same = last && last.kind === row.kind && GATHERED.has(row.kind) && last.first.actor === row.actor && last.first.case === row.case
    if (same) join(last, row)
    else found.push(entry(row))
  }
  return found
}

function gather(entries: Entry[], row: Happening) {
  const same = GATHERED.has(row.kind) && entries.find((one) => one.kind === row.kind && one.first.actor === row.actor)
  if (same) join(same, row)
  else entries.push(entry(row))
}

function entry(row: Happening): Entry {
  return { key: row.seq, kind: row.kind, first: row, last: row, rows: [row] }
}

function join(known: Entry, row: Happening) {
  known.rows.push(row)
  known.last = row
}

/** The lines that readings ran, each once. */
export function linesOf(entry: Entry): string[] {
  return [...new Set(entry.rows.flatMap((row) => (Array.isArray(row.body?.lines) ? (row.body.lines as unknown[]).map(String) : [])))]
}

export function readingsOf(entry: Entry): number {
  return entry.rows.reduce((sum, row) => sum + (typeof row.body?.count === 'number' ? row.body.count : 1), 0)
}
