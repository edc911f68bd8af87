// Markdown from the server. Raw HTML in it is never rendered: text from the world is data. The only links are to evidence.
import Markdown from 'react-markdown'
import gfm from 'remark-gfm'
import type { Evidence } from '../api/types'
import { plain } from './bits'
import { EvidenceMark } from './EvidenceChips'

const NAMED = /\s?\[(F-[\w-]+)\](?!\()/g

export default function Prose({ text, evidence = [] }: { text: string; evidence?: Evidence[] }) {
  const known = new Map(evidence.map((item, index) => [item.id, { item, number: index + 1 }]))
  const marked = plain(text).replace(NAMED, (_, id: string) => (known.has(id) ? ` [${known.get(id)?.number}](#${id})` : ''))
  return (
    <div className="prose foreign">
      <Markdown
        remarkPlugins={[gfm]}
        disallowedElements={['img']}
        unwrapDisallowed
        components={{
          a: ({ href, children }) => {
            const found = known.get(href?.slice(1) ?? '')
            return found ? <EvidenceMark {...found} /> : <>{children}</>
          },
        }}
      >
        {marked}
      </Markdown>
    </div>
  )
}
