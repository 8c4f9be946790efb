import { type Backend, Device, type DeviceOptions } from './device.js';
import { HoldfastError, type FailureCode } from './failure.js';
import type { ConnectOptions, News } from './types.js';

/** What is asked and not answered; beyond it nothing more is taken on. */
const MOST_WAITING = 20_000;
/** What is told in one message; a turn that has more of it tells it in several. */
const MOST_UNTOLD = 1_000;

type Method = keyof Backend;

interface Call {
  id: number;
  method: Method;
  args: unknown[];
}

type Message =
  | { kind: 'call'; tab: string; call: Call }
  | { kind: 'answer'; tab: string; id: number; value?: unknown; failure?: { code: FailureCode; message: string } }
  | { kind: 'owner' }
  | { kind: 'news'; news: News[] };

interface Waiting {
  call: Call;
  resolve: (value: unknown) => void;
  reject: (error: unknown) => void;
}

/**
 * One tab's way to the device, which lives in one of them: the one that has the Web Lock of its name. The others ask it
 * over a BroadcastChannel. When it is gone the browser gives the lock to another, and what was asked and not answered is
 * asked again there.
 */
export class Tabs {
  readonly tab: string;
  readonly #name: string;
  readonly #options: DeviceOptions;
  readonly #channel: BroadcastChannel;
  readonly #onNews: (news: News) => void;
  readonly #onOwner: () => void;
  readonly #waiting = new Map<number, Waiting>();
  readonly #end = new AbortController();
  readonly #over = deferred();
  readonly #done: Promise<void>;
  #device: Device | undefined;
  #failed: unknown;
  #connection: ConnectOptions | undefined;
  readonly #untold: News[] = [];
  #nextId = 1;

  /**
   * @param onNews told what goes on, in whichever tab
   * @param onOwner told whenever another tab has become the owner: what was asked of the one before may be gone
   */
  private constructor(options: DeviceOptions, onNews: (news: News) => void, onOwner: () => void) {
    this.tab = options.tab;
    this.#name = `holdfast/${options.name}`;
    this.#options = options;
    this.#onNews = onNews;
    this.#onOwner = onOwner;
    this.#channel = new BroadcastChannel(this.#name);
    this.#channel.onmessage = (event) => this.#received(event.data as Message);
    // For as long as this tab lives, whoever owns the device knows by this that it does.
    void this.#hold(`${this.#name}/tab/${this.tab}`, () => Promise.resolve());
    this.#done = this.#hold(this.#name, () => this.#own());
  }

  /** Fulfilled once the device answers, here or in another tab. */
  static async open(options: DeviceOptions, onNews: (news: News) => void, onOwner: () => void): Promise<Tabs> {
    if (globalThis.navigator?.locks === undefined)
      throw new HoldfastError('unsupported', 'Web Locks need a secure context: https, or localhost');
    const tabs = new Tabs(options, onNews, onOwner);
    try {
      await tabs.ask('publicKey');
      return tabs;
    } catch (error) {
      await tabs.close();
      throw error;
    }
  }

  /**
   * Asks the device; answered when it has, however often it moves to another tab meanwhile. Where it answers nobody, such as
   * while the browser lets its tab sleep, what is asked waits, up to a bound; beyond that it fails at once as `busy`.
   */
  ask<M extends Method>(method: M, ...args: Parameters<Backend[M]>): ReturnType<Backend[M]> {
    return new Promise<unknown>((resolve, reject) => {
      if (this.#end.signal.aborted) return reject(new HoldfastError('closed', 'The client was closed'));
      if (this.#failed !== undefined) return reject(this.#failed);
      if (this.#waiting.size >= MOST_WAITING)
        return reject(new HoldfastError('busy', `${MOST_WAITING} questions wait for an answer; this one was not asked`));
      const call = { id: this.#nextId++, method, args };
      this.#waiting.set(call.id, { call, resolve, reject });
      this.#send(call);
    }) as ReturnType<Backend[M]>;
  }

  /** Has the device connect, now and whenever it has come to this tab. */
  connect(options: ConnectOptions): Promise<void> {
    this.#connection = options;
    return this.ask('connect', options);
  }

  async close(): Promise<void> {
    if (this.#end.signal.aborted) return;
    this.#end.abort();
    await this.#device?.close();
    this.#over.resolve();
    await this.#done;
    this.#channel.close();
    for (const { reject } of this.#waiting.values()) reject(new HoldfastError('closed', 'The client was closed'));
    this.#waiting.clear();
  }

  /** Runs `work` once the lock is held, and holds it until this is closed, or has failed. */
  async #hold(lock: string, work: () => Promise<void>): Promise<void> {
    await navigator.locks
      .request(lock, { signal: this.#end.signal }, async () => {
        await work();
        await this.#over.promise;
      })
      .catch((error: unknown) => {
        if (!this.#end.signal.aborted) throw error;
      });
  }

  /** The device is in this tab from now on. */
  async #own(): Promise<void> {
    try {
      const device = await Device.open(this.#options, (news) => this.#tell(news), () => this.#lose());
      device.keepTabs(await this.#living());
      this.#device = device;
      if (this.#connection !== undefined) await device.connect(this.#connection);
    } catch (error) {
      this.#fail(error);
      return;
    }
    this.#post({ kind: 'owner' });
    this.#onOwner();
    for (const { call } of this.#waiting.values()) this.#send(call);
  }

  async #living(): Promise<Set<string>> {
    const { held = [] } = await navigator.locks.query();
    const prefix = `${this.#name}/tab/`;
    const names = held.map((lock) => lock.name ?? '').filter((name) => name.startsWith(prefix));
    return new Set(names.map((name) => name.slice(prefix.length)));
  }

  #send(call: Call): void {
    if (this.#device === undefined) {
      this.#post({ kind: 'call', tab: this.tab, call });
      return;
    }
    void run(this.#device, call).then(
      (value) => this.#settle(call.id, ({ resolve }) => resolve(value)),
      (error: unknown) => this.#settle(call.id, ({ reject }) => reject(error)),
    );
  }

  #received(message: Message): void {
    switch (message.kind) {
      case 'call':
        if (this.#device !== undefined) void this.#answer(this.#device, message.tab, message.call);
        break;
      case 'answer':
        if (message.tab !== this.tab) break;
        this.#settle(message.id, ({ resolve, reject }) => {
          if (message.failure === undefined) resolve(message.value);
          else reject(new HoldfastError(message.failure.code, message.failure.message));
        });
        break;
      case 'owner':
        this.#onOwner();
        for (const { call } of this.#waiting.values()) this.#send(call);
        break;
      case 'news':
        for (const news of message.news) this.#onNews(news);
        break;
    }
  }

  async #answer(device: Device, tab: string, call: Call): Promise<void> {
    try {
      this.#post({ kind: 'answer', tab, id: call.id, value: await run(device, call) });
    } catch (error) {
      const code = error instanceof HoldfastError ? error.code : 'storage';
      this.#post({ kind: 'answer', tab, id: call.id, failure: { code, message: String((error as Error).message) } });
    }
  }

  #settle(id: number, how: (waiting: Waiting) => void): void {
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) return;
    this.#waiting.delete(id);
    how(waiting);
  }

  /** Tells this tab at once, and the others in one message what came in the same turn. */
  #tell(news: News): void {
    this.#untold.push(news);
    if (this.#untold.length === 1) queueMicrotask(() => this.#tellOthers());
    else if (this.#untold.length === MOST_UNTOLD) this.#tellOthers();
    this.#onNews(news);
  }

  #tellOthers(): void {
    if (this.#untold.length > 0) this.#post({ kind: 'news', news: this.#untold.splice(0) });
  }

  #post(message: Message): void {
    if (!this.#end.signal.aborted) this.#channel.postMessage(message);
  }

  #lose(): void {
    this.#fail(new HoldfastError('storage', 'The browser took the database away; load the page again'));
  }

  #fail(error: unknown): void {
    this.#failed = error;
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
    this.#device = undefined;
    this.#over.resolve();
  }
}

function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve = (): void => {};
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

function run(device: Device, call: Call): Promise<unknown> {
  return (device[call.method] as (...args: unknown[]) => Promise<unknown>).apply(device, call.args);
}
