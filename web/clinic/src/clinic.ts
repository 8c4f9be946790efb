import { type Client, HoldfastError, type LinkStatus, type Scope, type Status, type Write, open } from '@holdfast/client';
import { COLLECTION, type Patient, type Patients, SCHEMA, type View } from './patients.js';

/** What the pages must know of the deployment: `deployment.json` beside them. */
export interface Deployment {
  scope: string;
  /** Public keys, in hexadecimal, of those who may sign grants. */
  authorities: string[];
  /** What enrols a browser, with KEY in the place of its public key; without it the page says in words what to do. */
  grantCommand?: string;
  /** How far writes are followed: 'global' where several regions mirror each other, 'applied' where there is one. */
  retainUntil?: 'applied' | 'global';
}

export type Network =
  | { state: 'connecting' | 'unenrolled' | 'up' | 'cut' }
  | { state: 'none' | 'sending'; waiting: number }
  | { state: 'stopped'; why: string };

const ASK_STATION_MILLIS = 5_000;
/** An edge that has just started is without a region for a moment. */
const CUT_AFTER_SECONDS = 3;
/** A page that was just opened has not had the time to connect. */
const CONNECT_MILLIS = 3_000;

/** The application's state: what the device tells, and what a person asked for. Components read it and are told of changes. */
export class Clinic {
  readonly client: Client;
  readonly deployment: Deployment;
  readonly scope: Scope;
  readonly patients: Patients;
  /** By name; undefined until they are read. */
  views: readonly View[] | undefined;
  status: Status;
  /** What went wrong last, in words that say what to do. */
  alarm: string | undefined;
  /** What was typed into a field of a record and cannot be, until it is mended; while the page is open. */
  readonly drafts = new Map<string, string>();
  #link: LinkStatus;
  #opened = Date.now();
  #isCut = false;
  #isSending = false;
  #waiting = 0;
  #byId = new Map<string, View>();
  readonly #listeners = new Set<() => void>();

  private constructor(client: Client, deployment: Deployment, status: Status) {
    this.client = client;
    this.deployment = deployment;
    this.status = status;
    this.#link = status.link;
    this.scope = client.scope(deployment.scope);
    this.patients = this.scope.collection<Patient>(COLLECTION);
  }

  static async open(): Promise<Clinic> {
    const deployment = await readDeployment();
    const { retainUntil = 'applied' } = deployment;
    const client = await open({ name: 'clinic', schema: SCHEMA, retainUntil });
    const clinic = new Clinic(client, deployment, await client.status());
    clinic.#start();
    return clinic;
  }

  #start(): void {
    this.patients.watch({ orderBy: 'name' }, (views) => this.#show(views));
    this.client.onLink((link) => {
      if (link.connected && !this.#link.connected) this.#isSending = this.#waiting > 0;
      this.#link = link;
      void this.#askStation();
      void this.refresh();
    });
    this.client.onRejected(() => void this.refresh());
    setInterval(() => void this.#askStation(), ASK_STATION_MILLIS);
    setTimeout(() => this.#tell(), CONNECT_MILLIS);
    if (this.isEnrolled) this.#try(this.client.connect({ authorities: this.deployment.authorities }));
  }

  get isEnrolled(): boolean {
    return this.status.subject !== undefined;
  }

  one(id: string): View | undefined {
    return this.#byId.get(id);
  }

  /** Records whose changes are on this device alone. */
  get waiting(): number {
    return this.#waiting;
  }

  get network(): Network {
    if (this.status.copied) return { state: 'stopped', why: 'This browser’s data was copied from another’s, and sends nothing any more. Enrol a fresh one.' };
    if (!this.isEnrolled) return { state: 'unenrolled' };
    if (!this.#link.connected) {
      if (Date.now() - this.#opened < CONNECT_MILLIS) return { state: 'connecting' };
      return { state: 'none', waiting: this.#waiting };
    }
    if (this.#isSending) return { state: 'sending', waiting: this.#waiting };
    return { state: this.#isCut ? 'cut' : 'up' };
  }

  get link(): LinkStatus {
    return this.#link;
  }

  /** Takes a grant, and synchronises from now on. */
  async enrol(grant: string): Promise<void> {
    await this.client.connect({ authorities: this.deployment.authorities, grant });
    this.#opened = Date.now();
    setTimeout(() => this.#tell(), CONNECT_MILLIS);
    await this.refresh();
  }

  /** Has whoever writes told when the device could not keep it. */
  write(write: Write): void {
    this.#try(write.local);
  }

  /** Tells a person what went wrong. */
  fail(error: unknown): void {
    this.alarm = alarmWords(error);
    this.#tell();
  }

  /** Tells a person something in words of its own. */
  warn(words: string): void {
    this.alarm = words;
    this.#tell();
  }

  quiet(): void {
    this.alarm = undefined;
    this.#tell();
  }

  async refresh(): Promise<void> {
    this.status = await this.client.status();
    this.#tell();
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #try(work: Promise<unknown>): void {
    work.catch((error: unknown) => this.fail(error));
  }

  #show(views: readonly View[]): void {
    const byId = new Map<string, View>();
    let waiting = 0;
    for (const view of views) {
      byId.set(view.id, view);
      if (view.saving || view.durability === 'device') waiting++;
    }
    this.views = views;
    this.#byId = byId;
    this.#waiting = waiting;
    if (waiting === 0) this.#isSending = false;
    this.#tell();
  }

  /** Asks the local station whether it reaches the cloud: it is what a nurse is cut off from when the border is closed. */
  async #askStation(): Promise<void> {
    if (!this.#link.connected || document.visibilityState !== 'visible') return;
    try {
      const answered = await fetch('/readyz', { cache: 'no-store' });
      const { 'lag-seconds': lag } = (await answered.json()) as { 'lag-seconds'?: number };
      this.#isCut = lag !== undefined && lag > CUT_AFTER_SECONDS;
    } catch {
      return; // the link itself tells when the station is gone
    }
    this.#tell();
  }

  #tell(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}

async function readDeployment(): Promise<Deployment> {
  const answered = await fetch('/deployment.json').catch(() => undefined);
  if (answered === undefined || !answered.ok)
    throw new Error('This station serves the clinic without its deployment.json. Whoever runs it puts that beside the pages: see web/clinic/README.md.');
  return answered.json();
}

function alarmWords(error: unknown): string {
  if (!(error instanceof HoldfastError)) return `Something is wrong: ${String(error)}. Load the page again; what was saved is kept.`;
  switch (error.code) {
    case 'full':
      return 'Not kept: this device has no room left. Free some, then write it again.';
    case 'storage':
      return 'Not kept: the browser could not save it. Load the page again, then write it again.';
    case 'malformed':
      return `Not kept: ${error.message}. Make it shorter, then write it again.`;
    case 'closed':
      return 'This page was closed elsewhere. Load it again.';
    default:
      return `${error.message}.`;
  }
}
