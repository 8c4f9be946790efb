import { Decompress } from 'fzstd';
import type { Octets } from './octets.js';

const PLAIN = 0;
const ZSTD = 1;
const MOST_BYTES = 4 << 20;

/** A message as a binary WebSocket message: one byte that says how the rest is written, then the message. */
export function frame(message: Octets): Octets {
  const framed = new Uint8Array(message.length + 1);
  framed[0] = PLAIN;
  framed.set(message, 1);
  return framed;
}

/** The message in a frame; throws where there is none, or where it unfolds into more than a message may be. */
export function unframe(framed: Octets): Octets {
  const rest = framed.subarray(1);
  switch (framed[0]) {
    case PLAIN:
      return rest;
    case ZSTD:
      return decompress(rest);
    default:
      throw new TypeError('a frame of an unknown form');
  }
}

/** In parts, so that what unfolds into too much is given up before it has. */
function decompress(compressed: Octets): Octets {
  const parts: Uint8Array[] = [];
  let size = 0;
  const stream = new Decompress((part) => {
    size += part.length;
    if (size > MOST_BYTES) throw new RangeError('a message that is too long');
    parts.push(part);
  });
  stream.push(compressed, true);
  const message = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    message.set(part, at);
    at += part.length;
  }
  return message;
}
