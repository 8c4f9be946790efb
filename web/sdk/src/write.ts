import type { Client } from './client.js';
import type { Fate, Range } from './device.js';
import { HoldfastError } from './failure.js';
import { type DocumentName, type Durability, LEVELS, type Rejection } from './types.js';

/** A write under way: shown here at once, saved when `local` is fulfilled, and then on its way to others. */
export class Write {
  /**
   * Fulfilled once it is on this device's disk.
   *
   * @throws HoldfastError `full` or `storage` when the browser could not keep it, `malformed` when it is over a limit;
   *     nothing of it stands then
   */
  readonly local: Promise<void>;
  readonly #client: Client;
  readonly #scope: string;
  readonly #documents: DocumentName[];
  readonly #range: Promise<Range>;

  /** @internal */
  constructor(client: Client, scope: string, documents: DocumentName[], range: Promise<Range>) {
    this.#client = client;
    this.#scope = scope;
    this.#documents = documents;
    this.#range = range;
    this.local = range.then(() => {});
  }

  /** Whether nothing had to be changed: what was asked for stood already. */
  async isNothing(): Promise<boolean> {
    return (await this.#range).last === 0;
  }

  /** How far it has got. Of what is beyond the level up to which this device answers for it nothing is known here. */
  async durability(): Promise<Durability> {
    return (await this.#fate()).durability;
  }

  /** The refusal, if it was refused. */
  async rejection(): Promise<Rejection | undefined> {
    return (await this.#fate()).rejection;
  }

  /**
   * Fulfilled once it has got that far.
   *
   * @throws HoldfastError `timeout` when that took longer, `rejected` when it was refused for good; RangeError for a level
   *     of which this device is never told
   */
  async reached(level: Durability, options: { timeoutMs?: number } = {}): Promise<void> {
    this.#client.requireTold(level);
    const until = performance.now() + (options.timeoutMs ?? Number.POSITIVE_INFINITY);
    let ring = (): void => {};
    const stops = [
      this.#client.listen((news) => {
        if (news.news === 'changed' && news.scope === this.#scope) ring();
      }),
      this.#client.onMoved(() => ring()),
    ];
    try {
      while (true) {
        const changed = new Promise<void>((resolve) => {
          ring = resolve;
        });
        const left = until - performance.now();
        const fate = await inTime(this.#fate(), left);
        if (fate.discarded || fate.rejection?.settled === true)
          throw new HoldfastError('rejected', fate.rejection?.reason ?? 'It was refused, and discarded');
        if (LEVELS.indexOf(fate.durability) >= LEVELS.indexOf(level)) return;
        await inTime(changed, until - performance.now());
      }
    } finally {
      for (const stop of stops) stop();
    }
  }

  async #fate(): Promise<Fate> {
    return this.#client.tabs.ask('fate', this.#scope, await this.#range, this.#documents);
  }
}

function inTime<T>(promise: Promise<T>, millis: number): Promise<T> {
  if (millis === Number.POSITIVE_INFINITY) return promise;
  return new Promise((resolve, reject) => {
    const late = (): void => reject(new HoldfastError('timeout', 'It takes longer; it may still come'));
    const timer = setTimeout(late, Math.max(0, millis));
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
