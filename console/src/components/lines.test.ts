import { expect, test } from 'vitest'
import { fieldsOf, joined, KEPT, type LogLine, minuteOf, since, spark } from './lines'

const line = (id: string): LogLine => ({ id, at: '', host: 'web1', source: 'f', service: null, level: null, template: null, text: id })

test('the fields of a line are read from JSON wherever it begins, else from logfmt', () => {
  expect(fieldsOf('2026-01-01 info {"a":1,"b":{"c":"d"},"e":[1]}')).toEqual([
    ['a', '1'],
    ['b.c', 'd'],
    ['e', '[1]'],
  ])
  expect(fieldsOf('level=info msg="two words" took=3ms')).toEqual([
    ['level', 'info'],
    ['msg', 'two words'],
    ['took', '3ms'],
  ])
  expect(fieldsOf('a brace { in a sentence')).toBeNull()
  expect(fieldsOf('one=pair only')).toBeNull()
})

test('lines that come are shown once, the newest first, and no more than are kept', () => {
  expect(joined([line('1')], [line('1'), line('2'), line('3')]).map((each) => each.id)).toEqual(['3', '2', '1'])
  const many = Array.from({ length: KEPT }, (_, index) => line(`m${index}`))
  expect(joined(many, [line('new')])).toHaveLength(KEPT)
  const same = [line('1')]
  expect(joined(same, [line('1')])).toBe(same)
})

test('a range begins on a whole minute', () => {
  expect(since('1h', new Date('2026-01-01T12:00:42Z'))).toBe('2026-01-01T11:00:00.000Z')
  expect(since(undefined, new Date())).toBeUndefined()
  expect(since('toString', new Date())).toBeUndefined()
})

test('a sparkline stays within its box', () => {
  expect(spark([0, 5, 10], 20, 10)).toBe('0,10 10,5 20,0')
  expect(spark([0, 0], 20, 10)).toBe('0,10 20,10')
})

test('a minute lies around its instant', () => {
  expect(minuteOf('2026-01-01T00:00:00Z')).toEqual({ since: '2025-12-31T23:59:30.000Z', until: '2026-01-01T00:00:30.000Z' })
})
