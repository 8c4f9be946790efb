import type { Range } from './device.js';
import { HoldfastError } from './failure.js';
import { Live } from './live.js';
import { fromHex } from './octets.js';
import { Scope, type Subscription } from './scope.js';
import { Tabs } from './tabs.js';
import { type ConnectOptions, type DocumentName, type Durability, type Imported, LEVELS, type LinkStatus, type News, type Rejection, type Status } from './types.js';
import { Write } from './write.js';

/** As in core's Limits: nothing longer is read into memory. */
const BUNDLE_BYTES = 64 << 20;

/** How a device is opened. */
export interface OpenOptions {
  /** Which of this site's databases: tabs that open the same one share it. */
  name: string;
  /** What the application says of its collections: see the README. */
  schema?: Record<
    string,
    {
      fields?: Record<string, { kind?: 'register' | 'counter' | 'set'; show?: 'lww' | 'max' | 'min' | 'manual' }>;
      'on-delete'?: 'update-wins' | 'delete-wins';
      indexes?: string[];
    }
  >;
  /** Up to which level this device answers for its writes, and knows how far they have got. */
  retainUntil?: Exclude<Durability, 'device'>;
  /** Whether to ask the browser to keep the data when it runs out of room. */
  persist?: boolean;
}

/**
 * Opens the device that this site has in this browser, or makes one. It works without a network from the start; {@link
 * Client.connect} says whom to synchronise with.
 *
 * @throws HoldfastError `unsupported` where the browser lacks something, `storage` where its database cannot be read,
 *     `malformed` where the schema is none
 */
export async function open(options: OpenOptions): Promise<Client> {
  const listeners = new Set<(news: News) => void>();
  const moved = new Set<() => void>();
  const tabs = await Tabs.open(
    {
      name: options.name,
      tab: crypto.randomUUID(),
      schema: options.schema ?? {},
      retainUntil: options.retainUntil ?? 'applied',
    },
    (news) => {
      for (const listener of [...listeners]) listener(news);
    },
    () => {
      for (const listener of [...moved]) listener();
    },
  );
  // Not waited for: some browsers ask the user first.
  if (options.persist !== false) void navigator.storage?.persist?.().catch(() => {});
  return new Client(tabs, listeners, moved, await tabs.ask('publicKey'), options.retainUntil ?? 'applied');
}

/** An application's data in this browser, kept in step with everybody else's in the background. */
export class Client {
  readonly #tabs: Tabs;
  readonly #listeners: Set<(news: News) => void>;
  readonly #moved: Set<() => void>;
  readonly #retainUntil: Durability;
  readonly #scopes = new Map<string, Scope>();
  readonly #wake = (): void => void this.#tabs.ask('wake').catch(() => {});
  readonly #seen = (): void => {
    if (document.visibilityState === 'visible') this.#wake();
  };
  #publicKey: string;
  #nextWrite = 1;
  readonly #openWrites = new Set<number>();

  /** @internal */
  constructor(tabs: Tabs, listeners: Set<(news: News) => void>, moved: Set<() => void>, publicKey: string, retainUntil: Durability) {
    this.#tabs = tabs;
    this.#listeners = listeners;
    this.#moved = moved;
    this.#publicKey = publicKey;
    this.#retainUntil = retainUntil;
    this.listen((news) => {
      if (news.news === 'key') this.#publicKey = news.publicKey;
    });
    moved.add(() => void tabs.ask('follow', [...this.#scopes.keys()]).catch(() => {}));
    globalThis.addEventListener('online', this.#wake);
    document.addEventListener('visibilitychange', this.#seen);
  }

  /** The raw 32 bytes, in hexadecimal, for which a grant is to be issued; another after the device has taken a new key. */
  get publicKey(): string {
    return this.#publicKey;
  }

  /** The scope of that name, whether or not anything of it is here yet; it is followed from now. */
  scope(name: string): Scope {
    let scope = this.#scopes.get(name);
    if (scope === undefined) {
      scope = new Scope(this, name);
      this.#scopes.set(name, scope);
      void this.#tabs.ask('follow', [name]).catch(() => {});
    }
    return scope;
  }

  /**
   * Synchronises from now on, in whichever tab the device is. Fulfilled once the grant was taken, whether or not a node
   * is reached.
   *
   * @throws HoldfastError `grant` when it is for another key, or not by an authority that was named; TypeError where an
   *     authority is no key, or an endpoint no address
   */
  async connect(options: ConnectOptions): Promise<void> {
    if (options.authorities.length === 0 || options.authorities.some((authority) => fromHex(authority).length !== 32))
      throw new TypeError('An authority is a public key: 64 hexadecimal digits, as in grants.pub');
    for (const endpoint of options.endpoints ?? [])
      if (!/^https?:$/.test(new URL(endpoint).protocol)) throw new TypeError(`An endpoint is https://host:port, not ${endpoint}`);
    if (options.grant !== undefined) await this.#tabs.ask('enrol', options.grant, options.authorities);
    await this.#tabs.connect(options);
  }

  status(): Promise<Status> {
    return this.#tabs.ask('status');
  }

  /** Tells the status, now and whenever it has changed. */
  watchStatus(listener: (status: Status) => void): Subscription {
    return new Live(this, () => true, () => this.status()).tell(listener);
  }

  /** Refused writes that wait to be discarded or written again, or to be taken by another node than the edge that would not. */
  rejections(): Promise<Rejection[]> {
    return this.#tabs.ask('rejections');
  }

  /** Takes back, here, what a refused write left standing; no other node has it. */
  discard(rejection: Rejection): Promise<void> {
    return this.#tabs.ask('discard', rejection.scope, rejection.first);
  }

  /** Writes again what a refused write left standing, on top of what stands now: for when the reason is gone. */
  writeAgain(rejection: Rejection): Write {
    return this.startWrite(rejection.scope, rejection.documents, (asked) => this.#tabs.ask('writeAgain', asked, rejection.scope, rejection.first));
  }

  /** Tells of every write that is refused from now on. */
  onRejected(listener: (rejection: Rejection) => void): Subscription {
    return this.listen((news) => {
      if (news.news === 'rejected') listener(news.rejection);
    });
  }

  /** Tells whenever a node is reached, or is no more. */
  onLink(listener: (link: LinkStatus) => void): Subscription {
    return this.listen((news) => {
      if (news.news === 'link') listener(news.link);
    });
  }

  /**
   * A file for where no network is: all that this device answers for, signed, so that whoever takes it in sees it and brings it
   * on. Nothing of it is secret to who may read the file.
   *
   * @throws HoldfastError `grant` without one, `malformed` when it is more than a file may hold
   */
  async export(): Promise<Blob> {
    return new Blob([await this.#tabs.ask('export')], { type: 'application/cbor-seq' });
  }

  /**
   * Takes in what another device exported, all of it or nothing, and brings it on as its own writes are. The same file twice
   * does nothing.
   *
   * @throws HoldfastError `malformed` when it is no such file or damaged, `grant` when its authors had not the right, or this
   *     device has not; nothing of it is kept then
   */
  async import(file: Blob | Uint8Array | ArrayBuffer): Promise<Imported> {
    const blob = file instanceof Blob ? file : new Blob([file as Uint8Array<ArrayBuffer> | ArrayBuffer]);
    if (blob.size > BUNDLE_BYTES) throw new HoldfastError('malformed', 'It is longer than any file that was exported');
    return this.#tabs.ask('import', new Uint8Array(await blob.arrayBuffer()));
  }

  /** Ends this tab's part; where the device is in it, another tab takes it over. */
  async close(): Promise<void> {
    globalThis.removeEventListener('online', this.#wake);
    document.removeEventListener('visibilitychange', this.#seen);
    await this.#tabs.close();
  }

  // For the parts of a client.

  /** @internal */
  get tabs(): Tabs {
    return this.#tabs;
  }

  /** @internal */
  listen(listener: (news: News) => void): Subscription {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** @internal Tells when the device has moved to another tab: what was heard of it may be out of date. */
  onMoved(listener: () => void): Subscription {
    this.#moved.add(listener);
    return () => this.#moved.delete(listener);
  }

  /** @internal */
  startWrite(scope: string, documents: DocumentName[], ask: (asked: { tab: string; number: number; oldest: number }) => Promise<Range>): Write {
    const number = this.#nextWrite++;
    this.#openWrites.add(number);
    const [oldest = number] = this.#openWrites;
    const range = ask({ tab: this.#tabs.tab, number, oldest }).finally(() => this.#openWrites.delete(number));
    return new Write(this, scope, documents, range);
  }

  /** @internal Whether this device is ever told that a write got so far. */
  requireTold(level: Durability): void {
    if (LEVELS.indexOf(level) > LEVELS.indexOf(this.#retainUntil))
      throw new RangeError(`This device follows its writes up to ${this.#retainUntil}; open it with retainUntil: '${level}'`);
  }
}

