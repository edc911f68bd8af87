// Which hosts somebody has to do with: all of them, or some groups and names.
import { useTranslation } from 'react-i18next'
import type { Host } from '../api/types'
import { Radios } from './bits'

export function Scope({ hosts, scope, change }: { hosts: Host[]; scope: string[]; change: (scope: string[]) => void }) {
  const { t } = useTranslation()
  const groups = [...new Set(hosts.flatMap((host) => host.groups))].sort()
  // what was given once and is gone from the inventory stays visible, so that it can be taken away
  const offered = [...new Set([...groups.map((name) => `group:${name}`), ...hosts.map((host) => host.name), ...scope])]
  const some = scope.length > 0
  const toggle = (name: string, on: boolean) => change(on ? [...scope, name] : scope.filter((each) => each !== name))
  return (
    <div className="space-y-2">
      <Radios
        label={t('people.where')}
        value={some ? 'some' : 'all'}
        change={(value) => change(value === 'all' ? [] : offered.slice(0, 1))}
        options={[
          { value: 'all', label: t('people.allHosts') },
          { value: 'some', label: t('people.someHosts') },
        ]}
      />
      {some && (
        <ul className="max-h-48 overflow-y-auto rounded-lg border border-line" tabIndex={0} aria-label={t('people.someHosts')}>
          {offered.map((name) => (
            <li key={name}>
              <label className="flex min-h-9 cursor-pointer items-center gap-3 px-3 text-sm hover:bg-line/25 pointer-coarse:min-h-11">
                <input type="checkbox" className="size-4 accent-lamp" checked={scope.includes(name)} onChange={(event) => toggle(name, event.target.checked)} />
                <span className="foreign">{name.startsWith('group:') ? t('people.group', { name: name.slice(6) }) : name}</span>
              </label>
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}
