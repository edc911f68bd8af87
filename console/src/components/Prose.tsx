// Markdown from the server. Raw HTML in it is never rendered: text from the world is data. The only links are to evidence.
import { useTranslation } from 'react-i18next'
import Markdown from 'react-markdown'
import gfm from 'remark-gfm'
import type { Evidence } from '../api/types'
import { plain, typeset } from './bits'
import { EvidenceMark } from './EvidenceChips'

// facts and findings as the server names them; those that are not shown with the case need no mark
const NAMED = /\s?\[((?:F|finding)-[^\]\s]+)\](?!\()/g
const CODE = /(```[\s\S]*?```|`[^`]*`)/

export default function Prose({ text, evidence = [] }: { text: string; evidence?: Evidence[] }) {
  const { i18n } = useTranslation()
  const known = new Map(evidence.map((item, index) => [item.id, { item, number: index + 1 }]))
  const set = plain(text)
    .split(CODE)
    .map((part, index) => (index % 2 ? part : typeset(part, i18n.language)))
    .join('')
  const marked = set.replace(NAMED, (_, id: string) => (known.has(id) ? ` [${known.get(id)?.number}](#${encodeURIComponent(id)})` : ''))
  return (
    <div className="prose foreign">
      <Markdown
        remarkPlugins={[gfm]}
        disallowedElements={['img']}
        unwrapDisallowed
        components={{
          a: ({ href, children }) => {
            const found = known.get(decodeURIComponent(href?.slice(1) ?? ''))
            return found ? <EvidenceMark {...found} /> : <>{children}</>
          },
        }}
      >
        {marked}
      </Markdown>
    </div>
  )
}
