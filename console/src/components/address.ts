// What a person types as the address of a server, in whatever shape they know it.
export interface SshAddress {
  user: string
  host: string
  port: string
}

/** `ssh://user@host:port`, `user@host`, `host:22`, `[2001:db8::1]:22`, an address alone: what was said of each part, '' of what was not. */
export function readAddress(typed: string): SshAddress {
  const bare = typed.trim().replace(/^ssh:\/\//i, '').replace(/^ssh\s+/i, '').replace(/\/+$/, '')
  const at = bare.lastIndexOf('@')
  const user = at < 0 ? '' : bare.slice(0, at)
  const rest = bare.slice(at + 1)
  const bracketed = /^\[([^\]]+)\](?::(\d+))?$/.exec(rest)
  if (bracketed) return { user, host: bracketed[1] ?? '', port: bracketed[2] ?? '' }
  // more than one colon and no brackets: an IPv6 address alone
  const parts = rest.split(':')
  return parts.length === 2 ? { user, host: parts[0] ?? '', port: parts[1] ?? '' } : { user, host: rest, port: '' }
}

export function writeAddress({ user, host, port }: SshAddress): string {
  const named = host.includes(':') ? `[${host}]` : host
  return `ssh://${user ? `${user}@` : ''}${named}${port && port !== '22' ? `:${port}` : ''}`
}

/** A name that a host could be given: the first word of its address; of a number, all of it. */
export function suggestName(host: string): string {
  const word = /^[\d.:]+$/.test(host) ? host.replaceAll(':', '-') : (host.split('.')[0] ?? '')
  return word.replace(/[^A-Za-z0-9._-]/g, '-').replace(/^[^A-Za-z0-9]+/, '').slice(0, 63)
}

/** Words apart by commas or blanks, each once. */
export function words(typed: string): string[] {
  return [...new Set(typed.split(/[\s,;]+/).filter(Boolean))]
}
