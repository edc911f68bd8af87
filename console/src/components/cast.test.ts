import { expect, test } from 'vitest'
import { readCast, shownUntil, sizeOf } from './cast'

const said = ['{"version": 2, "width": 100, "height": 30}', '[0.5, "o", "a"]', '[1.0, "r", "80x24"]', '[61.0, "o", "b"]', '[61.5, "i", "typed"]', '[62'].join('\n')

test('a recording is read as far as it goes, and its silences are cut short', () => {
  const cast = readCast(said)
  expect([cast.columns, cast.rows]).toEqual([100, 30])
  expect(cast.events).toEqual([
    { at: 0.5, kind: 'o', data: 'a' },
    { at: 1, kind: 'r', data: '80x24' },
    { at: 3, kind: 'o', data: 'b' },
  ])
  expect(cast.length).toBe(3.5)
  expect(readCast('nothing').events).toEqual([])
})

test('a replay may begin anywhere', () => {
  const cast = readCast(said)
  expect(shownUntil(cast, 2)).toEqual({ text: 'a', next: 2 })
  expect(shownUntil(cast, 99)).toEqual({ text: 'ab', next: 3 })
  expect(shownUntil(cast, 0)).toEqual({ text: '', next: 0 })
})

test('a size is two numbers', () => {
  expect(sizeOf('80x24')).toEqual([80, 24])
  expect(sizeOf('big')).toBeNull()
})
