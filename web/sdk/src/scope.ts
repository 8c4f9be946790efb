import type { Client } from './client.js';
import { HoldfastError } from './failure.js';
import { type Query, requireQuery } from './query.js';
import { Live } from './live.js';
import { plain } from './plain.js';
import type { Change, Conflict, DocumentName, DocumentView, Durability, News } from './types.js';
import type { Write } from './write.js';

/** Ends what it came from; may be called twice. */
export type Subscription = () => void;

/** Fields as they are written: JSON values, `Uint8Array` for bytes, `bigint` beyond 2^53. */
export type Fields = Record<string, unknown>;

/**
 * The documents of one scope. Writes are shown at once and saved soon after, whatever the network does; reads see what was
 * written, here and elsewhere, as far as it has come.
 */
export class Scope {
  readonly name: string;
  readonly #client: Client;

  /** @internal */
  constructor(client: Client, name: string) {
    if (!/^[A-Za-z0-9._:-]{1,128}$/.test(name))
      throw new HoldfastError('malformed', 'A scope is 1 to 128 of A-Z a-z 0-9 . _ : -');
    this.#client = client;
    this.name = name;
  }

  /** @typeParam T the fields of its documents, as the application has them; nothing checks what others wrote */
  collection<T extends object = Fields>(name: string): Collection<T> {
    return new Collection<T>(this.#client, this, name);
  }

  /** Writes what `work` asks for, all of it together; when that throws, nothing is written. */
  transaction(work: (transaction: Transaction) => void): Write {
    const transaction = new Transaction();
    work(transaction);
    const changes = transaction.take();
    const documents = changes.map(([collection, id]): DocumentName => [collection, id]);
    return this.#client.startWrite(this.name, documents, (asked) => this.#client.tabs.ask('write', asked, this.name, changes));
  }
}

/** Changes of one scope that become visible together, everywhere, or not at all. */
export class Transaction {
  #changes: Change[] | undefined = [];

  /** Makes `fields` the whole document, by the least changes. */
  put(collection: string, id: string, fields: object): this {
    return this.#add([collection, id, 'put', '', fields]);
  }

  /** Makes `value` what is shown at `path`; the other fields stay. */
  set(collection: string, id: string, path: string, value: unknown): this {
    return this.#add([collection, id, 'put', path, value]);
  }

  /** As JSON Merge Patch (RFC 7396): a null removes, an object goes on field by field. */
  patch(collection: string, id: string, fields: object): this {
    return this.#add([collection, id, 'patch', '', fields]);
  }

  /** Removes whatever is at `path` and below. */
  unset(collection: string, id: string, path: string): this {
    return this.#add([collection, id, 'unset', path, null]);
  }

  /** Adds to a counter; `by` may be negative. */
  increment(collection: string, id: string, path: string, by: number): this {
    return this.#add([collection, id, 'increment', path, by]);
  }

  /** Adds an element to a set. */
  add(collection: string, id: string, path: string, element: unknown): this {
    return this.#add([collection, id, 'add', path, element]);
  }

  /** Removes an element from a set. */
  remove(collection: string, id: string, path: string, element: unknown): this {
    return this.#add([collection, id, 'remove', path, element]);
  }

  /** Removes the document, by the policy of its collection. */
  delete(collection: string, id: string): this {
    return this.#add([collection, id, 'delete', '', null]);
  }

  /** @internal */
  take(): Change[] {
    const changes = this.#changes ?? [];
    this.#changes = undefined;
    return changes;
  }

  #add(change: Change): this {
    if (this.#changes === undefined) throw new HoldfastError('closed', 'The transaction was written already');
    const [collection, id, what, path, value] = change;
    this.#changes.push([collection, id, what, path, plain(value)]);
    return this;
  }
}

/** The documents of one collection. */
export class Collection<T extends object> {
  readonly name: string;
  readonly scope: Scope;
  readonly #client: Client;

  /** @internal */
  constructor(client: Client, scope: Scope, name: string) {
    this.#client = client;
    this.scope = scope;
    this.name = name;
  }

  /** Makes `fields` the whole document, by the least changes. */
  put(id: string, fields: T): Write {
    return this.scope.transaction((tx) => tx.put(this.name, id, fields));
  }

  /** Makes `value` what is shown at `path`; the other fields stay. */
  set(id: string, path: string, value: unknown): Write {
    return this.scope.transaction((tx) => tx.set(this.name, id, path, value));
  }

  /** As JSON Merge Patch (RFC 7396): a null removes, an object goes on field by field. */
  patch(id: string, fields: Patch<T>): Write {
    return this.scope.transaction((tx) => tx.patch(this.name, id, fields));
  }

  /** Removes whatever is at `path` and below. */
  unset(id: string, path: string): Write {
    return this.scope.transaction((tx) => tx.unset(this.name, id, path));
  }

  /** Adds to a counter; `by` may be negative. */
  increment(id: string, path: string, by = 1): Write {
    return this.scope.transaction((tx) => tx.increment(this.name, id, path, by));
  }

  /** Adds an element to a set. */
  add(id: string, path: string, element: unknown): Write {
    return this.scope.transaction((tx) => tx.add(this.name, id, path, element));
  }

  /** Removes an element from a set. */
  remove(id: string, path: string, element: unknown): Write {
    return this.scope.transaction((tx) => tx.remove(this.name, id, path, element));
  }

  /** Removes the document, by the policy of its collection. */
  delete(id: string): Write {
    return this.scope.transaction((tx) => tx.delete(this.name, id));
  }

  /** The document; undefined where there is none. */
  get(id: string): Promise<DocumentView<T> | undefined> {
    return this.#client.tabs.ask('get', this.scope.name, this.name, id) as Promise<DocumentView<T> | undefined>;
  }

  /** The documents that fulfil `query`, as of one moment. */
  async query(query: Query = {}): Promise<DocumentView<T>[]> {
    requireQuery(query);
    return (await this.#client.tabs.ask('query', this.scope.name, this.name, query)) as unknown as DocumentView<T>[];
  }

  /** Tells what `query` finds, now and whenever that has changed, a status included. Changes that come close together are told together. */
  watch(query: Query, listener: (documents: DocumentView<T>[]) => void): Subscription;
  /** The same to be iterated over; leaving the loop ends it. Whoever is slow sees the newest, not each. */
  watch(query?: Query): AsyncIterableIterator<DocumentView<T>[]>;
  watch(query: Query = {}, listener?: (documents: DocumentView<T>[]) => void): Subscription | AsyncIterableIterator<DocumentView<T>[]> {
    requireQuery(query);
    const live = new Live<DocumentView<T>[]>(
      this.#client,
      (news) => this.#isTouched(news, () => true),
      () => this.query(query),
    );
    return listener === undefined ? live.iterate() : live.tell(listener);
  }

  /** The same for one document. */
  watchOne(id: string, listener: (document: DocumentView<T> | undefined) => void): Subscription {
    const live = new Live<DocumentView<T> | undefined>(
      this.#client,
      (news) => (news.news === 'heard' && news.scope === this.scope.name) || this.#isTouched(news, (one) => one === id),
      () => this.get(id),
    );
    return live.tell(listener);
  }

  #isTouched(news: News, which: (id: string) => boolean): boolean {
    return news.news === 'changed' && news.scope === this.scope.name && news.documents.some(([collection, id]) => collection === this.name && which(id));
  }

  /** How far the least of this device's own writes to a document has got, though it may be deleted; undefined once all are as durable as they must be. */
  durability(id: string): Promise<Durability | undefined> {
    return this.#client.tabs.ask('pending', this.scope.name, this.name, id);
  }

  /** By path, the values that were written at the same time as those shown, the latest first. */
  async conflicts(id: string): Promise<Readonly<Record<string, readonly Conflict[]>>> {
    return (await this.get(id))?.conflicts ?? {};
  }

  /** Settles a conflict: `value` takes the place of all that stand at `path`. */
  resolve(id: string, path: string, value: unknown): Write {
    return this.set(id, path, value);
  }
}

/** Some of the fields; null removes one. */
export type Patch<T> = { [K in keyof T]?: (T[K] extends readonly unknown[] | Uint8Array ? T[K] : T[K] extends object ? Patch<T[K]> : T[K]) | null };
