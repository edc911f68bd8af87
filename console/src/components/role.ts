// What the reader may do: a page offers nothing that the server would refuse.
import { useQuery } from '@tanstack/react-query'
import { session } from '../api/client'
import type { Role } from '../api/types'

export const ROLES: Role[] = ['viewer', 'operator', 'admin', 'owner']

export function covers(own: Role, needed: Role): boolean {
  return ROLES.indexOf(own) >= ROLES.indexOf(needed)
}

export function useMay(): (needed: Role) => boolean {
  const who = useQuery({ queryKey: ['session'], queryFn: session, staleTime: Infinity })
  return (needed) => (who.data ? covers(who.data.role, needed) : false)
}
