import type { Check, Replica, Session, Want } from 'holdfast-core';
import { RoundLine, SocketLine, Waiter, greet } from './lines.js';
import type { Octets } from './octets.js';
import type { Durability, LinkStatus } from './types.js';

const TICK_MILLIS = 1_000;
const FIRST_WAIT_MILLIS = 200;
const LONGEST_WAIT_MILLIS = 30_000;
/** A session that lived so long was a good one. */
const STABLE_MILLIS = 10_000;
const YOUNG_DEATHS = 3;
const BUSY_POLL_MILLIS = 2_000;
const IDLE_POLL_MILLIS = 30_000;
/** How long rounds are used before a socket is tried again. */
const SOCKET_PROBE_MILLIS = 5 * 60_000;
/** After so long without a message a socket is taken to be dead. */
const SILENCE_MILLIS = 45_000;
const DRIFT_MILLIS = 5 * 60_000;

/** What a link asks of whoever owns the device. */
export interface Owner {
  readonly replica: Replica;
  sign(text: Octets): Promise<Octets>;
  verify(checks: Check[]): Promise<boolean[]>;
  /** Makes durable what the image holds. */
  flush(): Promise<void>;
  nowMillis(): number;
  clockAhead(millis: number): void;
  linkChanged(status: LinkStatus): void;
  /** What a session changed is to be shown. */
  tell(): void;
  rejected(scope: string, first: number): void;
  /** Somebody else wrote under the device's key. */
  copied(): void;
}

interface End {
  reason: string;
  retry: boolean;
}

/**
 * Keeps a device in step with a node, for as long as it is open: finds one, holds a session with it for as long as that
 * lives, waits, begins again. The order of things is core's; here are the sockets, the clock and the keys.
 *
 * A socket is preferred. Rounds of posts are used where none can be had, and after several sockets in a row that died
 * young.
 */
export class LinkDriver {
  readonly #owner: Owner;
  readonly #endpoints: string[];
  readonly #authorities: Octets[];
  readonly #retainUntil: Durability;
  readonly #closing = new AbortController();
  readonly #bell = new Waiter();
  readonly #grown = new Set<string>();
  readonly #asked: Set<string>;
  readonly #greeted = new Set<string>();
  readonly #ended: Promise<void>;
  #renewed = false;
  #woken = false;
  #failures = 0;
  #youngDeaths = 0;
  #socketsFrom = 0;
  #next = 0;

  constructor(owner: Owner, endpoints: string[], authorities: Octets[], retainUntil: Durability, scopes: Iterable<string>) {
    this.#owner = owner;
    this.#endpoints = endpoints;
    this.#authorities = authorities;
    this.#retainUntil = retainUntil;
    this.#asked = new Set(scopes);
    this.#ended = this.#live();
  }

  /** There may be something to push in the scope, or it is to be followed from now on. */
  grew(scope: string): void {
    this.#asked.add(scope);
    this.#grown.add(scope);
    this.#bell.ring();
  }

  /** Begins a new session at once: under another grant, or since the image has gone back. */
  renew(): void {
    this.#renewed = true;
    this.#bell.ring();
  }

  /** Tries again now: the network may be back. A session that lives goes on. */
  wake(): void {
    this.#woken = true;
    this.#bell.ring();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#bell.ring();
    await this.#ended;
  }

  get #isClosing(): boolean {
    return this.#closing.signal.aborted;
  }

  async #live(): Promise<void> {
    while (!this.#isClosing) {
      this.#renewed = false;
      if (this.#owner.replica.grant() == null) {
        this.#disconnected('no grant for this key yet');
        await this.#pause(Number.POSITIVE_INFINITY);
        continue;
      }
      const end = await this.#attempt().catch((error: unknown) => ({ reason: words(error), retry: true }));
      if (this.#isClosing || end === undefined) continue;
      this.#disconnected(end.reason);
      this.#failures++;
      const bound = Math.min(LONGEST_WAIT_MILLIS, FIRST_WAIT_MILLIS * 2 ** Math.min(this.#failures, 20));
      // What only people can change is asked for seldom.
      await this.#pause(end.retry ? Math.random() * bound : LONGEST_WAIT_MILLIS);
    }
  }

  /** One connection, from its beginning to its end; undefined where the next is to begin at once. */
  async #attempt(): Promise<End | undefined> {
    const endpoint = this.#endpoints[this.#next++ % this.#endpoints.length];
    if (endpoint === undefined) throw new Error('no endpoint is known');
    if (!this.#greeted.has(endpoint)) {
      await greet(endpoint, this.#closing.signal);
      this.#greeted.add(endpoint);
    }
    // Only a round tells where a feed ends, which is to be known after a new key was taken.
    if (performance.now() >= this.#socketsFrom && !this.#owner.replica.isHeld()) {
      let opened: { line: SocketLine; challenge: Octets };
      try {
        opened = await SocketLine.open(endpoint, () => this.#bell.ring(), this.#closing.signal);
      } catch (error) {
        this.#diedYoung();
        throw error;
      }
      const began = performance.now();
      try {
        return await this.#converse(opened.line, opened.challenge);
      } finally {
        opened.line.close();
        if (performance.now() - began >= STABLE_MILLIS) this.#failures = this.#youngDeaths = 0;
        else this.#diedYoung();
      }
    }
    const { line, challenge } = await RoundLine.open(endpoint, this.#closing.signal);
    return this.#poll(line, challenge);
  }

  #diedYoung(): void {
    if (++this.#youngDeaths < YOUNG_DEATHS) return;
    this.#youngDeaths = 0;
    this.#socketsFrom = performance.now() + SOCKET_PROBE_MILLIS;
  }

  #session(challenge: Octets, rounds: boolean): Session {
    const { replica } = this.#owner;
    const session = replica.session(this.#authorities, this.#retainUntil, rounds);
    this.#grown.clear();
    const scopes = new Set([...this.#asked, ...replica.scopes()]);
    session.begin(crypto.getRandomValues(new Uint8Array(16)), challenge, [...scopes], this.#owner.nowMillis());
    return session;
  }

  async #converse(line: SocketLine, challenge: Octets): Promise<End | undefined> {
    const session = this.#session(challenge, false);
    const send = (message: Octets): void => line.send(message);
    let tickAt = performance.now() + TICK_MILLIS;
    while (!this.#isClosing && !this.#renewed) {
      this.#tellGrown(session);
      const end = await this.#do(session, send, line.endpoint, true);
      if (end !== undefined) return end;
      const message = line.poll();
      if (message !== undefined) {
        session.received(message, this.#owner.nowMillis());
        continue;
      }
      if (performance.now() >= tickAt) {
        tickAt = performance.now() + TICK_MILLIS;
        session.tick(this.#owner.nowMillis());
        if (line.silentMillis() > SILENCE_MILLIS) throw new Error('nothing came for 45 s');
        continue;
      }
      await this.#bell.wait(Math.max(0, tickAt - performance.now()));
    }
    return undefined;
  }

  async #poll(line: RoundLine, challenge: Octets): Promise<End | undefined> {
    const session = this.#session(challenge, true);
    const { replica } = this.#owner;
    const held = replica.isHeld();
    const until = performance.now() + SOCKET_PROBE_MILLIS;
    let wait = BUSY_POLL_MILLIS;
    while (!this.#isClosing && !this.#renewed && performance.now() < until) {
      this.#tellGrown(session);
      session.tick(this.#owner.nowMillis());
      const before = await this.#do(session, refuse, line.endpoint, false);
      if (before !== undefined) return before;
      const answers = await line.round(session.round(), this.#closing.signal);
      session.answered(answers, this.#owner.nowMillis());
      const end = await this.#do(session, refuse, line.endpoint, false);
      if (end !== undefined) return end;
      this.#failures = 0;
      if (held) {
        for (const scope of session.exhausted()) replica.caughtUp(scope);
        this.#owner.tell();
        await this.#owner.flush();
        if (!replica.isHeld()) return undefined;
      }
      if (session.isMore()) continue;
      wait = session.wasBusy() ? BUSY_POLL_MILLIS : Math.min(2 * wait, IDLE_POLL_MILLIS);
      await this.#bell.wait(wait);
    }
    return undefined;
  }

  #tellGrown(session: Session): void {
    this.#woken = false;
    for (const scope of this.#grown) session.grew(scope, this.#owner.nowMillis());
    this.#grown.clear();
  }

  /** Does what the session wants until it wants nothing, or is over. */
  async #do(session: Session, send: (message: Octets) => void, endpoint: string, socket: boolean): Promise<End | undefined> {
    const owner = this.#owner;
    for (let want = session.next(owner.nowMillis()); want != null; want = session.next(owner.nowMillis())) {
      switch (want.want) {
        case 'send':
          send(want.message);
          break;
        case 'sign':
          session.signed(await owner.sign(want.text), owner.nowMillis());
          break;
        case 'verify':
          session.verified(await owner.verify(want.checks), owner.nowMillis());
          break;
        case 'flush':
          // Shown at once; what the session makes of it waits for the disk.
          owner.tell();
          await owner.flush();
          session.flushed(owner.nowMillis());
          break;
        case 'closed':
          if (want.copied) owner.copied();
          return want;
        default:
          this.#learned(want, endpoint, socket);
      }
    }
    return undefined;
  }

  #learned(want: Want & { want: 'welcomed' | 'time' | 'refused' }, endpoint: string, socket: boolean): void {
    switch (want.want) {
      case 'welcomed':
        this.#owner.linkChanged({ connected: true, sinceMillis: Date.now(), endpoint, server: want.server, level: want.level as Durability, socket });
        break;
      case 'time': {
        const ahead = Date.now() - want.regionMillis;
        this.#owner.clockAhead(ahead > DRIFT_MILLIS ? ahead : 0);
        break;
      }
      case 'refused':
        this.#owner.rejected(want.scope, want.first);
        break;
    }
  }

  #disconnected(reason: string): void {
    this.#owner.linkChanged({ connected: false, sinceMillis: Date.now(), reason });
  }

  /** Waits so long, but no longer than until it is woken, renewed or closed. */
  async #pause(millis: number): Promise<void> {
    const until = performance.now() + millis;
    while (!this.#isClosing && !this.#renewed && !this.#woken) {
      const left = until - performance.now();
      if (left <= 0) break;
      await this.#bell.wait(Math.min(left, LONGEST_WAIT_MILLIS));
    }
    this.#woken = false;
  }
}

function refuse(): void {
  throw new Error('a session by rounds sends nothing by itself');
}

function words(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
