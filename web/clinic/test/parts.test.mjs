// What the clinic knows without a page: search, what may be typed, how safe a record is, invented patients.
import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { test } from 'node:test';
import { build } from 'esbuild';

async function load(path) {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL(`../src/${path}`, import.meta.url))],
    bundle: true,
    write: false,
    format: 'esm',
    target: 'es2022',
  });
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`);
}

const { howSafe, patchAt, readNumber, readPressure, search } = await load('patients.ts');
const { samples } = await load('sample.ts');
const { ago } = await load('words.ts');

const view = (id, fields, more = {}) => ({ id, fields, conflicts: {}, rejections: [], ...more });

test('every word must be found, whatever its case, accents and place', () => {
  const views = [view('p-1', { name: 'Noël Okafor', ward: 'Ward B' }), view('p-2', { name: 'Amina Yusuf', born: '1987-04-23' })];
  assert.deepEqual(search(views, 'NOEL').map(({ id }) => id), ['p-1']);
  assert.deepEqual(search(views, ' ward okaf ').map(({ id }) => id), ['p-1']);
  assert.deepEqual(search(views, '1987').map(({ id }) => id), ['p-2']);
  assert.deepEqual(search(views, 'noel amina'), []);
  assert.equal(search(views, '  '), views);
});

test('a blood pressure is two numbers, the higher one first', () => {
  assert.deepEqual(readPressure(' 120 / 80 '), { value: '120/80' });
  assert.deepEqual(readPressure(''), { value: null });
  for (const typed of ['120', '80/120', '400/80', '120/8', 'high']) assert.ok('problem' in readPressure(typed), typed);
});

test('a temperature may be written with a comma', () => {
  const read = readNumber(25, 45, '°C');
  assert.deepEqual(read('36,6'), { value: 36.6 });
  for (const typed of ['366', '-1', 'warm', 'Infinity']) assert.ok('problem' in read(typed), typed);
});

test('a patch reaches one field and no other', () => {
  assert.deepEqual(patchAt('vitals.pulse', 72), { vitals: { pulse: 72 } });
  assert.deepEqual(patchAt('name', null), { name: null });
});

test('a record is as safe as the least of it, and not safe at all before it is on the disk', () => {
  assert.equal(howSafe(view('p-1', { name: 'A' }, { reached: 'applied' })), 'applied');
  assert.equal(howSafe(view('p-1', { name: 'A' }, { durability: 'edge', reached: 'edge' })), 'edge');
  assert.equal(howSafe(view('p-1', { name: 'A' }, { saving: true, durability: 'device', reached: 'device' })), 'saving');
});

test('the same seed invents the same patients, and another seed others', () => {
  assert.deepEqual(samples(100, 7), samples(100, 7));
  assert.notDeepEqual(samples(100, 7).map(({ fields }) => fields), samples(100, 8).map(({ fields }) => fields));
  assert.deepEqual(samples(10, 7), samples(100, 7).slice(0, 10));
  assert.equal(new Set(samples(1_000, 7).map(({ id }) => id)).size, 1_000);
  for (const { fields } of samples(1_000, 7)) {
    assert.ok('value' in readPressure(fields.vitals.pressure), fields.vitals.pressure);
    assert.ok(!Number.isNaN(Date.parse(fields.born)), fields.born);
  }
});

test('times are relative up to a day, then dates', () => {
  const now = Date.UTC(2026, 10, 30, 12);
  assert.equal(ago(now - 20_000, now), 'just now');
  assert.equal(ago(now - 5 * 60_000, now), '5 min ago');
  assert.equal(ago(now - 23 * 3_600_000, now), '23 h ago');
  assert.match(ago(now - 48 * 3_600_000, now), /Nov/);
});
