// What the console concludes without a page: rates, what is wrong and how badly.
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

const { rateOf } = await load('watch.ts');
const { troublesOf } = await load('troubles.ts');
const { bytes, count, rate, span } = await load('words.ts');

const NOW = Date.now();
const at = (secondsAgo) => new Date(NOW - secondsAgo * 1000).toISOString();

function node(kind, told, more = {}) {
  const name = `${kind}-1`;
  return {
    name,
    kind,
    address: `https://${name}.example`,
    reach: { state: 'reached', since: NOW },
    told: { node: name, kind, now: at(0), started: at(60), you: { subject: 'op', 'may-act': true }, state: { checks: [], facts: {} }, ...told },
    toldAt: NOW,
    samples: [],
    ...more,
  };
}

const edge = (region, backlog, more) => node('edge', { region, backlog }, more);
const EMPTY = { batches: 0, operations: 0, 'at-region': 0, bytes: 0 };

test('a rate is taken over about ten seconds, and not over the start of a node', () => {
  const samples = [0, 2, 4, 6, 8, 10, 12].map((second) => ({ at: second * 1000, arrived: second * 50, waiting: 100 - second }));
  assert.equal(rateOf(samples, 'arrived'), 50);
  assert.equal(rateOf(samples, 'waiting'), -1);
  assert.equal(rateOf([...samples, { at: 14_000, arrived: 0, waiting: 0 }], 'arrived'), undefined);
  assert.equal(rateOf([...samples, { at: 14_000, fault: 'no answer' }], 'arrived'), undefined);
  assert.equal(rateOf(samples.slice(0, 1), 'arrived'), undefined);
});

test('a deployment without a fault has no troubles', () => {
  assert.deepEqual(troublesOf([edge({ up: true, since: at(60) }, EMPTY), node('region', { queue: 0, quarantined: 0 })]), []);
});

test('an edge that is cut off is a warning with its backlog, in bytes and by its oldest', () => {
  const [trouble, ...more] = troublesOf([edge({ up: false, since: at(120), reason: 'no route' }, { ...EMPTY, operations: 12_480, bytes: 3_100_000, oldest: at(3 * 3600) })]);
  assert.deepEqual(more, []);
  assert.equal(trouble.weight, 'warning');
  assert.match(trouble.what, /^edge-1 is isolated since \d\d:\d\d, backlog 12,480 operations \(3\.1 MB\), oldest 3 h$/);
  assert.match(trouble.todo, /nothing is lost.+no route$/);
});

test('an edge that drains says how fast and for how long', () => {
  const samples = [0, 10].map((second) => ({ at: second * 1000, waiting: 400_000 - second * 1_000 }));
  const [trouble] = troublesOf([edge({ up: true, since: at(5) }, { ...EMPTY, operations: 390_000 }, { samples })]);
  assert.equal(trouble.weight, 'note');
  assert.equal(trouble.what, 'edge-1 is draining 1,000/s, about 6 min left');
});

test('who does not answer is an alarm, and comes before what others warn of', () => {
  const cut = edge({ up: false, since: at(5) }, EMPTY);
  const gone = { ...node('region', { quarantined: 5 }), reach: { state: 'silent', since: NOW - 65_000, why: 'no connection' } };
  const troubles = troublesOf([cut, gone]);
  assert.deepEqual(troubles.map(({ weight, node }) => [weight, node]), [['alarm', 'region-1'], ['warning', 'edge-1']]);
  assert.match(troubles[0].what, /\(1 min\): no connection$/);
});

test('what two steers say of one endpoint is told once', () => {
  const steer = {
    blind: false,
    peers: [],
    endpoints: [
      { endpoint: 'regions/a', standings: { default: { state: 'down', reason: 'refused' } } },
      { endpoint: 'regions/b', standings: { default: { state: 'drained', reason: '' } }, drain: { who: 'op', why: 'works', node: 's', at: at(9) } },
    ],
  };
  const troubles = troublesOf([node('steer', { steer }), { ...node('steer', { steer }), name: 'steer-2' }]);
  assert.deepEqual(troubles.map(({ weight, what }) => `${weight}: ${what}`), ['warning: regions/a is down for users', 'note: regions/b is drained until it is put back, by op']);
});

test('a failed check is an alarm, a paused link and a clock that is off are warnings', () => {
  const region = node('region', {
    now: at(3600),
    state: { checks: [{ name: 'database', failure: 'away' }, { name: 'disk' }], facts: {} },
    database: { mirror: [{ peer: 'b:1', paused: at(60), report: { state: 'paused', since: at(60), lag: { operations: 7 } } }, { peer: 'c:1', report: { state: 'following', since: at(60) } }] },
  });
  assert.deepEqual(
    troublesOf([region]).map(({ weight, what }) => [weight, what.replace(/\d\d:\d\d/, 'T')]),
    [
      ['alarm', 'region-1: database: away'],
      ['warning', 'region-1 does not follow b:1 since T (paused), lacks 7 operations of it'],
      ['warning', 'region-1: its clock is 1 h behind this browser’s'],
    ],
  );
});

test('figures are said with their units', () => {
  assert.equal(bytes(999), '999 B');
  assert.equal(bytes(1_240_000), '1.2 MB');
  assert.equal(count(1, 'batch', 'batches'), '1 batch');
  assert.equal(count(1_200, 'batch', 'batches'), '1,200 batches');
  assert.equal(rate(0.25), '0.3/s');
  assert.equal(rate(1_240.4), '1,240/s');
  assert.equal(span(59_999), '59 s');
  assert.equal(span(47 * 3_600_000), '47 h');
  assert.equal(span(72 * 3_600_000), '3 d');
});
