import { expect, test } from 'vitest'
import { bounds, figure, path, type Series, subject } from './trends'

const series = (name: string, values: number[], about = 'disk:/var'): Series => ({
  subject: about,
  name,
  value: values.at(-1) ?? 0,
  points: values.map((value, minute) => ({ at: new Date(minute * 60_000).toISOString(), value })),
  forecast: null,
})

test('a share is drawn on its whole scale, anything else on its own', () => {
  expect(bounds(series('disk.used_ratio', [0.4, 0.5]))).toEqual([0, 1])
  expect(bounds(series('memory.used_ratio', [0.4, 1.5]))).toEqual([0, 1.5])
  expect(bounds(series('queue.lag_s', [3, 9]))).toEqual([3, 9])
  expect(bounds(series('queue.lag_s', [0, 0]))).toEqual([0, 1])
})

test('time goes to the right and more is higher', () => {
  expect(path(series('disk.used_ratio', [0, 0.5, 1]), 100, 10)).toBe('0.0,10.0 50.0,5.0 100.0,0.0')
  expect(path(series('disk.used_ratio', [0.5]), 100, 10)).toBe('0.0,5.0')
})

test('figures are told in their unit and language', () => {
  expect(figure('disk.used_ratio', 0.314, 'en')).toBe('31.4%')
  expect(figure('net.bytes', 1_500_000, 'en')).toBe('1.5 MB')
  expect(figure('certificate.days_left', 12, 'en')).toBe('12 days')
  expect(figure('queue.lag_s', 3.21, 'fr')).toBe('3,2')
})

test('what a series is about stands without its kind', () => {
  expect(subject(series('disk.used_ratio', [0]))).toBe('/var')
  expect(subject(series('memory.used_ratio', [0], 'host'))).toBe('')
})
