// A series of measures as it is drawn and told.
export interface Series {
  subject: string
  name: string
  value: number
  points: { at: string; value: number }[]
  forecast: { ends_at: string; earliest: string | null; latest: string | null; confidence: number } | null
}

/** The least and the most that a drawing shows; a share always shows its whole scale. */
export function bounds({ name, points }: Series): [number, number] {
  const values = points.map((point) => point.value)
  if (isShare(name)) return [0, Math.max(1, ...values)]
  const [low, high] = [Math.min(...values), Math.max(...values)]
  return low === high ? [Math.min(0, low), high || 1] : [low, high]
}

/** The corners of a series in a box: time to the right, more is higher. */
export function path(series: Series, width: number, height: number): string {
  const times = series.points.map((point) => new Date(point.at).getTime())
  const [from, until] = [Math.min(...times), Math.max(...times)]
  const [low, high] = bounds(series)
  return series.points
    .map((point, index) => {
      const across = until > from ? (((times[index] ?? from) - from) / (until - from)) * width : 0
      return `${across.toFixed(1)},${(height - ((point.value - low) / (high - low)) * height).toFixed(1)}`
    })
    .join(' ')
}

/** What a series is about, without the word for its kind: `disk:/var` is `/var`, the host itself is nothing more. */
export function subject(series: Series): string {
  return series.subject === 'host' ? '' : series.subject.replace(/^[a-z_]+:(?=.)/, '')
}

export function figure(name: string, value: number, language: string): string {
  const form = (options: Intl.NumberFormatOptions) => new Intl.NumberFormat(language, { maximumFractionDigits: 1, ...options })
  if (isShare(name)) return form({ style: 'percent' }).format(value)
  if (/bytes$/.test(name)) return bytes(value, form)
  if (/days/.test(name)) return form({ style: 'unit', unit: 'day', unitDisplay: 'short' }).format(value)
  return form({}).format(value)
}

function isShare(name: string): boolean {
  return /(?:^|[._])(?:ratio|share)$/.test(name)
}

const UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte']

function bytes(value: number, form: (options: Intl.NumberFormatOptions) => Intl.NumberFormat): string {
  const step = value > 0 ? Math.min(UNITS.length - 1, Math.floor(Math.log10(value) / 3)) : 0
  return form({ style: 'unit', unit: UNITS[step], unitDisplay: 'short' }).format(value / 1000 ** step)
}
