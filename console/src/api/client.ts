// The only place that talks to the server.
import type { Session } from './types'

export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly what: string,
    readonly why: string,
    readonly next: string,
    readonly code = '',
    readonly fingerprint = '',
  ) {
    super(what)
  }
}

let csrf = ''

export async function session(): Promise<Session> {
  const found = await get<Session>('/session')
  csrf = found.csrf
  return found
}

export function get<T>(path: string): Promise<T> {
  return call<T>('GET', path)
}

/** What is no JSON, as it is. */
export function getText(path: string): Promise<string> {
  return call<string>('GET', path, undefined, (answer) => answer.text())
}

export function post<T>(path: string, body: unknown = {}): Promise<T> {
  return call<T>('POST', path, body)
}

export function remove<T>(path: string): Promise<T> {
  return call<T>('DELETE', path)
}

async function call<T>(method: string, path: string, body?: unknown, read = (answer: Response): Promise<unknown> => answer.json()): Promise<T> {
  const headers: Record<string, string> = { Accept: 'application/json, */*' }
  if (body !== undefined) headers['Content-Type'] = 'application/json'
  if (method !== 'GET') headers['X-CSRF-Token'] = csrf
  const answer = await fetch(`/api/v1${path}`, {
    method,
    headers,
    credentials: 'same-origin',
    body: body === undefined ? undefined : JSON.stringify(body),
  })
  if (answer.status === 401) {
    window.location.assign('/login')
    throw new Problem(401, '', '', '')
  }
  if (!answer.ok) {
    const said = (await answer.json().catch(() => ({}))) as Record<string, string>
    throw new Problem(answer.status, said.what ?? said.title ?? answer.statusText, said.why ?? said.detail ?? '', said.next ?? '', said.code, said.fingerprint)
  }
  return (answer.status === 204 ? undefined : await read(answer)) as T
}
