// What nodes tell, as GET /v1/console and the steers' own paths answer it.

export type Kind = 'region' | 'edge' | 'steer';

export interface Listed<T> {
  listed: T[];
  more: boolean;
}

export interface Client {
  subject: string;
  role: string;
  replica: string;
  /** That its grant was made for: what it is revoked by. */
  key?: string;
  open: boolean;
  since: string;
  heard: string;
}

export interface Kept {
  scope?: string;
  replica?: string;
  first?: number;
  last?: number;
  code: string;
  reason: string;
  at: string;
  /** What it goes by. */
  hash: string;
  /** When somebody dealt with it, who, and with which words. */
  settled?: string;
  'settled-by'?: string;
  'settled-why'?: string;
}

/** Those that are open, and those that are settled. */
export interface Quarantine extends Listed<Kept> {
  settled: Listed<Kept>;
}

/** What something in quarantine would have touched; nothing of it but bytes where it is no batch. */
export interface Entry {
  bytes: number;
  operations?: number;
  written?: string;
  documents?: Listed<{ collection: string; id: string; fields: string[]; 'more-fields': boolean }>;
}

export interface Conflict {
  scope: string;
  collection: string;
  id: string;
  paths: string[];
}

export interface Scope {
  scope: string;
  feed: number;
}

export interface Counters {
  pushes: number;
  batches: number;
  operations: number;
  paused: number;
  'bytes-in': number;
  'bytes-out': number;
  refused: Record<string, number>;
}

export interface Lag {
  operations?: number;
  exact?: boolean;
  seconds?: number;
  unknown?: string;
}

export interface MirrorLink {
  peer: string;
  paused?: string;
  reported?: string;
  report?: { state: string; since: string; reason?: string; scopes?: number; batches?: number; lag?: Lag };
}

export interface Standing {
  state: 'up' | 'down' | 'drained' | 'unjudged';
  reason: string;
  since?: string;
}

export interface Endpoint {
  endpoint: string;
  seen?: { state: string; since: string; reason: string; looked?: string; 'took-millis'?: number };
  standings: Record<string, Standing>;
  drain?: { who: string; why: string; node: string; at: string; until?: string };
}

export interface Steer {
  line: string;
  blind: boolean;
  dns: string[];
  peers: { peer: string; heard: boolean; 'age-millis'?: number }[];
  endpoints: Endpoint[];
  'zones-trouble'?: string;
  'audit-trouble'?: string;
}

export interface Revoked {
  key: string;
  subject: string;
  at: string;
  reason?: string;
}

/** What a node knows to be revoked; of the list it tells the newest. */
export interface Revocations {
  serial: number;
  count: number;
  listed: Revoked[];
  trouble?: string;
}

/** One node, by its own word. */
export interface Told {
  node: string;
  kind: Kind;
  replica?: string;
  now: string;
  started: string;
  you: { subject: string; 'may-act': boolean };
  state: { checks: { name: string; failure?: string }[]; facts: Record<string, string>; 'lag-seconds'?: number };
  revocations?: Revocations;
  clients?: { open: number; listed: Client[] };
  counters?: Counters;
  'api-writes'?: number;
  // An edge's.
  region?: { up: boolean; since: string; address?: string; replica?: string; level?: string; live?: boolean; reason?: string };
  backlog?: { batches: number; operations: number; 'at-region': number; bytes: number; oldest?: string };
  store?: { bytes: number; 'most-bytes': number };
  scopes?: Listed<Scope>;
  quarantine?: Quarantine;
  // A region's.
  appended?: number;
  applied?: number;
  queue?: number;
  quarantined?: number;
  database?: {
    read?: string;
    failure?: string;
    failed?: string;
    scopes?: Listed<Scope>;
    quarantine?: Quarantine;
    conflicts?: Listed<Conflict> & { count: number; 'count-is-all': boolean };
    mirror?: MirrorLink[];
  };
  // A steer's.
  steer?: Steer;
}

export interface AuditEntry {
  at: string;
  kind: string;
  what: string;
  endpoint?: string;
  line?: string;
  who?: string;
}

export interface Explanation {
  question: string;
  line: string;
  'line-reason': string;
  steps: string[];
  pools: { pool: string; policy: string; how: string; endpoints: { endpoint: string; standing: Standing; leads: boolean; reason: string }[] }[];
  code: string;
  answer: string[];
}

/** Of a system that is there to be broken. */
export interface Switches {
  cable: { on: boolean; since?: string };
  city: { on: boolean; since?: string };
  edge: { burning: boolean; since?: string; fires?: number; 'burned-at'?: string };
}

export interface Journey {
  node: string;
  kind: Kind;
  has: boolean;
  /** Which operation it is, where the node knows one. */
  dot?: string;
  // An edge's.
  waits?: boolean;
  words?: { level: string; at: string; by: string }[];
  // A region's.
  written?: string;
  applied?: string;
  trace?: string;
  collection?: string;
  id?: string;
  feed?: number;
  elsewhere?: string[];
  quarantined?: Kept[];
}

export function scopesOf(told: Told): Listed<Scope> {
  return told.scopes ?? told.database?.scopes ?? { listed: [], more: false };
}

export function quarantineOf(told: Told): Quarantine {
  return told.quarantine ?? told.database?.quarantine ?? { listed: [], more: false, settled: { listed: [], more: false } };
}

/** The newest list of what is revoked that any of them knows. */
export function newestRevocations(all: readonly (Told | undefined)[]): Revocations {
  return all.reduce<Revocations>((newest, told) => (told?.revocations !== undefined && told.revocations.serial > newest.serial ? told.revocations : newest), { serial: 0, count: 0, listed: [] });
}

/** What came to a node since its start: pushed, from other regions, and over the plain API. */
export function arrivedOf(told: Told): number | undefined {
  const pushed = told.kind === 'region' ? told.appended : told.counters?.operations;
  return pushed === undefined ? undefined : pushed + (told['api-writes'] ?? 0);
}

/** What a region's database took: by workers, and at once what came over the plain API. */
export function appliedOf(told: Told): number | undefined {
  return told.applied === undefined ? undefined : told.applied + (told['api-writes'] ?? 0);
}

/** What waits to go on from a node: an edge's backlog, a region's queue. */
export function waitingOf(told: Told): number | undefined {
  return told.kind === 'edge' ? told.backlog?.operations : told.queue;
}
