// Measures the SDK in Chromium with ten thousand records, and prints a line of JSON: npm run figures.
import { readFileSync } from 'node:fs';
import { chromium } from 'playwright-core';
import { Deployment } from './deployment.mjs';

const RECORDS = Number(process.env.RECORDS ?? 10_000);
const WRITES = 200;
const SCHEMA = { patients: { fields: { visits: { kind: 'counter' }, allergies: { kind: 'set' } } } };

const deployment = await Deployment.start();
const browser = await chromium.launch({
  executablePath: process.env.HOLDFAST_CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--js-flags=--expose-gc', '--enable-precise-memory-info', `--ignore-certificate-errors-spki-list=${deployment.spki}`],
});

async function open() {
  const page = await (await browser.newContext()).newPage();
  await page.goto(deployment.origin);
  await page.waitForFunction(() => globalThis.holdfast !== undefined);
  const key = await page.evaluate(async (schema) => {
    const client = await holdfast.open({ name: 'clinic', schema, retainUntil: 'region' });
    globalThis.device = { client, patients: client.scope('clinic-7').collection('patients') };
    return client.publicKey;
  }, SCHEMA);
  const grant = await deployment.grant(key);
  return { page, connect: () => page.evaluate(({ authority, grant }) => device.client.connect({ authorities: [authority], grant }), { authority: deployment.authority, grant }) };
}

const figures = { records: RECORDS, ...JSON.parse(readFileSync(new URL('../dist/size.json', import.meta.url), 'utf8')) };

const author = await open();
figures.writeMillis = await author.page.evaluate(async (records) => {
  const began = performance.now();
  const writes = [];
  for (let i = 0; i < records; i++)
    writes.push(
      device.patients.put(`p-${i}`, { name: `Patient ${i}`, born: 1940 + (i % 80), ward: `w-${i % 17}`, vitals: { systolic: 100 + (i % 60), temperature: 36 + (i % 30) / 10 }, note: `seen on day ${i % 365}` }).local,
    );
  await Promise.all(writes);
  return performance.now() - began;
}, RECORDS);
await author.connect();
figures.pushMillis = await author.page.evaluate(async () => {
  const began = performance.now();
  await device.patients.put('last', { name: 'last' }).reached('edge');
  while ((await device.client.status()).unsynced.operations > 0) await new Promise((resolve) => setTimeout(resolve, 20));
  return performance.now() - began;
});

const reader = await open();
const cdp = await reader.page.context().newCDPSession(reader.page);
await cdp.send('Network.enable');
let received = 0;
cdp.on('Network.webSocketFrameReceived', ({ response }) => {
  received += Buffer.from(response.payloadData, 'base64').length;
});
await reader.connect();
figures.firstSyncMillis = await reader.page.evaluate(async (records) => {
  const began = performance.now();
  while ((await device.patients.query({ limit: records + 1 })).length <= records) await new Promise((resolve) => setTimeout(resolve, 20));
  return performance.now() - began;
}, RECORDS);
figures.firstSyncBytes = received;

Object.assign(
  figures,
  await reader.page.evaluate(async (writes) => {
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
await reader.page.reload();
await reader.page.waitForFunction(() => globalThis.holdfast !== undefined);
Object.assign(
  figures,
  await reader.page.evaluate(async (schema) => {
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
