// Markdown from the server. Raw HTML in it is never rendered: text from the world is data.
import Markdown from 'react-markdown'
import gfm from 'remark-gfm'

export default function Prose({ text }: { text: string }) {
  return (
    <div className="prose">
      <Markdown remarkPlugins={[gfm]} disallowedElements={['img', 'a']} unwrapDisallowed>
        {text}
      </Markdown>
    </div>
  )
}
