import type { Client } from './client.js';
import { HoldfastError } from './failure.js';
import { isSame } from './same.js';
import type { News } from './types.js';

/** Half a frame. */
const QUICK_MILLIS = 8;

/** A question that is asked again whenever its answer may have changed. */
export class Live<T> {
  readonly #client: Client;
  readonly #concerns: (news: News) => boolean;
  readonly #ask: () => Promise<T>;

  /** @param concerns whether the answer may be another one after that */
  constructor(client: Client, concerns: (news: News) => boolean, ask: () => Promise<T>) {
    this.#client = client;
    this.#concerns = concerns;
    this.#ask = ask;
  }

  /** Tells the answer, now and whenever it has changed; never twice at a time. */
  tell(listener: (answer: T) => void): () => void {
    let stopped = false;
    let asking = false;
    let again = false;
    let told: { answer: T } | undefined;
    const look = async (): Promise<void> => {
      again = true;
      if (asking) return;
      asking = true;
      try {
        while (again && !stopped) {
          again = false;
          const from = performance.now();
          const answer = await this.#ask();
          const took = performance.now() - from;
          if (!stopped && !(told !== undefined && isSame(told.answer, answer))) {
            told = { answer };
            listener(answer);
          }
          // A long answer is not asked for all the time, or a page whose data arrives in bulk could do nothing else.
          if (took > QUICK_MILLIS) await new Promise((resolve) => setTimeout(resolve, took));
        }
      } catch (error) {
        stop();
        // A closed client ends what it was watched for; anything else is for whoever looks after such errors.
        if (!(error instanceof HoldfastError && error.code === 'closed')) reportError(error);
      } finally {
        asking = false;
      }
    };
    const stops = [
      this.#client.listen((news) => {
        if (this.#concerns(news)) void look();
      }),
      this.#client.onMoved(() => void look()),
    ];
    const stop = (): void => {
      stopped = true;
      for (const end of stops) end();
    };
    void look();
    return stop;
  }

  async *iterate(): AsyncGenerator<T, void, undefined> {
    let newest: { answer: T } | undefined;
    let ring = (): void => {};
    const stop = this.tell((answer) => {
      newest = { answer };
      ring();
    });
    try {
      while (true) {
        const changed = new Promise<void>((resolve) => {
          ring = resolve;
        });
        if (newest === undefined) await changed;
        const next: { answer: T } | undefined = newest;
        newest = undefined;
        if (next !== undefined) yield next.answer;
      }
    } finally {
      stop();
    }
  }
}
