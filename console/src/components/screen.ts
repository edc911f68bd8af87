// The emulator of a terminal. The page's policy allows no style that is written into it; the emulator writes three: they become
// sheets of the document instead, which the policy lets a script adopt.
import { FitAddon } from '@xterm/addon-fit'
import { Terminal } from '@xterm/xterm'
import '@xterm/xterm/css/xterm.css'

export interface Screen {
  terminal: Terminal
  fit: () => void
  close: () => void
}

export function openScreen(place: HTMLElement, size?: { columns: number; rows: number }): Screen {
  const terminal = new Terminal({
    ...(size && { cols: size.columns, rows: size.rows }),
    fontFamily: "'JetBrains Mono', ui-monospace, monospace",
    fontSize: 13,
    scrollback: 5_000,
    screenReaderMode: false,
    cursorBlink: !window.matchMedia('(prefers-reduced-motion: reduce)').matches,
    theme: { background: '#0d1a27', foreground: '#e6edf4', cursor: '#f2a33a', selectionBackground: '#33526d' },
    // a host's words open nothing
    linkHandler: { activate: () => undefined },
  })
  const fitting = new FitAddon()
  terminal.loadAddon(fitting)
  const sheets = withSheets(() => terminal.open(place))
  return {
    terminal,
    fit: () => fitting.fit(),
    close: () => {
      terminal.dispose()
      document.adoptedStyleSheets = document.adoptedStyleSheets.filter((sheet) => !sheets.includes(sheet))
    },
  }
}

function withSheets(work: () => void): CSSStyleSheet[] {
  const made: CSSStyleSheet[] = []
  const create = document.createElement.bind(document)
  document.createElement = ((name: string, options?: ElementCreationOptions) => {
    if (name !== 'style') return create(name, options)
    // even an empty style is refused by the policy: something unseen stands where it would
    const stand = create('span')
    const sheet = new CSSStyleSheet()
    made.push(sheet)
    stand.hidden = true
    Object.defineProperty(stand, 'textContent', { set: (text: string) => sheet.replaceSync(text), get: () => '' })
    return stand
  }) as typeof document.createElement
  try {
    work()
  } finally {
    document.createElement = create
  }
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, ...made]
  return made
}
