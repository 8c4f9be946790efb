// JavaScript's half of the differential fuzz: the ES module lives through the histories that HistoriesTest wrote on the
// JVM, call by call, and must answer each with the same bytes.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Replica, decodeValue, encodeValue } from '../../../target/js/holdfast-core.mjs';

const folder = new URL('../../../target/histories/', import.meta.url);
const files = readdirSync(folder);
const octets = (hex) => new Uint8Array(Buffer.from(hex, 'hex'));
const hex = (bytes) => Buffer.from(bytes).toString('hex');

/** Rows as the JVM's half digests them: CBOR byte strings, and null for no value. */
function digest(rows) {
  const hash = createHash('sha256');
  for (const [name, content] of rows) hash.update(encodeValue(name)).update(encodeValue(content));
  return hash.digest('hex');
}

function said(want) {
  switch (want?.want) {
    case undefined:
      return '';
    case 'send':
      return `send ${hex(want.message)}`;
    case 'sign':
      return `sign ${hex(want.text)}`;
    case 'verify':
      return ['verify', ...want.checks.map((c) => `${hex(c.publicKey)}.${hex(c.text)}.${hex(c.signature)}`)].join(' ');
    default:
      return want.want;
  }
}

class Device {
  rows = new Map();

  new(key, schema) {
    this.key = octets(key);
    this.schema = JSON.parse(schema);
    this.reopen();
  }

  reopen() {
    const kept = [...this.rows.values()];
    this.replica = new Replica(this.key, kept.map(([name]) => name), kept.map(([, content]) => content), this.schema);
  }

  enrol(grant) {
    this.replica.enrol(octets(grant));
  }

  write(scope, changes, now, first, last) {
    assert.deepEqual({ ...this.replica.write(scope, decodeValue(octets(changes)), now) }, { first, last });
  }

  show(scope, collection, id, fields, conflicts, pending) {
    const shown = this.replica.show(scope, collection, id);
    assert.equal(shown == null ? '' : hex(encodeValue(shown.fields)), fields);
    if (shown != null) assert.equal(Object.keys(shown.conflicts).length, conflicts);
    assert.equal(this.replica.pending(scope, collection, id) ?? '', pending);
  }

  take(expected) {
    this.taken = this.replica.take();
    assert.equal(digest(this.taken), expected);
  }

  'flushed-rows'() {
    for (const [name, content] of this.taken) {
      if (content === null) this.rows.delete(hex(name));
      else this.rows.set(hex(name), [name, content]);
    }
    this.replica.flushed();
  }

  lost() {
    this.replica.lost();
  }

  session(authority, level) {
    this.open = this.replica.session([octets(authority)], level, false);
  }

  begin(own, challenge, scope, now) {
    this.open.begin(octets(own), octets(challenge), [scope], now);
  }

  received(message, now) {
    this.open.received(octets(message), now);
  }

  grew(scope, now) {
    this.open.grew(scope, now);
  }

  tick(now) {
    this.open.tick(now);
  }

  next(now, expected) {
    assert.equal(said(this.open.next(now)), expected);
  }

  signed(signature, now) {
    this.open.signed(octets(signature), now);
  }

  verified(count, now) {
    this.open.verified(new Array(count).fill(true), now);
  }

  flushed(now) {
    this.open.flushed(now);
  }

  disconnect() {
    this.open = undefined;
  }
}

test('there are histories to live through', () => assert.ok(files.length > 0));

for (const file of files) {
  test(`the JVM and JavaScript come to the same bytes in history ${file.replace('.jsonl', '')}`, () => {
    const device = new Device();
    const lines = readFileSync(new URL(file, folder), 'utf8').trimEnd().split('\n');
    lines.forEach((line, at) => {
      const [call, ...parts] = JSON.parse(line);
      try {
        device[call](...parts);
      } catch (error) {
        throw new Error(`line ${at + 1}, ${call}: ${error.message}`, { cause: error });
      }
    });
  });
}
