import type { Replica } from 'holdfast-core';
import type { RowStore } from './rows.js';

interface Waiting {
  resolve: () => void;
  reject: (error: unknown) => void;
}

/**
 * Makes durable what the image holds, a group at a time: what is written while one is under way goes into the next, so
 * that many writers share a flush. When one fails the image goes back, and everybody who waited for it or for a later
 * one is told.
 */
export class Flusher {
  readonly #replica: Replica;
  readonly #store: Pick<RowStore, 'commit'>;
  readonly #onLost: (error: unknown) => void;
  #next: Waiting[] = [];
  #underway: Promise<void> | undefined;

  constructor(replica: Replica, store: Pick<RowStore, 'commit'>, onLost: (error: unknown) => void) {
    this.#replica = replica;
    this.#store = store;
    this.#onLost = onLost;
  }

  /** Fulfilled once all that was written by now is on the disk. */
  flush(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#next.push({ resolve, reject });
      this.#underway ??= this.#run();
    });
  }

  /** Fulfilled when nothing is under way any more. */
  async idle(): Promise<void> {
    await this.#underway;
  }

  async #run(): Promise<void> {
    // Whoever writes in the same turn shares the flush.
    await Promise.resolve();
    while (this.#next.length > 0) {
      const group = this.#next;
      this.#next = [];
      try {
        const rows = this.#replica.take();
        if (rows.length > 0) await this.#store.commit(rows);
        this.#replica.flushed();
        for (const one of group) one.resolve();
      } catch (error) {
        this.#replica.lost();
        const told = [...group, ...this.#next];
        this.#next = [];
        this.#onLost(error);
        for (const one of told) one.reject(error);
      }
    }
    this.#underway = undefined;
  }
}
