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

/** Posts what takes a while, and tells how far it has come until its answer is there. */
export function follow<T, P>(path: string, body: unknown, progress: (told: P) => void): Promise<T> {
  return call<T>('POST', path, body, (answer) => lastOf(answer, progress as (told: unknown) => void), 'text/event-stream')
}

async function lastOf(answer: Response, progress: (told: unknown) => void): Promise<unknown> {
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader()
  let rest = ''
  for (;;) {
    const { done, value } = (await reader?.read()) ?? { done: true, value: undefined }
    if (done) throw new TypeError('cut off')
    const events = (rest + value).split('\n\n')
    rest = events.pop() ?? ''
    for (const event of events) {
      const name = /^event: (.+)$/m.exec(event)?.[1]
      const data = /^data: (.+)$/m.exec(event)?.[1]
      if (!data) continue
      const told = JSON.parse(data) as Record<string, string>
      if (name === 'ended') return told
      if (name === 'problem') throw new Problem(409, told.what ?? '', told.why ?? '', told.next ?? '', told.code)
      progress(told)
    }
  }
}

export function remove<T>(path: string): Promise<T> {
  return call<T>('DELETE', path)
}

async function call<T>(method: string, path: string, body?: unknown, read = (answer: Response): Promise<unknown> => answer.json(), accept = 'application/json, */*'): Promise<T> {
  const headers: Record<string, string> = { Accept: accept }
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
