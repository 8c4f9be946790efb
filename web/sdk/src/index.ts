export { Client, open, type OpenOptions } from './client.js';
export { Collection, Scope, type Subscription, Transaction } from './scope.js';
export { isSame } from './same.js';
export { Write } from './write.js';
export { HoldfastError, type FailureCode } from './failure.js';
export type { Comparable, Query, Range } from './query.js';
export type { Conflict, ConnectOptions, DocumentName, DocumentView, Durability, Imported, LinkStatus, Rejection, Status } from './types.js';
