import { frame, unframe } from './frames.js';
import type { Octets } from './octets.js';

const PATH = '/v1/sync';
const ATTEMPT_MILLIS = 10_000;

/** A WebSocket to a node. What comes in waits until it is taken; the protocol bounds how much that can be. */
export class SocketLine {
  readonly endpoint: string;
  readonly #socket: WebSocket;
  readonly #messages: Octets[] = [];
  readonly #bell: () => void;
  #lost: string | undefined;
  #heardAt = performance.now();

  private constructor(endpoint: string, bell: () => void) {
    this.endpoint = endpoint;
    this.#bell = bell;
    this.#socket = new WebSocket(endpoint.replace(/^http/, 'ws') + PATH);
    this.#socket.binaryType = 'arraybuffer';
    this.#socket.onmessage = (event) => this.#received(event.data);
    this.#socket.onclose = (event) => this.#lose(`the connection was closed (${event.code})`);
    this.#socket.onerror = () => this.#lose('the connection failed');
  }

  /**
   * Waits until the server has said its challenge, which is the first message.
   *
   * @param bell rung whenever something arrived, or the socket is lost
   */
  static async open(endpoint: string, bell: () => void, signal: AbortSignal): Promise<{ line: SocketLine; challenge: Octets }> {
    const arrived = new Waiter();
    const line = new SocketLine(endpoint, () => {
      arrived.ring();
      bell();
    });
    const timer = setTimeout(() => line.#lose(`no answer in ${ATTEMPT_MILLIS / 1000} s`), ATTEMPT_MILLIS);
    const abort = (): void => line.#lose('closing');
    signal.addEventListener('abort', abort);
    try {
      while (true) {
        const challenge = line.poll();
        if (challenge !== undefined) return { line, challenge };
        await arrived.wait();
      }
    } catch (error) {
      line.close();
      throw error;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
    }
  }

  /** What arrived, if anything has; throws once the socket is lost and everything before was taken. */
  poll(): Octets | undefined {
    const message = this.#messages.shift();
    if (message === undefined && this.#lost !== undefined) throw new Error(this.#lost);
    return message;
  }

  send(message: Octets): void {
    this.#socket.send(frame(message));
  }

  /** For how long nothing has come. A node says something to a page at least every 20 s. */
  silentMillis(): number {
    return performance.now() - this.#heardAt;
  }

  close(): void {
    this.#lost ??= 'closed here';
    this.#socket.onmessage = this.#socket.onclose = this.#socket.onerror = null;
    this.#socket.close();
  }

  #received(data: unknown): void {
    this.#heardAt = performance.now();
    try {
      if (!(data instanceof ArrayBuffer)) throw new TypeError('the server sent text');
      this.#messages.push(unframe(new Uint8Array(data)));
    } catch (error) {
      this.#lose(`the server sent what is no message: ${String(error)}`);
    }
    this.#bell();
  }

  #lose(why: string): void {
    this.#lost ??= why;
    this.#bell();
  }
}

/**
 * Reaches a node as any page's request does. Nodes ask for a certificate that no browser has; a WebSocket is given up at
 * that question, unless a request before has settled that there is none.
 */
export async function greet(endpoint: string, signal: AbortSignal): Promise<void> {
  // Whatever it answers, also to another site's page, which may not read it.
  await fetch(`${endpoint}/healthz`, {
    mode: 'no-cors',
    cache: 'no-store',
    credentials: 'include',
    signal: AbortSignal.any([signal, AbortSignal.timeout(ATTEMPT_MILLIS)]),
  });
}

/** Rounds of posts to a node, for networks that let no socket live. */
export class RoundLine {
  readonly endpoint: string;

  private constructor(endpoint: string) {
    this.endpoint = endpoint;
  }

  static async open(endpoint: string, signal: AbortSignal): Promise<{ line: RoundLine; challenge: Octets }> {
    const line = new RoundLine(endpoint);
    return { line, challenge: await line.round(new Uint8Array(0), signal) };
  }

  /** One round: sends these messages, answers those that came back. */
  async round(messages: Octets, signal: AbortSignal): Promise<Octets> {
    const answer = await fetch(this.endpoint + PATH, {
      method: 'POST',
      headers: { 'Content-Type': 'application/cbor' },
      body: messages,
      cache: 'no-store',
      credentials: 'omit',
      signal: AbortSignal.any([signal, AbortSignal.timeout(12 * ATTEMPT_MILLIS)]),
    });
    if (answer.status !== 200) throw new Error(`the server answered HTTP ${answer.status}`);
    return new Uint8Array(await answer.arrayBuffer());
  }
}

/** Something to wait for that anybody rings; what is rung for twice is heard once. */
export class Waiter {
  #rung = false;
  #wake: (() => void) | undefined;

  ring(): void {
    this.#rung = true;
    this.#wake?.();
  }

  /** Fulfilled at the next ring, or at once if it rang since the last wait; and after `millis` at the latest. */
  wait(millis?: number): Promise<void> {
    return new Promise((resolve) => {
      let timer: ReturnType<typeof setTimeout> | undefined;
      this.#wake = () => {
        clearTimeout(timer);
        this.#wake = undefined;
        this.#rung = false;
        resolve();
      };
      if (this.#rung) this.#wake();
      else if (millis !== undefined) timer = setTimeout(() => this.#wake?.(), millis);
    });
  }
}
