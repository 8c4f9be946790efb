import type { Check } from 'holdfast-core';
import { HoldfastError } from './failure.js';
import { type Octets, toHex } from './octets.js';

const ED25519 = { name: 'Ed25519' };
const MOST_REMEMBERED = 1_000;

/** The key that this device writes under. Its private half never leaves the browser's keeping: it cannot be exported. */
export interface KeyPair {
  publicKey: CryptoKey;
  privateKey: CryptoKey;
}

export async function createKey(): Promise<KeyPair> {
  if (globalThis.crypto?.subtle === undefined)
    throw new HoldfastError('unsupported', 'Keys need a secure context: https, or localhost');
  try {
    return (await crypto.subtle.generateKey(ED25519, false, ['sign', 'verify'])) as CryptoKeyPair;
  } catch (error) {
    throw new HoldfastError('unsupported', 'This browser has no Ed25519 keys', { cause: error });
  }
}

export async function rawPublicKey(key: KeyPair): Promise<Octets> {
  return new Uint8Array(await crypto.subtle.exportKey('raw', key.publicKey));
}

export async function sign(key: KeyPair, text: Octets): Promise<Octets> {
  return new Uint8Array(await crypto.subtle.sign(ED25519, key.privateKey, text));
}

/** Answers checks of signatures; remembers imported keys. */
export class Verifier {
  readonly #keys = new Map<string, CryptoKey | null>();

  all(checks: Check[]): Promise<boolean[]> {
    return Promise.all(checks.map((check) => this.#verify(check)));
  }

  async #verify(check: Check): Promise<boolean> {
    const key = await this.#key(check.publicKey);
    if (key === null || check.signature.length !== 64) return false;
    return crypto.subtle.verify(ED25519, key, check.signature, check.text);
  }

  async #key(raw: Octets): Promise<CryptoKey | null> {
    const name = toHex(raw);
    const known = this.#keys.get(name);
    if (known !== undefined) return known;
    // What is no key signs nothing; that is a wrong signature and no error.
    const key = await crypto.subtle.importKey('raw', raw, ED25519, false, ['verify']).catch(() => null);
    if (this.#keys.size >= MOST_REMEMBERED) this.#keys.clear();
    this.#keys.set(name, key);
    return key;
  }
}
