/** The face of core, compiled by TeaVM: `web/core` says what each of these does. */
declare module 'holdfast-core' {
  type Octets = Uint8Array<ArrayBuffer>;
  type Row = [name: Octets, content: Octets | null];
  type Name = [collection: string, id: string];

  interface News {
    scope: string;
    grew: boolean;
    heard: boolean;
    documents: Name[];
  }

  interface Written {
    first: number;
    last: number;
  }

  interface Check {
    publicKey: Octets;
    text: Octets;
    signature: Octets;
  }

  interface GrantSaid {
    replica: string;
    subject: string;
    notAfterMillis: number;
    encoded: Octets;
  }

  interface Refusal {
    scope: string;
    first: number;
    last: number;
    code: string;
    reason: string;
    atMillis: number;
    documents: Name[];
    settled: boolean;
  }

  interface Shown {
    id: string;
    fields: Record<string, unknown>;
    durability?: string;
    reached: string;
    conflicts: Record<string, { value: unknown; author: string; atMillis: number }[]>;
    rejections: Refusal[];
  }

  type Want =
    | { want: 'send'; message: Octets }
    | { want: 'sign'; text: Octets }
    | { want: 'verify'; checks: Check[] }
    | { want: 'flush' }
    | { want: 'welcomed'; server: string; level: string }
    | { want: 'time'; regionMillis: number }
    | { want: 'refused'; scope: string; first: number }
    | { want: 'closed'; reason: string; retry: boolean; copied: boolean };

  class Session {
    begin(own: Octets, challenge: Octets, scopes: string[], nowMillis: number): void;
    received(message: Octets, nowMillis: number): void;
    grew(scope: string, nowMillis: number): void;
    tick(nowMillis: number): void;
    next(nowMillis: number): Want | null | undefined;
    signed(signature: Octets, nowMillis: number): void;
    verified(answers: boolean[], nowMillis: number): void;
    flushed(nowMillis: number): void;
    round(): Octets;
    answered(body: Octets, nowMillis: number): void;
    isMore(): boolean;
    exhausted(): string[];
    wasBusy(): boolean;
  }

  class Draft {
    text(): Octets;
    seal(signature: Octets, nowMillis: number): void;
  }

  class Incoming {
    checks(): Check[];
    keep(answers: boolean[], nowMillis: number): { refused: string; code: string } | { refused?: undefined; operations: number; copied: boolean };
  }

  class Replica {
    constructor(publicKey: Octets, names: Octets[], contents: Octets[], schema: object);
    id(): string;
    take(): Row[];
    isChanged(): boolean;
    flushed(): void;
    lost(): void;
    news(): News[];
    write(scope: string, changes: unknown[], nowMillis: number): Written;
    durability(scope: string, first: number, last: number): string | null | undefined;
    ids(scope: string, collection: string): string[];
    show(scope: string, collection: string, id: string): Shown | null | undefined;
    pending(scope: string, collection: string, id: string): string | null | undefined;
    reached(scope: string, collection: string, id: string): string;
    refusals(): Refusal[];
    withdraw(scope: string, first: number, again: boolean, nowMillis: number): Written;
    grant(): GrantSaid | null | undefined;
    readGrant(encoded: Octets): GrantSaid;
    grantChecks(encoded: Octets, authority: Octets): Check[];
    enrol(encoded: Octets): void;
    successionText(next: Octets): Octets | null | undefined;
    succeed(next: Octets, signature: Octets | null): void;
    isHeld(): boolean;
    caughtUp(scope: string): void;
    scopes(): string[];
    backlog(): { operations: number; bytes: number; oldestMillis: number };
    note(name: string): Octets | null | undefined;
    putNote(name: string, value: Octets): void;
    dropNote(name: string): void;
    noteNames(): string[];
    session(authorities: Octets[], retainUntil: string, rounds: boolean): Session;
    draft(scope: string): Draft | null | undefined;
    bundle(retainUntil: string): Octets;
    incoming(file: Octets, authorities: Octets[], retainUntil: string, nowMillis: number): Incoming;
  }
}
