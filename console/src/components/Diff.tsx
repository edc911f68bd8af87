// A unified diff; each side is marked by its sign, not by colour alone.
import { clsx } from 'clsx'
import { useTranslation } from 'react-i18next'
import { plain } from './bits'

export function Diff({ text }: { text: string }) {
  const { t } = useTranslation()
  return (
    <pre tabIndex={0} role="region" aria-label={t('case.diff')} className="max-h-96 overflow-auto rounded-lg border border-line bg-deck py-2 font-mono text-[0.8rem] leading-relaxed">
      {text.split('\n').map((line, index) => (
        <div key={index} className={clsx('min-w-max px-3', colour(line))}>
          {plain(line) || ' '}
        </div>
      ))}
    </pre>
  )
}

function colour(line: string): string {
  if (line.startsWith('@@') || line.startsWith('+++') || line.startsWith('---')) return 'text-dim'
  if (line.startsWith('+')) return 'bg-good/10 text-good'
  if (line.startsWith('-')) return 'bg-bad/10 text-bad'
  return ''
}
