import { expect, test } from 'vitest'
import type { Host } from '../api/types'
import { chosen, labelsOf, meant } from './select'

const host = (name: string, groups: string[], tags: string[], status = 'ok'): Host => ({ name, address: `ssh://${name}.example.org`, os: 'Debian 12', manager: 'systemd', status, autonomy: 'propose', groups, tags, sudo: null, terminal: false, baseline_at: null })
const fleet = [host('web1', ['web'], ['prod']), host('web2', ['web'], []), host('db1', ['data'], ['prod'], 'unreachable')]
const names = (hosts: Host[]) => hosts.map((each) => each.name)

test('every word must fit, whatever it fits', () => {
  expect(names(chosen(fleet, { q: 'DEBIAN web' }))).toEqual(['web1', 'web2'])
  expect(names(chosen(fleet, { q: 'prod', status: 'unreachable' }))).toEqual(['db1'])
  expect(names(chosen(fleet, { label: 'tag:prod' }))).toEqual(['web1', 'db1'])
  expect(names(chosen(fleet, {}))).toHaveLength(3)
})

test('groups come before tags, with how many have them', () => {
  expect(labelsOf(fleet)).toEqual([
    { label: 'data', count: 1 },
    { label: 'web', count: 2 },
    { label: 'tag:prod', count: 2 },
  ])
})

test('an order means each host once', () => {
  expect(names(meant(fleet, ['web', 'web1', 'tag:prod']))).toEqual(['web1', 'web2', 'db1'])
  expect(names(meant(fleet, ['all']))).toHaveLength(3)
  expect(meant(fleet, ['nobody'])).toEqual([])
})
