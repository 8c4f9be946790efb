import { type Collection, type DocumentView, type Query, type Status, type Subscription, isSame } from '@holdfast/client';
import { useMemo, useSyncExternalStore } from 'react';
import { useClient } from './provider.js';

/**
 * An answer of the device that is watched for as long as a component shows it, and kept as the same object for as long as it
 * says the same: React takes another object for a change, and StrictMode begins every watch twice.
 */
class Watched<T> {
  readonly #watch: (listener: (answer: T) => void) => Subscription;
  #answer: T | undefined;

  constructor(watch: (listener: (answer: T) => void) => Subscription) {
    this.#watch = watch;
  }

  readonly subscribe = (changed: () => void): Subscription =>
    this.#watch((answer) => {
      if (this.#answer !== undefined && isSame(this.#answer, answer)) return;
      this.#answer = answer;
      changed();
    });

  readonly answer = (): T | undefined => this.#answer;
}

function useWatched<T>(watch: (listener: (answer: T) => void) => Subscription, by: readonly unknown[]): T | undefined {
  // What `watch` closes over is named by `by`; a function that is made anew changes nothing.
  const watched = useMemo(() => new Watched(watch), by);
  return useSyncExternalStore(watched.subscribe, watched.answer, nothing);
}

/** On a server nothing is known. */
function nothing(): undefined {}

/**
 * The documents that fulfil a query, in its order; undefined until the device has answered, also after the query has become
 * another one. The query may be written in place: it is compared by what it says.
 */
export function useQuery<T extends object>(collection: Collection<T>, query: Query = {}): readonly DocumentView<T>[] | undefined {
  return useWatched<readonly DocumentView<T>[]>((listener) => collection.watch(query, listener), [collection.scope, collection.name, keyOf(query)]);
}

/** A document; null where there is none, and undefined until the device has answered. */
export function useDocument<T extends object>(collection: Collection<T>, id: string): DocumentView<T> | null | undefined {
  return useWatched<DocumentView<T> | null>(
    (listener) => collection.watchOne(id, (document) => listener(document ?? null)),
    [collection.scope, collection.name, id],
  );
}

/** How the device is doing: link, what waits to be sent, refusals; undefined until it has answered. */
export function useStatus(): Status | undefined {
  const client = useClient();
  return useWatched<Status>((listener) => client.watchStatus(listener), [client]);
}

function keyOf(query: Query): string {
  return JSON.stringify(query, (_, value: unknown) => (typeof value === 'bigint' ? { bigint: String(value) } : value));
}
