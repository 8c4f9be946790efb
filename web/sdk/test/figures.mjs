// Measures the SDK in Chromium with ten thousand records, and prints a line of JSON: npm run figures.
import { readFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { chromium } from 'playwright-core';
import { PouchDbServer, byHoldfast, byPouchDb } from './beside.mjs';
import { Deployment } from './deployment.mjs';
import { records } from './records.mjs';

const RECORDS = Number(process.env.RECORDS ?? 10_000);
const WRITES = 200;
/** How often each way of a first sync is taken, in turns. */
const RUNS = 3;
const SCHEMA = { patients: { fields: { visits: { kind: 'counter' }, allergies: { kind: 'set' } } } };

const deployment = await Deployment.start();
const browser = await chromium.launch({
  executablePath: process.env.HOLDFAST_CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--js-flags=--expose-gc', '--enable-precise-memory-info', `--ignore-certificate-errors-spki-list=${deployment.spki}`],
});

/** Opens the device in a page at the origin; answers what it is to connect with. */
async function open(page, origin = deployment.origin) {
  await page.goto(origin);
  await page.waitForFunction(() => globalThis.holdfast !== undefined);
  const key = await page.evaluate(async (schema) => {
    const client = await holdfast.open({ name: 'clinic', schema, retainUntil: 'region' });
    globalThis.device = { client, patients: client.scope('clinic-7').collection('patients') };
    return client.publicKey;
  }, SCHEMA);
  return { authorities: [deployment.authority], grant: await deployment.grant(key) };
}

const newPage = async () => (await browser.newContext()).newPage();
const connect = (page, enrolment) => page.evaluate((enrolment) => device.client.connect(enrolment), enrolment);

const figures = { records: RECORDS, ...JSON.parse(readFileSync(new URL('../dist/size.json', import.meta.url), 'utf8')) };

const author = await newPage();
const enrolment = await open(author);
figures.writeMillis = await author.evaluate(async (records) => {
  const began = performance.now();
  await Promise.all(records.map(([id, fields]) => device.patients.put(id, fields).local));
  return performance.now() - began;
}, records(RECORDS));
await connect(author, enrolment);
figures.pushMillis = await author.evaluate(async () => {
  const began = performance.now();
  while ((await device.client.status()).unsynced.operations > 0) await new Promise((resolve) => setTimeout(resolve, 20));
  return performance.now() - began;
});
await author.context().close();

const pouchDb = await PouchDbServer.start(RECORDS);
const ways = {
  holdfast: () => byHoldfast(browser, deployment, RECORDS, open),
  pouchDb: () => byPouchDb(browser, pouchDb, RECORDS, 100),
  pouchDbInThousands: () => byPouchDb(browser, pouchDb, RECORDS, 1_000),
};
figures.firstSync = Object.fromEntries(Object.keys(ways).map((name) => [name, []]));
for (let run = 0; run < RUNS; run++)
  for (const [name, way] of Object.entries(ways)) figures.firstSync[name].push({ ...(await way()), load: loadavg()[0] });
await pouchDb.stop();

const reader = await newPage();
await connect(reader, await open(reader));
await reader.evaluate(async (records) => {
  while ((await device.patients.query({ limit: records })).length < records) await new Promise((resolve) => setTimeout(resolve, 50));
}, RECORDS);
Object.assign(
  figures,
  await reader.evaluate(async (writes) => {
    const percentile = (values, share) => values.sort((a, b) => a - b)[Math.floor(share * (values.length - 1))];
    const shown = [];
    const saved = [];
    let told = () => {};
    const stop = device.patients.watch({ orderBy: 'name', limit: 50 }, () => told());
    await new Promise((resolve) => {
      told = resolve;
    });
    for (let i = 0; i < writes; i++) {
      const onScreen = new Promise((resolve) => {
        told = resolve;
      });
      const began = performance.now();
      const write = device.patients.patch('p-0', { note: `written ${i}` });
      await onScreen;
      shown.push(performance.now() - began);
      await write.local;
      saved.push(performance.now() - began);
    }
    stop();
    const queried = [];
    for (let i = 0; i < 50; i++) {
      const began = performance.now();
      await device.patients.query({ where: { ward: `w-${i % 17}` }, orderBy: 'name', limit: 50 });
      queried.push(performance.now() - began);
    }
    gc();
    return {
      shownMillis: { p50: percentile(shown, 0.5), p95: percentile(shown, 0.95) },
      savedMillis: { p50: percentile(saved, 0.5), p95: percentile(saved, 0.95) },
      queryMillis: { p50: percentile(queried, 0.5), p95: percentile(queried, 0.95) },
      heapBytes: performance.memory.usedJSHeapSize,
    };
  }, WRITES),
);
await reader.reload();
await reader.waitForFunction(() => globalThis.holdfast !== undefined);
Object.assign(
  figures,
  await reader.evaluate(async (schema) => {
    const began = performance.now();
    const client = await holdfast.open({ name: 'clinic', schema, retainUntil: 'region' });
    const openMillis = performance.now() - began;
    await client.scope('clinic-7').collection('patients').query({ limit: 50 });
    return { openMillis, openAndFirstQueryMillis: performance.now() - began };
  }, SCHEMA),
);

console.log(JSON.stringify(figures, (_, value) => (typeof value === 'number' ? Math.round(value * 100) / 100 : value)));
await browser.close();
await deployment.stop();
