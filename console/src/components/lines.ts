// Log lines as a page handles them: what they hold, which of them are shown, and since when.
export interface LogLine {
  id: string
  at: string
  host: string
  source: string
  service: string | null
  level: string | null
  template: { id: string; text: string } | null
  text: string
}

export const RANGES = { '15m': 15, '1h': 60, '6h': 360, '24h': 1440, '7d': 10_080 } as const
export type Range = keyof typeof RANGES
export const KEPT = 2_000

/** The names and values that a line carries: of JSON wherever it begins, else of logfmt; null where it is neither. */
export function fieldsOf(text: string): [string, string][] | null {
  const from = text.indexOf('{')
  if (from >= 0) {
    try {
      const read = JSON.parse(text.slice(from)) as unknown
      if (typeof read === 'object' && read !== null && !Array.isArray(read)) return flat(read as Record<string, unknown>)
    } catch {
      // a brace in a sentence
    }
  }
  const pairs = [...text.matchAll(/(?:^|\s)([A-Za-z_][\w.-]*)=("(?:[^"\\]|\\.)*"|\S*)/g)].map((found): [string, string] => [found[1] ?? '', (found[2] ?? '').replace(/^"|"$/g, '')])
  return pairs.length >= 2 ? pairs : null
}

function flat(tree: Record<string, unknown>, prefix = ''): [string, string][] {
  return Object.entries(tree).flatMap(([name, value]): [string, string][] => {
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return flat(value as Record<string, unknown>, `${prefix}${name}.`)
    return [[`${prefix}${name}`, typeof value === 'string' ? value : JSON.stringify(value)]]
  })
}

/** Newest first, each once, never more than are kept. */
export function joined(shown: LogLine[], came: LogLine[]): LogLine[] {
  const known = new Set(shown.map((line) => line.id))
  const fresh = came.filter((line) => !known.has(line.id))
  return fresh.length === 0 ? shown : [...fresh.reverse().sort((a, b) => b.at.localeCompare(a.at)), ...shown].slice(0, KEPT)
}

/** When a range began, in whole minutes, so that asking again is asking the same. */
export function since(range: string | undefined, now: Date): string | undefined {
  if (!range || !Object.hasOwn(RANGES, range)) return undefined
  const minutes = RANGES[range as Range]
  return new Date(Math.floor(now.getTime() / 60_000) * 60_000 - minutes * 60_000).toISOString()
}

/** The corners of a line through counts, for a box of a given size. */
export function spark(counts: number[], width: number, height: number): string {
  const top = Math.max(1, ...counts)
  const step = counts.length > 1 ? width / (counts.length - 1) : 0
  return counts.map((count, index) => `${round(index * step)},${round(height - (count / top) * height)}`).join(' ')
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}

/** The minute around an instant, as the ends of a range. */
export function minuteOf(at: string): { since: string; until: string } {
  const middle = new Date(at).getTime()
  return { since: new Date(middle - 30_000).toISOString(), until: new Date(middle + 30_000).toISOString() }
}
