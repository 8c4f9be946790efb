import { HoldfastError } from './failure.js';

const DEPTH = 64;

/**
 * A copy of what an application writes, since what it changes later must not change what it wrote. As in JSON a field that
 * is undefined is left out; what no field can hold is an error.
 */
export function plain(value: unknown, depth = DEPTH): unknown {
  if (depth === 0) throw new HoldfastError('malformed', 'nested too deep');
  switch (typeof value) {
    case 'boolean':
    case 'number':
    case 'bigint':
    case 'string':
      return value;
    case 'object':
      return value === null ? null : copied(value, depth - 1);
    default:
      throw new HoldfastError('malformed', `a field cannot hold ${typeof value === 'undefined' ? 'undefined' : `a ${typeof value}`}`);
  }
}

function copied(value: object, depth: number): unknown {
  if (value instanceof Uint8Array) return Uint8Array.from(value);
  if (Array.isArray(value)) return value.map((item) => plain(item, depth));
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== null && prototype !== Object.prototype)
    throw new HoldfastError('malformed', `a field cannot hold a ${value.constructor.name}`);
  const copy: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(value)) {
    if (field === undefined) continue;
    Object.defineProperty(copy, name, { value: plain(field, depth), enumerable: true, writable: true, configurable: true });
  }
  return copy;
}
