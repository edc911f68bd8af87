// The shapes of the API, as /openapi.json gives them.

export type CaseState = 'working' | 'waiting' | 'resolved' | 'escalated' | 'no_fault' | 'failed'
export type Autonomy = 'observe' | 'propose' | 'act'
export type EffectClass = 'safe-read' | 'reversible-change' | 'dangerous' | 'forbidden'

export type Role = 'viewer' | 'operator' | 'admin' | 'owner'

export interface Session {
  person: string
  role: Role
  language: 'en' | 'fr'
  csrf: string
  version: string
}

export interface Proposal {
  intent: string
  title: string
}

export interface Exchange {
  id: number
  at: string
  text: string
  targets: string[]
  command: string | null
  class: EffectClass | null
  reason: string | null
  choices: Proposal[]
  suggestions: Proposal[]
  results: { host: string; command: string; rc: number | null; stdout: string; stderr: string; case: string | null }[]
  answer: string
}

export interface AskStatus {
  suggestions: Proposal[]
}

export interface CaseRow {
  id: string
  kind: string
  host: string
  title: string
  ticket: string | null
  state: CaseState
  phase: string
  label: string | null
  confidence: number | null
  opened_at: string
  updated_at: string
}

export interface Evidence {
  id: string
  source: string
  excerpt: string
  subject: string
  name: string
  at: string
}

export interface ActionDone {
  command: string
  host: string
  class: EffectClass
  effects: string[]
  reversible: boolean
  outcome: string
}

export interface Hypothesis {
  cause: string
  label: string
  title: string
  probability: number
  ruled_out: boolean
  facts_for: string[]
}

export interface Plan {
  hash: string
  steps: { line: string; undo: string[]; class: EffectClass }[]
  diff: string
  explanation: string
  backups: string[]
  restarts: string[]
  loses_nothing: boolean
}

export interface Approval {
  id: string
  hash: string
  expires_at: string
  decision: string
}

export interface Change {
  kind: string
  path: string
  before: unknown
  after: unknown
  at: string | null
}

export interface Happening {
  seq: number
  at: string
  case: string | null
  kind: string
  actor: string
  text: string
  body?: Record<string, unknown>
}

export interface CaseDocument {
  case: string
  kind: string
  host: string
  title: string
  state: CaseState
  phase: string
  opened_at: string
  updated_at: string
  label: string | null
  labels: string[]
  confidence: number | null
  diagnosis: string | null
  evidence: Evidence[]
  actions: ActionDone[]
  ticket: string | null
  verified: boolean
  rolled_back: boolean
  report: string | null
  seconds: Record<string, number | null>
  hypotheses: Hypothesis[]
  plan: Plan | null
  approval: Approval | null
  changes: Change[]
  findings: { kind: string; subject: string; excerpt: string }[]
  timeline: Happening[]
}

export interface Host {
  name: string
  address: string
  os: string | null
  manager: string | null
  status: string
  autonomy: Autonomy
  groups: string[]
  tags: string[]
  sudo: 'needless' | 'allowed' | 'password' | 'absent' | null
  terminal: boolean
  baseline_at: string | null
}

export interface SshCandidate {
  name: string
  address: string
  jump: string | null
  proxy_command: string | null
  key: string | null
  agent: string | null
  host_keys: string[]
  fate: 'new' | 'known' | 'taken' | 'unfit'
}

export type Ending = 'done' | 'failed' | 'unreachable' | 'unknown' | 'refused' | 'not_started'

export interface FleetAnswer {
  hosts: string[]
  outcome: Ending
  rc: number | null
  stdout: string
  stderr: string
  truncated: boolean
  error: { code: string; what: string; why: string; next: string } | null
  outlier: boolean
}

export interface FleetProgress {
  counts: Record<Ending, number>
  running: number
  waiting: number
}

export interface FleetOrder {
  state: 'planned' | 'waiting' | 'done' | 'failed'
  line: string
  class: EffectClass
  effects: string[]
  reasons: string[]
  targets: string[]
  hash: string | null
  canary: number
  width: number
  stop_after: number
  asking: string[]
  refusing: string[]
  unseen: string[]
  counts: Record<Ending, number>
  answers: FleetAnswer[]
}

export interface Person {
  name: string
  role: Role
  hosts: string[]
  language: 'en' | 'fr'
  blocked: boolean
  invited: boolean
  elsewhere: boolean
  second_factor: boolean
}

export interface ApiToken {
  id: string
  purpose: string
  role: Role
  made_at: string
  expires_at: string
  used_at: string | null
}

export interface SignedIn {
  id: string
  device: string
  began_at: string | null
  expires_at: string
  this: boolean
}

export interface Agent {
  name: string
  description: string
  paused: boolean
  phases: string[]
  capabilities: { name: string; says: string }[]
}

export interface Demo {
  scenarios: { name: string; title: string; ticket: string }[]
  running: { scenario: string; case: string | null; host: string; state: string }[]
  failed: { what: string; why: string; next: string } | null
}

export interface Audit {
  entries: number
  valid: boolean
  first_bad: number | null
}
