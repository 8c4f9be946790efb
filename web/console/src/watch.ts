import { type Kind, type Switches, type Told, appliedOf, arrivedOf, waitingOf } from './told.js';

/** A node as it was named, before it said anything itself. */
export interface Named {
  name: string;
  kind: Kind;
  address: string;
}

/** What the plot needs of one answer; counts since the node's start, which only grow. */
export interface Sample {
  at: number;
  arrived?: number;
  applied?: number;
  waiting?: number;
  /** Why nothing can be known, or applied, at that time. */
  fault?: string;
}

/** Whether a node answers this browser. */
export type Reach =
  | { state: 'asked' }
  | { state: 'reached'; since: number }
  | { state: 'silent'; since: number; why: string };

export interface Watched extends Named {
  reach: Reach;
  /** What it said last, and when that came. */
  told?: Told;
  toldAt?: number;
  samples: Sample[];
}

/** A node's refusal, in its own words. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

const KEY = 'holdfast-operator';
const EVERY = 2_000;
/** While nobody sees the page. */
const HIDDEN_EVERY = 20_000;
const PATIENCE = 5_000;
/** Twenty minutes. */
const MOST_SAMPLES = 600;
const MOST_NODES = 500;
/** Of many nodes each is asked more seldom. */
const BETWEEN_NODES = 40;

/** Asks nodes for what they know of themselves, each for itself, and remembers what they said. */
export class Watch {
  readonly nodes: Watched[];
  /** Of a system that is there to be broken: how its switches stand. */
  switches: Switches | undefined;
  #switchboard: string | undefined;
  #token: string;
  #listeners = new Set<() => void>();
  #waiting = new Set<() => void>();
  #stopped = false;
  /** Why this browser was shown out, once it was. */
  ended: string | undefined;

  private constructor(nodes: Named[], token: string) {
    this.nodes = nodes.map((node) => ({ ...node, reach: { state: 'asked' }, samples: [] }));
    this.#token = token;
  }

  /** With a grant from before, if this tab had one. */
  static remembered(): string | undefined {
    return sessionStorage.getItem(KEY) ?? undefined;
  }

  static forget(): void {
    sessionStorage.removeItem(KEY);
  }

  /**
   * Begins with the node that served the page; throws its refusal, or why it cannot be reached. A grant that it took before is
   * kept when it does not answer.
   */
  static async open(token: string): Promise<Watch> {
    const own = location.origin;
    const remembered = Watch.remembered() === token;
    let told: Told | undefined;
    try {
      told = (await ask(own, '/v1/console', token)) as Told;
    } catch (error) {
      if (error instanceof Refusal || !remembered) throw error;
    }
    sessionStorage.setItem(KEY, token);
    const { nodes: named, switches } = await deployment();
    const nodes = named.filter((node) => node.address !== own && node.name !== told?.node).slice(0, MOST_NODES - 1);
    const self = named.find((node) => node.address === own);
    const watch = new Watch(
      [{ name: told?.node ?? self?.name ?? location.host, kind: told?.kind ?? self?.kind ?? 'edge', address: own }, ...nodes],
      token,
    );
    const first = watch.nodes[0];
    if (told !== undefined && first !== undefined) watch.#heard(first, told);
    for (const node of watch.nodes) void watch.#follow(() => watch.#look(node));
    watch.#switchboard = switches;
    if (switches !== undefined) void watch.#follow(() => watch.#lookAtSwitches(switches));
    document.addEventListener('visibilitychange', watch.#seen);
    return watch;
  }

  /** The node that served the page. */
  get own(): Watched {
    return this.nodes[0] as Watched;
  }

  get mayAct(): boolean {
    return this.nodes.some(({ told }) => told?.you['may-act'] === true);
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  find(name: string): Watched | undefined {
    return this.nodes.find((node) => node.name === name);
  }

  ofKind(kind: Kind): Watched[] {
    return this.nodes.filter((node) => node.kind === kind);
  }

  /** Asks a node for something else. */
  async get(node: Named, path: string): Promise<unknown> {
    return ask(node.address, path, this.#token);
  }

  /** Has a node do something, and looks at once what came of it. */
  async act(node: Watched, path: string): Promise<void> {
    await ask(node.address, path, this.#token, 'POST');
    await this.#look(node);
    this.#tell();
  }

  /** Turns a switch; throws why it was not turned. */
  async turn(path: string): Promise<void> {
    if (this.#switchboard === undefined) throw new Error('there are no switches');
    this.switches = (await ask(this.#switchboard, path, this.#token, 'POST')) as Switches;
    this.#tell();
  }

  close(): void {
    this.#stopped = true;
    this.#wake();
    document.removeEventListener('visibilitychange', this.#seen);
  }

  #seen = (): void => {
    if (!document.hidden) this.#wake();
  };

  #wake(): void {
    for (const wake of this.#waiting) wake();
  }

  /** Each has its own turn, so that one that is silent keeps no other waiting. */
  async #follow(look: () => Promise<void>): Promise<void> {
    while (!this.#stopped) {
      await look();
      if (this.#stopped) break;
      this.#tell();
      await this.#pause();
    }
    this.#tell();
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(wake);
        resolve();
      };
      const every = document.hidden ? HIDDEN_EVERY : Math.max(EVERY, this.nodes.length * BETWEEN_NODES);
      const timer = setTimeout(wake, every);
      this.#waiting.add(wake);
    });
  }

  async #look(node: Watched): Promise<void> {
    try {
      this.#heard(node, (await ask(node.address, '/v1/console', this.#token)) as Told);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      if (node === this.own && error instanceof Refusal && (error.status === 401 || error.status === 403)) {
        this.ended = why;
        Watch.forget();
        this.close();
      }
      if (node.reach.state !== 'silent') node.reach = { state: 'silent', since: Date.now(), why };
      else node.reach = { ...node.reach, why };
      sampled(node, { at: Date.now(), fault: 'no answer' });
    }
  }

  /** What they said last stays while they do not answer. */
  async #lookAtSwitches(address: string): Promise<void> {
    try {
      this.switches = (await ask(address, '/v1/switches', this.#token)) as Switches;
    } catch {
      // Asked again in a moment.
    }
  }

  #heard(node: Watched, told: Told): void {
    const now = Date.now();
    node.told = told;
    node.toldAt = now;
    node.kind = told.kind;
    if (node.reach.state !== 'reached') node.reach = { state: 'reached', since: now };
    const sample: Sample = { at: now };
    const arrived = arrivedOf(told);
    const applied = appliedOf(told);
    if (arrived !== undefined) sample.arrived = arrived;
    if (applied !== undefined) sample.applied = applied;
    const waiting = waitingOf(told);
    if (waiting !== undefined) sample.waiting = waiting;
    const failing = told.state.checks.find((check) => check.failure !== undefined);
    if (failing !== undefined) sample.fault = failing.name;
    else if (told.region?.up === false) sample.fault = 'isolated';
    sampled(node, sample);
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}

function sampled(node: Watched, sample: Sample): void {
  node.samples.push(sample);
  if (node.samples.length > MOST_SAMPLES) node.samples.shift();
}

/** The name of the node at a host and port, as others name it. */
export function nameOf(nodes: readonly Named[], peer: string): string {
  return nodes.find(({ address }) => new URL(address).host === peer)?.name ?? peer;
}

/** The time by the clock of the node, which its times are in. */
export function nowOf(node: Watched): number {
  if (node.told === undefined || node.toldAt === undefined) return Date.now();
  return Date.parse(node.told.now) + Date.now() - node.toldAt;
}

/** How many a second between the last samples of about ten seconds; undefined where it is not known. */
export function rateOf(samples: readonly Sample[], of: 'arrived' | 'applied' | 'waiting', overMillis = 10_000): number | undefined {
  const last = samples.at(-1);
  const to = last?.[of];
  if (last === undefined || to === undefined) return undefined;
  let first: Sample | undefined;
  for (let i = samples.length - 2; i >= 0; i--) {
    const before = samples[i] as Sample;
    if (before[of] === undefined) break;
    first = before;
    if (last.at - before.at >= overMillis) break;
  }
  const from = first?.[of];
  if (first === undefined || from === undefined || last.at === first.at) return undefined;
  const grown = to - from;
  // A counter that fell is one of a node that was started anew.
  return grown < 0 && of !== 'waiting' ? undefined : (grown * 1000) / (last.at - first.at);
}

/** What the page must know of the deployment before it can ask anybody. */
async function deployment(): Promise<{ nodes: Named[]; switches: string | undefined }> {
  try {
    const answer = await fetch('/console/console.json', { signal: AbortSignal.timeout(PATIENCE) });
    if (!answer.ok) return { nodes: [], switches: undefined };
    const { nodes, switches } = (await answer.json()) as { nodes?: Named[]; switches?: string };
    return { nodes: Array.isArray(nodes) ? nodes : [], switches };
  } catch {
    return { nodes: [], switches: undefined };
  }
}

async function ask(address: string, path: string, token: string, method = 'GET'): Promise<unknown> {
  let answer: Response;
  try {
    answer = await fetch(address + path, {
      method,
      headers: { Authorization: `Bearer ${token}` },
      credentials: 'omit',
      cache: 'no-store',
      signal: AbortSignal.timeout(PATIENCE),
    });
  } catch (error) {
    const late = error instanceof DOMException && error.name === 'TimeoutError';
    throw new Error(late ? `no answer within ${PATIENCE / 1000} s` : 'no connection');
  }
  if (answer.ok) return answer.json();
  let detail = `status ${answer.status}`;
  try {
    const problem = (await answer.json()) as { title?: string; detail?: string };
    detail = [problem.title, problem.detail].filter(Boolean).join('. ');
  } catch {
    // Not a node's problem: something in between answered.
  }
  throw new Refusal(answer.status, detail);
}
