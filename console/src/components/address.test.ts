import { expect, test } from 'vitest'
import { readAddress, suggestName, words, writeAddress } from './address'

test('an address is read in the shape that a person knows it', () => {
  expect(readAddress('ssh://deploy@web1.example.org:2222/')).toEqual({ user: 'deploy', host: 'web1.example.org', port: '2222' })
  expect(readAddress('ssh root@10.0.0.4')).toEqual({ user: 'root', host: '10.0.0.4', port: '' })
  expect(readAddress(' web1:22 ')).toEqual({ user: '', host: 'web1', port: '22' })
  expect(readAddress('2001:db8::1')).toEqual({ user: '', host: '2001:db8::1', port: '' })
  expect(readAddress('me@[2001:db8::1]:2022')).toEqual({ user: 'me', host: '2001:db8::1', port: '2022' })
  expect(readAddress('')).toEqual({ user: '', host: '', port: '' })
})

test('it is written as the server takes it', () => {
  expect(writeAddress({ user: 'me', host: '2001:db8::1', port: '2022' })).toBe('ssh://me@[2001:db8::1]:2022')
  expect(writeAddress({ user: '', host: 'web1', port: '22' })).toBe('ssh://web1')
})

test('a name is offered that the server accepts', () => {
  expect(suggestName('web1.example.org')).toBe('web1')
  expect(suggestName('10.0.0.4')).toBe('10.0.0.4')
  expect(suggestName('2001:db8::1')).toBe('2001-db8--1')
  expect(suggestName('')).toBe('')
})

test('words come apart and stand once', () => {
  expect(words('web, prod;web  env=test')).toEqual(['web', 'prod', 'env=test'])
})
