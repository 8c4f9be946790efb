import { type Check, type GrantSaid, type News as Touched, type Row, type Written, Replica } from 'holdfast-core';
import { HoldfastError, malformed } from './failure.js';
import { Flusher } from './flusher.js';
import { type KeyPair, Verifier, createKey, rawPublicKey, sign } from './keys.js';
import { LinkDriver, type Owner } from './link.js';
import { type Octets, fromBase64Url, fromHex, toHex } from './octets.js';
import { type Query, select } from './query.js';
import { RowStore } from './rows.js';
import { isSame } from './same.js';
import { type Change, type ConnectOptions, type DocumentName, type Durability, type Imported, LEVELS, type LinkStatus, type News, type Rejection, type Status } from './types.js';
import { Views } from './views.js';

const DISCARDED = 1_000;
/** A file may hold hundreds of thousands of signatures. */
const VERIFIED_AT_ONCE = 1_000;
/** What another tab was answered is kept under this and its name, so that what it asks again is done once. */
const NOTE = 'tab/';

type View = ReturnType<Views['one']>;

/** Which operations a write became, and under which replica; 0 and 0 where nothing had to be changed. */
export interface Range extends Written {
  replica: string;
}

/** How far a write has got. */
export interface Fate {
  durability: Durability;
  rejection?: Rejection;
  discarded: boolean;
}

/** Which of a tab's writes is asked for: the same one asked twice is done once. */
export interface Asked {
  tab: string;
  number: number;
  /** The lowest number that the tab has no answer for yet. */
  oldest: number;
}

/** What a page asks of a device, wherever it is: in this tab or in another. All of it can be cloned. */
export interface Backend {
  publicKey(): Promise<string>;
  write(asked: Asked, scope: string, changes: Change[]): Promise<Range>;
  fate(scope: string, range: Range, documents: DocumentName[]): Promise<Fate>;
  get(scope: string, collection: string, id: string): Promise<View>;
  query(scope: string, collection: string, query: Query): Promise<NonNullable<View>[]>;
  pending(scope: string, collection: string, id: string): Promise<Durability | undefined>;
  rejections(): Promise<Rejection[]>;
  discard(scope: string, first: number): Promise<void>;
  writeAgain(asked: Asked, scope: string, first: number): Promise<Range>;
  enrol(grant: string, authorities: string[]): Promise<void>;
  follow(scopes: string[]): Promise<void>;
  connect(options: ConnectOptions): Promise<void>;
  status(): Promise<Status>;
  wake(): Promise<void>;
  export(): Promise<Octets>;
  import(file: Octets): Promise<Imported>;
}

export interface DeviceOptions {
  name: string;
  /** The tab that it is in: nobody asks for a write of its own again. */
  tab: string;
  schema: object;
  retainUntil: Durability;
}

/**
 * The device itself: the image, its durable rows, the key, the link. In one tab at a time. Not to be used once it is
 * closed.
 */
export class Device implements Backend, Owner {
  readonly replica: Replica;
  readonly #options: DeviceOptions;
  readonly #store: RowStore;
  #key: KeyPair;
  #publicKey: Octets;
  /** The key before, until the disk has the one that takes its place. */
  #before: { key: KeyPair; publicKey: Octets } | undefined;
  #succession: Promise<void> | undefined;
  readonly #onNews: (news: News) => void;
  readonly #flusher: Flusher;
  readonly #views: Views;
  readonly #verifier = new Verifier();
  readonly #followed = new Set<string>();
  #discarded: { scope: string; first: number; last: number }[] = [];
  readonly #evicted: boolean;
  #link: LinkDriver | undefined;
  #connection: string | undefined;
  #authorities: Octets[] = [];
  #linkStatus: LinkStatus = { connected: false, sinceMillis: Date.now(), reason: 'opened to work offline' };
  #clockAheadMillis = 0;
  #copied = false;

  private constructor(
    options: DeviceOptions,
    store: RowStore,
    key: KeyPair,
    publicKey: Octets,
    replica: Replica,
    evicted: boolean,
    onNews: (news: News) => void,
  ) {
    this.#options = options;
    this.#store = store;
    this.#key = key;
    this.#publicKey = publicKey;
    this.replica = replica;
    this.#evicted = evicted;
    this.#onNews = onNews;
    this.#views = new Views(replica);
    const commit = (rows: Row[]): Promise<void> => store.commit(rows, this.#before === undefined ? undefined : this.#key);
    this.#flusher = new Flusher(replica, { commit }, () => {
      if (this.#before !== undefined) {
        this.#key = this.#before.key;
        this.#publicKey = this.#before.publicKey;
        this.#before = undefined;
      }
      this.#link?.renew();
      this.tell();
    });
  }

  /**
   * Opens what this browser keeps under that name, or makes it. Nobody else may have it open.
   *
   * @param onLost told when the browser takes the database away
   */
  static async open(options: DeviceOptions, onNews: (news: News) => void, onLost: () => void): Promise<Device> {
    const store = await RowStore.open(`holdfast/${options.name}`, onLost);
    try {
      let key = await store.key();
      const isNew = key === undefined;
      if (key === undefined) {
        key = await createKey();
        await store.putKey(key);
      }
      const publicKey = await rawPublicKey(key);
      const { names, contents } = await store.load();
      const replica = new Replica(publicKey, names, contents, options.schema);
      const evicted = remember(options.name, toHex(publicKey), isNew);
      return new Device(options, store, key, publicKey, replica, evicted, onNews);
    } catch (error) {
      store.close();
      throw error instanceof HoldfastError ? error : malformed(error);
    }
  }

  /** Connects, or if it is connected with other options, anew with these. */
  async connect(options: ConnectOptions): Promise<void> {
    const { endpoints: named, authorities: by } = options;
    this.#authorities = by.map(fromHex);
    const key = JSON.stringify([named, by]);
    if (this.#connection === key) return;
    this.#connection = key;
    const before = this.#link;
    this.#link = undefined;
    await before?.close();
    if (this.#connection !== key) return;
    const endpoints = (options.endpoints ?? [location.origin]).map((endpoint) => new URL(endpoint).origin);
    this.#link = new LinkDriver(this, endpoints, this.#authorities, this.#options.retainUntil, this.#followed);
  }

  async close(): Promise<void> {
    await this.#link?.close();
    await this.#flusher.idle();
    this.#store.close();
  }

  // What pages ask.

  async publicKey(): Promise<string> {
    return toHex(this.#publicKey);
  }

  write(asked: Asked, scope: string, changes: Change[]): Promise<Range> {
    return this.#once(asked, scope, () => this.replica.write(scope, changes, this.nowMillis()));
  }

  async fate(scope: string, { replica, first, last }: Range, documents: DocumentName[]): Promise<Fate> {
    // What stood already is as safe as what made it so; what was written under a key before may have another number by now.
    if (last === 0 || replica !== this.replica.id()) return { durability: this.#least(scope, documents), discarded: false };
    const isWithin = (one: { scope: string; first: number; last: number }): boolean =>
      one.scope === scope && one.first <= last && one.last >= first;
    const rejection = this.#rejections().find(isWithin);
    const fate: Fate = {
      durability: (this.replica.durability(scope, first, last) ?? this.#options.retainUntil) as Durability,
      discarded: this.#discarded.some(isWithin),
    };
    if (rejection !== undefined) fate.rejection = rejection;
    return fate;
  }

  #least(scope: string, documents: DocumentName[]): Durability {
    let least = this.#options.retainUntil;
    for (const [collection, id] of documents) {
      const level = this.replica.reached(scope, collection, id) as Durability;
      if (LEVELS.indexOf(level) < LEVELS.indexOf(least)) least = level;
    }
    return least;
  }

  async get(scope: string, collection: string, id: string): Promise<View> {
    return this.#views.one(scope, collection, id);
  }

  async query(scope: string, collection: string, query: Query): Promise<NonNullable<View>[]> {
    return select(this.#views.all(scope, collection), query);
  }

  async pending(scope: string, collection: string, id: string): Promise<Durability | undefined> {
    return (this.replica.pending(scope, collection, id) ?? undefined) as Durability | undefined;
  }

  async rejections(): Promise<Rejection[]> {
    return this.#rejections();
  }

  async discard(scope: string, first: number): Promise<void> {
    this.#withdraw(scope, first, false);
    this.tell();
    await this.flush();
  }

  writeAgain(asked: Asked, scope: string, first: number): Promise<Range> {
    return this.#once(asked, scope, () => this.#withdraw(scope, first, true));
  }

  async enrol(grant: string, authorities: string[]): Promise<void> {
    const encoded = grantOctets(grant);
    const held = this.replica.grant();
    if (held != null && toHex(held.encoded) === toHex(encoded)) return;
    const said = readGrant(this.replica, encoded);
    if (said.replica !== this.replica.id())
      throw new HoldfastError('grant', `The grant is for another key; this device's is ${toHex(this.#publicKey)}`);
    const answers = await Promise.all(
      authorities.map((authority) => this.verify(this.replica.grantChecks(encoded, fromHex(authority)))),
    );
    if (!answers.some((checks) => checks.every((holds) => holds)))
      throw new HoldfastError('grant', 'The grant is not by an authority that was named');
    this.replica.enrol(encoded);
    await this.flush();
    this.#link?.renew();
  }

  async follow(scopes: string[]): Promise<void> {
    for (const scope of scopes) {
      if (this.#followed.has(scope)) continue;
      this.#followed.add(scope);
      this.#link?.grew(scope);
    }
  }

  async status(): Promise<Status> {
    const backlog = this.replica.backlog();
    const subject = this.replica.grant()?.subject;
    return {
      replica: this.replica.id(),
      ...(subject === undefined ? {} : { subject }),
      link: this.#linkStatus,
      unsynced: {
        operations: backlog.operations,
        bytes: backlog.bytes,
        ...(backlog.oldestMillis === 0 ? {} : { oldestMillis: backlog.oldestMillis }),
      },
      rejections: this.replica.refusals().length,
      clockAheadMillis: this.#clockAheadMillis,
      persisted: (await navigator.storage?.persisted?.()) ?? false,
      evicted: this.#evicted,
      copied: this.#copied,
    };
  }

  async wake(): Promise<void> {
    this.#link?.wake();
  }

  async export(): Promise<Octets> {
    if (this.replica.grant() == null) throw new HoldfastError('grant', 'Nobody takes in what was written without a grant');
    if (this.replica.isHeld()) throw new HoldfastError('busy', 'This device has taken a new key: a node must tell first what it has of the writes under the one before');
    for (const scope of this.replica.scopes()) {
      for (let draft = this.replica.draft(scope); draft != null; draft = this.replica.draft(scope))
        draft.seal(await this.sign(draft.text()), this.nowMillis());
    }
    const file = attempt(() => this.replica.bundle(this.#options.retainUntil));
    // As with a socket: nothing leaves before it is on the disk.
    await this.flush();
    return file;
  }

  async import(file: Octets): Promise<Imported> {
    if (this.replica.grant() == null) throw new HoldfastError('grant', 'A device without a grant may read nothing: connect with one first');
    if (this.#authorities.length === 0) throw new HoldfastError('grant', 'Connect first, be there a network or not: that says whose grants are believed');
    const incoming = attempt(() => this.replica.incoming(file, this.#authorities, this.#options.retainUntil, this.nowMillis()));
    const checks = incoming.checks();
    const answers: boolean[] = [];
    for (let at = 0; at < checks.length; at += VERIFIED_AT_ONCE) answers.push(...(await this.verify(checks.slice(at, at + VERIFIED_AT_ONCE))));
    const kept = incoming.keep(answers, this.nowMillis());
    if (kept.refused !== undefined) throw new HoldfastError(kept.code === 'bad-signature' ? 'malformed' : 'grant', `Nothing of the file was kept: ${kept.refused}`);
    if (kept.copied) {
      await this.#succeed();
      return this.import(file);
    }
    for (const what of this.replica.news()) {
      this.#touched(what);
      if (what.grew) this.#link?.grew(what.scope);
    }
    await this.flush();
    return { operations: kept.operations };
  }

  /** Forgets what was answered to tabs other than these. */
  keepTabs(living: ReadonlySet<string>): void {
    for (const name of this.replica.noteNames())
      if (name.startsWith(NOTE) && !living.has(name.slice(NOTE.length))) this.replica.dropNote(name);
  }

  // What the link asks.

  sign(text: Octets): Promise<Octets> {
    return sign(this.#key, text);
  }

  verify(checks: Check[]): Promise<boolean[]> {
    return this.#verifier.all(checks);
  }

  flush(): Promise<void> {
    return this.#flusher.flush();
  }

  nowMillis(): number {
    return Date.now() - this.#clockAheadMillis;
  }

  clockAhead(millis: number): void {
    this.#clockAheadMillis = millis;
  }

  linkChanged(status: LinkStatus): void {
    const before = this.#linkStatus;
    const since = !before.connected && !status.connected ? { sinceMillis: before.sinceMillis } : {};
    this.#linkStatus = { ...status, ...since };
    this.#onNews({ news: 'link', link: this.#linkStatus });
  }

  rejected(scope: string, first: number): void {
    const rejection = this.#rejections().find((one) => one.scope === scope && one.first === first);
    if (rejection !== undefined) this.#onNews({ news: 'rejected', rejection });
    this.tell();
  }

  copied(): void {
    // Where it cannot be kept, the next session says so again.
    void this.#succeed().catch(() => {});
  }

  /** Takes a new key, since this store was copied and another one writes under the same. */
  #succeed(): Promise<void> {
    this.#succession ??= this.#takeKey().finally(() => {
      this.#succession = undefined;
    });
    return this.#succession;
  }

  async #takeKey(): Promise<void> {
    const key = await createKey();
    const publicKey = await rawPublicKey(key);
    let text = this.replica.successionText(publicKey);
    let signature: Octets | null = null;
    // Another grant may come while this one is passed on.
    for (let signed: typeof text; text != null && !isSame(text, signed); text = this.replica.successionText(publicKey)) {
      signed = text;
      signature = await sign(this.#key, text);
    }
    // In one turn: whoever writes next does so under the new key.
    this.replica.succeed(publicKey, signature);
    this.#before = { key: this.#key, publicKey: this.#publicKey };
    this.#key = key;
    this.#publicKey = publicKey;
    this.#discarded = [];
    this.tell();
    await this.flush();
    this.#before = undefined;
    this.#copied = true;
    remember(this.#options.name, toHex(publicKey), false);
    this.#onNews({ news: 'key', publicKey: toHex(publicKey) });
    this.#link?.renew();
  }

  /** Tells everybody what changed in the image. */
  tell(): void {
    for (const what of this.replica.news()) this.#touched(what);
  }

  /** Makes durable what an application has just written; until then its documents are shown as being saved. */
  async #save(): Promise<void> {
    const written = this.replica.news();
    for (const { scope, documents } of written) this.#views.saving(scope, documents, 1);
    for (const what of written) this.#touched(what);
    try {
      await this.flush();
    } finally {
      for (const { scope, documents } of written) this.#views.saving(scope, documents, -1);
      for (const what of written) this.#touched(what);
    }
  }

  #touched(what: Touched): void {
    this.#views.touched(what.scope, what.documents);
    const documents = what.documents as DocumentName[];
    if (what.heard) {
      documents.push(...this.#views.heard(what.scope, this.#options.retainUntil));
      this.#onNews({ news: 'heard', scope: what.scope });
    }
    this.#onNews({ news: 'changed', scope: what.scope, documents });
  }

  /** Writes now and answers once it is on the disk; what was written before is only answered. */
  async #once(asked: Asked, scope: string, work: () => Written): Promise<Range> {
    const answers = this.#answers(asked.tab);
    const known = answers.find(([number]) => number === asked.number);
    if (known !== undefined) {
      await this.flush();
      return { first: known[1], last: known[2], replica: known[3] };
    }
    const { first, last } = attempt(work);
    const replica = this.replica.id();
    if (asked.tab !== this.#options.tab) {
      // In the same turn, so that it is durable together with the write or not at all.
      const open = answers.filter(([number]) => number >= asked.oldest);
      open.push([asked.number, first, last, replica]);
      this.replica.putNote(NOTE + asked.tab, new TextEncoder().encode(JSON.stringify(open)));
    }
    await this.#save();
    this.#link?.grew(scope);
    return { first, last, replica };
  }

  #answers(tab: string): [number: number, first: number, last: number, replica: string][] {
    const note = this.replica.note(NOTE + tab);
    return note == null ? [] : JSON.parse(new TextDecoder().decode(note));
  }

  #rejections(): Rejection[] {
    return this.replica.refusals() as Rejection[];
  }

  #withdraw(scope: string, first: number, again: boolean): Written {
    const rejection = this.#rejections().find((one) => one.scope === scope && one.first === first);
    const written = attempt(() => this.replica.withdraw(scope, first, again, this.nowMillis()));
    if (rejection !== undefined) this.#discarded.push({ scope, first, last: rejection.last });
    if (this.#discarded.length > DISCARDED) this.#discarded.shift();
    return written;
  }
}

function attempt<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw malformed(error);
  }
}

function grantOctets(grant: string): Octets {
  try {
    return fromBase64Url(grant);
  } catch (error) {
    throw notAGrant(error);
  }
}

function readGrant(replica: Replica, encoded: Octets): GrantSaid {
  try {
    return replica.readGrant(encoded);
  } catch (error) {
    throw notAGrant(error);
  }
}

function notAGrant(error: unknown): HoldfastError {
  return new HoldfastError('grant', 'This is no grant: it is one line of base64url', { cause: error });
}

/**
 * Keeps the public key beside the database. Answers whether there was another there: the browser dropped the database, or
 * the user cleared it, but not this.
 */
function remember(name: string, publicKey: string, isNew: boolean): boolean {
  try {
    const before = localStorage.getItem(`holdfast/${name}`);
    localStorage.setItem(`holdfast/${name}`, publicKey);
    return isNew && before !== null;
  } catch {
    return false; // where there is no such place, nothing can be told by it
  }
}
