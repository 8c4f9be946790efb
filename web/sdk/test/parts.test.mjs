// The parts of the SDK that need no browser, under Node; bundled on the fly, since they are TypeScript.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const folder = mkdtempSync(join(tmpdir(), 'holdfast-parts-'));
after(() => rmSync(folder, { recursive: true }));

async function part(name) {
  const outfile = join(folder, `${name}.mjs`);
  await build({ entryPoints: [fileURLToPath(new URL(`../src/${name}.ts`, import.meta.url))], outfile, bundle: true, format: 'esm', logLevel: 'error' });
  return import(pathToFileURL(outfile));
}

const { byCodePoint, requireQuery, select } = await part('query');
const { frame, unframe } = await part('frames');
const { Flusher } = await part('flusher');
const { Waiter } = await part('lines');
const { isSame } = await part('same');
const { plain } = await part('plain');
const { fromBase64Url, fromHex, toHex } = await part('octets');

// 3,000 times "a" and then "b", as the zstd program writes it, with a checksum.
const ZSTD = '28b52ffd04586d0000186161620200b403be989d0fb043706fac';
// A byte more than a message may be, of zeros.
const BOMB =
  '28b52ffd04684c000008000100fcff3910020200100002001000020010000200100002001000020010000200100002001000020010000200100002001000020010000200100002001000020010000200100002001000020010000200100002001000020010000200100002001000020010000200100002001000020010000200100002001000020010000200100009000000837568e3';

const views = (...fields) => fields.map((one, i) => ({ id: `d-${i}`, fields: one }));
const ids = (found) => found.map((view) => view.id);

test('text is ordered as UTF-8 is', () => {
  const texts = ['', 'a', 'ab', 'b', 'é', '\ud7ff', '\ue000', '\uffff', '😀', '😀a', '\u{10ffff}'];
  assert.deepEqual(texts.toReversed().sort(byCodePoint), [...texts].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))));
});

test('a range finds only values of its own kind', () => {
  const all = views({ a: 1 }, { a: '1' }, { a: true }, { a: null }, {}, { a: [1] }, { a: 2n }, { a: 1.5 });
  assert.deepEqual(ids(select(all, { where: { a: { atLeast: 1 } } })), ['d-0', 'd-7', 'd-6']);
  assert.deepEqual(ids(select(all, { where: { a: { atMost: 'z' } } })), ['d-1']);
  assert.deepEqual(ids(select(all, { where: { a: true } })), ['d-2']);
  assert.deepEqual(ids(select(all, { where: { a: 2 } })), ['d-6']);
});

test('an order puts what lacks the field first, equals by id, and turned round the same', () => {
  const all = views({ a: 2 }, {}, { a: 1 }, { a: 2 }, { a: 'x' });
  assert.deepEqual(ids(select(all, { orderBy: 'a' })), ['d-1', 'd-2', 'd-0', 'd-3', 'd-4']);
  assert.deepEqual(ids(select(all, { orderBy: 'a', descending: true, limit: 2 })), ['d-4', 'd-3']);
});

test('what is no query is refused', () => {
  assert.throws(() => requireQuery({ limit: -1 }), RangeError);
  assert.throws(() => requireQuery({ where: { a: { near: 1 } } }), TypeError);
  assert.throws(() => requireQuery({ where: { a: { atLeast: {} } } }), TypeError);
});

test('a field of a prototype is no field', () => {
  assert.deepEqual(select(views({}), { where: { constructor: { above: '' } } }), []);
});

test('a frame holds its message, plain or by zstd, and nothing that is too long', () => {
  const message = new Uint8Array([1, 2, 3]);
  assert.deepEqual(unframe(frame(message)), message);
  const unfolded = unframe(new Uint8Array([1, ...fromHex(ZSTD)]));
  assert.equal(Buffer.from(unfolded).toString(), 'a'.repeat(3000) + 'b'.repeat(3000));
  assert.throws(() => unframe(new Uint8Array([1, ...fromHex(BOMB)])), /too long/);
  assert.throws(() => unframe(new Uint8Array([2, 0])), TypeError);
  assert.throws(() => unframe(new Uint8Array([])), TypeError);
});

/** A replica and a store that say what happened to them. */
function flushing(outcomes) {
  const log = [];
  let changes = 0;
  const replica = {
    take: () => {
      const rows = new Array(changes).fill([]);
      log.push(`take ${changes}`);
      changes = 0;
      return rows;
    },
    flushed: () => log.push('flushed'),
    lost: () => log.push('lost'),
  };
  const store = {
    commit: async () => {
      await new Promise((resolve) => setImmediate(resolve));
      if (outcomes.shift() === false) throw new Error('full');
    },
  };
  const flusher = new Flusher(replica, store, () => log.push('told'));
  const write = () => {
    changes++;
    return flusher.flush().then(
      () => 'saved',
      (error) => error.message,
    );
  };
  return { log, write, flusher };
}

test('writers of one turn share a flush, and later ones the next', async () => {
  const { log, write, flusher } = flushing([true, true]);
  const first = [write(), write()];
  await new Promise((resolve) => setTimeout(resolve, 0));
  const second = [write(), write(), write()];
  assert.deepEqual(await Promise.all([...first, ...second]), new Array(5).fill('saved'));
  await flusher.idle();
  assert.deepEqual(log.filter((line) => line.startsWith('take')).reduce((sum, line) => sum + Number(line.slice(5)), 0), 5);
  assert.ok(log.filter((line) => line === 'flushed').length <= 3);
});

test('when a flush fails, those who wait for a later one are told as well, and the next begins anew', async () => {
  const { log, write } = flushing([false, true]);
  const first = write();
  await Promise.resolve();
  await Promise.resolve();
  const second = write();
  assert.deepEqual(await Promise.all([first, second]), ['full', 'full']);
  assert.deepEqual(log, ['take 1', 'lost', 'told']);
  assert.equal(await write(), 'saved');
});

test('a waiter hears what was rung before it waited, once', async () => {
  const waiter = new Waiter();
  waiter.ring();
  waiter.ring();
  await waiter.wait();
  let heard = false;
  const later = waiter.wait().then(() => {
    heard = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(heard, false);
  waiter.ring();
  await later;
});

test('answers are the same where a person would see the same', () => {
  assert.ok(isSame([{ a: 1, b: [new Uint8Array([1])] }], [{ b: [new Uint8Array([1])], a: 1 }]));
  assert.ok(!isSame({ a: 1 }, { a: 1, b: undefined }));
  assert.ok(!isSame({ a: undefined }, { b: undefined }));
  assert.ok(!isSame([1], { 0: 1, length: 1 }));
});

test('what is written is copied, without undefined, and must be plain', () => {
  const fields = { a: undefined, b: [1, null, { c: 2n }], d: new Uint8Array([1]), ['__proto__x']: true };
  const copy = plain(fields);
  fields.b[2].c = 3n;
  fields.d[0] = 9;
  assert.deepEqual(copy, { b: [1, null, { c: 2n }], d: new Uint8Array([1]), __proto__x: true });
  const own = plain(JSON.parse('{"__proto__": 1}'));
  assert.deepEqual(Object.keys(own), ['__proto__']);
  class Patient {}
  for (const wrong of [new Date(), new Map(), new Patient(), () => {}, Symbol('x'), [undefined]])
    assert.throws(() => plain(wrong), { code: 'malformed' });
  const round = {};
  round.self = round;
  assert.throws(() => plain(round), { code: 'malformed' });
});

test('octets are read from hexadecimal and base64url', () => {
  assert.equal(toHex(fromHex('00fF10')), '00ff10');
  assert.throws(() => fromHex('0'), TypeError);
  assert.throws(() => fromHex('zz'), TypeError);
  assert.deepEqual([...fromBase64Url('_-8')], [255, 239]);
});
