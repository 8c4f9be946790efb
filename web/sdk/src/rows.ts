import type { Row } from 'holdfast-core';
import { HoldfastError } from './failure.js';
import type { KeyPair } from './keys.js';
import type { Octets } from './octets.js';

const VERSION = 1;
const ROWS = 'rows';
const KEYS = 'keys';
const OWN = 'own';

/**
 * The durable half of an image: bytes under bytes, in IndexedDB. Knows nothing of what they mean. A commit is one
 * transaction with a flush; when its promise is fulfilled the rows are on the disk.
 */
export class RowStore {
  readonly #database: IDBDatabase;

  private constructor(database: IDBDatabase) {
    this.#database = database;
  }

  /** @param onLost told when the browser takes the database away, such as when the user clears the site's data */
  static async open(name: string, onLost: () => void): Promise<RowStore> {
    if (globalThis.indexedDB === undefined) throw new HoldfastError('unsupported', 'There is no IndexedDB here');
    const opening = indexedDB.open(name, VERSION);
    opening.onupgradeneeded = () => {
      opening.result.createObjectStore(ROWS);
      opening.result.createObjectStore(KEYS);
    };
    const database = await done(opening);
    database.onclose = onLost;
    database.onversionchange = () => {
      database.close();
      onLost();
    };
    return new RowStore(database);
  }

  async load(): Promise<{ names: Octets[]; contents: Octets[] }> {
    const rows = this.#database.transaction(ROWS).objectStore(ROWS);
    const [names, contents] = await Promise.all([done(rows.getAllKeys()), done(rows.getAll())]);
    return { names: names.map((name) => new Uint8Array(name as ArrayBuffer)), contents: contents as Octets[] };
  }

  /** @param key one that takes the place of the device's own, together with the rows or not at all */
  async commit(rows: Row[], key?: KeyPair): Promise<void> {
    await this.#write(key === undefined ? [ROWS] : [ROWS, KEYS], (transaction) => {
      const store = transaction.objectStore(ROWS);
      for (const [name, content] of rows) {
        if (content === null) store.delete(name);
        else store.put(content, name);
      }
      if (key !== undefined) transaction.objectStore(KEYS).put(key, OWN);
    });
  }

  async key(): Promise<KeyPair | undefined> {
    return (await done(this.#database.transaction(KEYS).objectStore(KEYS).get(OWN))) as KeyPair | undefined;
  }

  async putKey(key: KeyPair): Promise<void> {
    await this.#write([KEYS], (transaction) => transaction.objectStore(KEYS).put(key, OWN));
  }

  close(): void {
    this.#database.onclose = null;
    this.#database.close();
  }

  #write(names: string[], work: (transaction: IDBTransaction) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      const refuse = (error: unknown): void => reject(failure(error));
      try {
        const transaction = this.#database.transaction(names, 'readwrite', { durability: 'strict' });
        transaction.oncomplete = () => resolve();
        transaction.onabort = () => refuse(transaction.error);
        work(transaction);
        transaction.commit();
      } catch (error) {
        refuse(error);
      }
    });
  }
}

function done<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(failure(request.error));
  });
}

function failure(error: unknown): HoldfastError {
  const name = error instanceof Error ? error.name : '';
  if (name === 'QuotaExceededError')
    return new HoldfastError('full', 'The browser has no room left for this site: nothing of the write is kept', {
      cause: error,
    });
  const why = error instanceof Error ? error.message : 'the browser took it away';
  return new HoldfastError('storage', `IndexedDB failed: ${why}`, { cause: error });
}
