import type { Replica } from 'holdfast-core';
import { byCodePoint } from './query.js';
import { type DocumentName, type DocumentView, type Durability, LEVELS } from './types.js';

type View = DocumentView<Record<string, unknown>>;

interface Cached {
  readonly views: Map<string, View>;
  /** Documents that changed since they were looked at. */
  readonly stale: Set<string>;
  /** The views by id; undefined once one came or went. */
  sorted: View[] | undefined;
}

/**
 * Documents as they are shown, kept so that a query decodes only what has changed. A view whose document did not change
 * is the same object.
 */
export class Views {
  readonly #replica: Replica;
  readonly #collections = new Map<string, Cached>();
  readonly #saving = new Map<string, number>();

  constructor(replica: Replica) {
    this.#replica = replica;
  }

  one(scope: string, collection: string, id: string): View | undefined {
    const cached = this.#collections.get(name(scope, collection));
    if (cached === undefined) return this.#show(scope, collection, id);
    this.#renew(scope, collection, cached);
    return cached.views.get(id);
  }

  /** All of a collection, by id. Not to be changed. */
  all(scope: string, collection: string): readonly View[] {
    let cached = this.#collections.get(name(scope, collection));
    if (cached === undefined) {
      cached = { views: new Map(), stale: new Set(this.#replica.ids(scope, collection)), sorted: undefined };
      this.#collections.set(name(scope, collection), cached);
    }
    this.#renew(scope, collection, cached);
    cached.sorted ??= [...cached.views.values()].sort((a, b) => byCodePoint(a.id, b.id));
    return cached.sorted;
  }

  /** Writes to these documents are on their way to the disk, one more or one less. */
  saving(scope: string, documents: readonly DocumentName[], more: 1 | -1): void {
    for (const [collection, id] of documents) {
      const key = JSON.stringify([scope, collection, id]);
      const count = (this.#saving.get(key) ?? 0) + more;
      if (count === 0) this.#saving.delete(key);
      else this.#saving.set(key, count);
    }
  }

  touched(scope: string, documents: readonly DocumentName[]): void {
    for (const [collection, id] of documents) this.#collections.get(name(scope, collection))?.stale.add(id);
  }

  /** Has all that is not as safe as `wanted` looked at again, of those that are kept; answers which. */
  heard(scope: string, wanted: Durability): DocumentName[] {
    const documents: DocumentName[] = [];
    for (const [key, cached] of this.#collections) {
      if (!key.startsWith(`${scope} `)) continue;
      const collection = key.slice(scope.length + 1);
      for (const { id, reached } of cached.views.values()) {
        if (LEVELS.indexOf(reached) >= LEVELS.indexOf(wanted)) continue;
        documents.push([collection, id]);
        cached.stale.add(id);
      }
    }
    return documents;
  }

  #renew(scope: string, collection: string, cached: Cached): void {
    if (cached.stale.size === 0) return;
    for (const id of cached.stale) {
      const view = this.#show(scope, collection, id);
      if (view === undefined) cached.views.delete(id);
      else cached.views.set(id, view);
    }
    cached.stale.clear();
    cached.sorted = undefined;
  }

  #show(scope: string, collection: string, id: string): View | undefined {
    const view = (this.#replica.show(scope, collection, id) ?? undefined) as View | undefined;
    return view !== undefined && this.#saving.has(JSON.stringify([scope, collection, id])) ? { ...view, saving: true } : view;
  }
}

/** No scope has a blank in its name. */
function name(scope: string, collection: string): string {
  return `${scope} ${collection}`;
}
