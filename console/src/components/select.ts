// Which hosts of the inventory are looked at.
import type { Host } from '../api/types'

export interface HostFilter {
  q?: string
  label?: string
  status?: string
}

/** A label is a group by its name, or a tag as `tag:NAME`, as orders for many hosts name them. */
export function labelsOf(hosts: Host[]): { label: string; count: number }[] {
  const counts = new Map<string, number>()
  for (const host of hosts) for (const label of ownLabels(host)) counts.set(label, (counts.get(label) ?? 0) + 1)
  return [...counts].map(([label, count]) => ({ label, count })).sort((a, b) => Number(a.label.startsWith('tag:')) - Number(b.label.startsWith('tag:')) || a.label.localeCompare(b.label))
}

export function ownLabels(host: Host): string[] {
  return [...host.groups, ...host.tags.map((tag) => `tag:${tag}`)]
}

export function chosen(hosts: Host[], { q, label, status }: HostFilter): Host[] {
  const words = (q ?? '').toLowerCase().split(/\s+/).filter(Boolean)
  return hosts.filter((host) => {
    if (label && !ownLabels(host).includes(label)) return false
    if (status && host.status !== status) return false
    const said = [host.name, host.address, host.os ?? '', ...ownLabels(host)].join(' ').toLowerCase()
    return words.every((word) => said.includes(word))
  })
}

/** The hosts that `on` names: a host, a group, `tag:NAME`, or `all`. */
export function meant(hosts: Host[], on: string[]): Host[] {
  return hosts.filter((host) => on.some((name) => name === 'all' || name === host.name || ownLabels(host).includes(name)))
}
