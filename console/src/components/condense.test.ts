import { expect, test } from 'vitest'
import type { Happening } from '../api/types'
import { chapters, linesOf, neighbours, readingsOf } from './condense'

let seq = 0
const row = (kind: string, body: Record<string, unknown> = {}, actor = 'agent:monitor'): Happening => ({
  seq: ++seq,
  at: '2026-11-20T11:00:00+00:00',
  case: 'C-1',
  kind,
  actor,
  text: kind,
  body,
})

test('a phase opens a chapter, and saying it twice opens no other', () => {
  const found = chapters([row('case.opened'), row('case.phase', { phase: 'plan' }), row('case.planned'), row('case.phase', { phase: 'plan' }), row('case.waiting')])
  expect(found.map((chapter) => [chapter.phase, chapter.entries.length])).toEqual([
    [null, 1],
    ['plan', 2],
  ])
})

test('readings of one agent in one chapter are one entry with each line once', () => {
  const [chapter] = chapters([row('host.read', { count: 2, lines: ['df', 'ss'] }), row('case.looked'), row('host.read', { count: 1, lines: ['df'] })])
  const entry = chapter!.entries[0]!
  expect(chapter!.entries).toHaveLength(2)
  expect(readingsOf(entry)).toBe(3)
  expect(linesOf(entry)).toEqual(['df', 'ss'])
})

test('what was done is never gathered', () => {
  const [chapter] = chapters([row('action.result'), row('action.result')])
  expect(chapter!.entries).toHaveLength(2)
})

test('in the mixed journal only neighbours are gathered', () => {
  expect(neighbours([row('host.read'), row('host.read'), row('case.opened'), row('host.read')])).toHaveLength(3)
})
