import type { DocumentView } from './types.js';

/** What a field is compared with. A document without the field fulfils none of these. */
export type Comparable = string | number | bigint | boolean;

export interface Range {
  equal?: Comparable;
  atLeast?: string | number | bigint;
  atMost?: string | number | bigint;
  above?: string | number | bigint;
  below?: string | number | bigint;
}

/** A question for the documents of one collection. */
export interface Query {
  /** By path, such as `address.city`: a value that the field equals, or a range that it lies in. */
  where?: Record<string, Comparable | Range>;
  /** Without it: by the field of the first range, else by id. Documents without the field come first. */
  orderBy?: string;
  descending?: boolean;
  /** The first so many at most. */
  limit?: number;
}

type View = DocumentView<Record<string, unknown>>;

/** The documents that fulfil `query`, in its order; `views` come ordered by id. */
export function select(views: readonly View[], query: Query): View[] {
  const conditions = Object.entries(query.where ?? {}).map(([path, what]) => condition(path, what));
  const found = conditions.length === 0 ? [...views] : views.filter((view) => conditions.every((holds) => holds(view)));
  const by = query.orderBy ?? firstRange(query);
  if (by !== undefined) {
    const path = by.split('.');
    const keyed = found.map((view) => ({ view, key: at(view.fields, path) }));
    // Sorting is stable: equals stay in the order of their ids.
    keyed.sort((a, b) => order(a.key, b.key));
    for (const [index, { view }] of keyed.entries()) found[index] = view;
  }
  if (query.descending === true) found.reverse();
  return query.limit === undefined ? found : found.slice(0, query.limit);
}

/** Throws where a query is none. */
export function requireQuery(query: Query): void {
  if (query.limit !== undefined && !(query.limit >= 0)) throw new RangeError('a limit is 0 or more');
  for (const [path, what] of Object.entries(query.where ?? {})) condition(path, what);
}

function condition(path: string, what: Comparable | Range): (view: View) => boolean {
  const names = path.split('.');
  if (typeof what !== 'object') {
    requireComparable(path, what);
    return (view) => isEqual(at(view.fields, names), what);
  }
  const tests: ((value: unknown) => boolean)[] = [];
  for (const [word, bound] of Object.entries(what) as [keyof Range, Comparable][]) {
    requireComparable(path, bound);
    tests.push(test(word, bound));
  }
  return (view) => {
    const value = at(view.fields, names);
    return tests.every((holds) => holds(value));
  };
}

function test(word: keyof Range, bound: Comparable): (value: unknown) => boolean {
  switch (word) {
    case 'equal':
      return (value) => isEqual(value, bound);
    case 'atLeast':
      return (value) => rank(value) === rank(bound) && order(value, bound) >= 0;
    case 'atMost':
      return (value) => rank(value) === rank(bound) && order(value, bound) <= 0;
    case 'above':
      return (value) => rank(value) === rank(bound) && order(value, bound) > 0;
    case 'below':
      return (value) => rank(value) === rank(bound) && order(value, bound) < 0;
    default:
      throw new TypeError(`a range knows equal, atLeast, atMost, above and below, not ${String(word)}`);
  }
}

function requireComparable(path: string, value: unknown): void {
  if (rank(value) === Rank.OTHER || rank(value) === Rank.NONE)
    throw new TypeError(`${path} is compared with text, a number or a boolean`);
}

function firstRange(query: Query): string | undefined {
  for (const [path, what] of Object.entries(query.where ?? {}))
    if (typeof what === 'object' && !('equal' in what)) return path;
  return undefined;
}

export function at(fields: unknown, path: readonly string[]): unknown {
  let value = fields;
  for (const name of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
    value = (value as Record<string, unknown>)[name];
  }
  return value;
}

const Rank = { NONE: 0, BOOLEAN: 1, NUMBER: 2, TEXT: 3, OTHER: 4 } as const;

function rank(value: unknown): number {
  switch (typeof value) {
    case 'undefined':
      return Rank.NONE;
    case 'boolean':
      return Rank.BOOLEAN;
    case 'number':
    case 'bigint':
      return Rank.NUMBER;
    case 'string':
      return Rank.TEXT;
    default:
      return value === null ? Rank.NONE : Rank.OTHER;
  }
}

function isEqual(a: unknown, b: Comparable): boolean {
  return rank(a) === rank(b) && order(a, b) === 0;
}

function order(a: unknown, b: unknown): number {
  const ranks = rank(a) - rank(b);
  if (ranks !== 0) return ranks;
  if (typeof a === 'string' && typeof b === 'string') return byCodePoint(a, b);
  const x = a as number;
  const y = b as number;
  return rank(a) === Rank.OTHER || rank(a) === Rank.NONE || x == y ? 0 : x < y ? -1 : 1;
}

/** The order of UTF-8, which is that of every other part of the system; UTF-16's differs beyond U+FFFF. */
export function byCodePoint(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    let x = a.charCodeAt(i);
    let y = b.charCodeAt(i);
    if (x === y) continue;
    if (x >= 0xd800 && y >= 0xd800) {
      // Surrogates stand for code points above all others.
      x = x >= 0xe000 ? x - 0x800 : x + 0x2000;
      y = y >= 0xe000 ? y - 0x800 : y + 0x2000;
    }
    return x - y;
  }
  return a.length - b.length;
}
