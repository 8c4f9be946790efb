/** How safe a write is known to be; each level includes those before it. */
export type Durability = 'device' | 'edge' | 'region' | 'applied' | 'global';

export const LEVELS: readonly Durability[] = ['device', 'edge', 'region', 'applied', 'global'];

/** A document's name: its collection and its id. */
export type DocumentName = [collection: string, id: string];

/** A value that was written to a field at the same time as the one that is shown. */
export interface Conflict {
  value: unknown;
  /** The replica that wrote it, in hexadecimal. */
  author: string;
  atMillis: number;
}

/**
 * Writes that another node refused. Where that is for good (`settled`), what they changed is still shown here and nowhere
 * else, until it is discarded or written again; where not, an edge would not take them and they are sent again.
 */
export interface Rejection {
  scope: string;
  /** Sequence numbers of the refused batch: it may hold several writes. */
  first: number;
  last: number;
  /** Such as `forbidden` or `grant-expired`: see the table in PROTOCOL.md. */
  code: string;
  /** In words fit for a person. */
  reason: string;
  atMillis: number;
  documents: DocumentName[];
  settled: boolean;
}

/** A document as it is shown, and how it is doing. Not to be changed: it is shared. */
export interface DocumentView<T> {
  readonly id: string;
  /** What is shown; nested fields are objects within it. */
  readonly fields: T;
  /** Present while a write of this device to it is on its way to the disk: not saved yet. */
  readonly saving?: true;
  /** How far the least of this device's own writes to it has got; absent once all are as durable as they must be. */
  readonly durability?: Durability;
  /**
   * How far all that is shown has got, whoever wrote it: the least of it. What others wrote is at a node at least, and the device asks now
   * and then how much further it has come, until it is as safe as own writes must be.
   */
  readonly reached: Durability;
  /** By path, values written at the same time as those shown, the latest first. */
  readonly conflicts: Readonly<Record<string, readonly Conflict[]>>;
  /** Refusals of this device's own writes to it. */
  readonly rejections: readonly Rejection[];
}

export type LinkStatus =
  | { readonly connected: true; readonly sinceMillis: number; readonly endpoint: string; readonly server: string; readonly level: Durability; readonly socket: boolean }
  | { readonly connected: false; readonly sinceMillis: number; readonly reason: string };

/** How the device is doing. */
export interface Status {
  /** Who it writes as, in hexadecimal. */
  readonly replica: string;
  /** Whom its grant names; absent without one. */
  readonly subject?: string;
  readonly link: LinkStatus;
  /** Written here, and not known to be anywhere else. */
  readonly unsynced: { readonly operations: number; readonly bytes: number; readonly oldestMillis?: number };
  readonly rejections: number;
  /** How far this machine's clock is ahead of a region's, where that is too much to be let pass. */
  readonly clockAheadMillis: number;
  /** Whether the browser promised to keep the data when it runs out of room. */
  readonly persisted: boolean;
  /** Whether the browser dropped what was here before, or the user cleared it: what no node had is gone. */
  readonly evicted: boolean;
  /** Whether this store turned out to be a copy since it was opened: it has taken a new key. */
  readonly copied: boolean;
}

/** One change within a transaction, as it is handed to the device. */
export type Change = [collection: string, id: string, what: 'put' | 'patch' | 'unset' | 'increment' | 'add' | 'remove' | 'delete', path: string, value: unknown];

/** Whom to synchronise with. */
export interface ConnectOptions {
  /** Addresses of nodes, such as `https://edge.example:7443`; without them the one that served the page. */
  endpoints?: string[];
  /** The public keys, in hexadecimal, that may sign grants in this deployment. */
  authorities: string[];
  /** The grant for this device's key; not needed again once it was taken. */
  grant?: string;
}

/** What came of a bundle that was taken in. */
export interface Imported {
  /** How many were not here before. */
  readonly operations: number;
}

/** What goes on, as every tab is told. */
export type News =
  | { news: 'changed'; scope: string; documents: DocumentName[] }
  /** A region has spoken of what others wrote. */
  | { news: 'heard'; scope: string }
  | { news: 'link'; link: LinkStatus }
  | { news: 'key'; publicKey: string }
  | { news: 'rejected'; rejection: Rejection };
