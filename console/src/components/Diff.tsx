// A unified diff; each side is marked by its sign, not by colour alone.
import { clsx } from 'clsx'

export function Diff({ text }: { text: string }) {
  return (
    <pre tabIndex={0} className="overflow-x-auto rounded-lg border border-line bg-deck py-2 font-mono text-[0.82rem] leading-relaxed">
      {text.split('\n').map((line, index) => (
        <div key={index} className={clsx('px-3', colour(line))}>
          {line || ' '}
        </div>
      ))}
    </pre>
  )
}

function colour(line: string): string {
  if (line.startsWith('+') && !line.startsWith('+++')) return 'bg-good/12 text-good'
  if (line.startsWith('-') && !line.startsWith('---')) return 'bg-bad/12 text-bad'
  if (line.startsWith('@@') || line.startsWith('+++') || line.startsWith('---')) return 'text-dim'
  return ''
}
