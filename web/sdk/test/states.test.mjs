// The four states, in real browsers, with cables that are really cut: ward (the browsers) - city (the edge) - cloud (the region).
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { chromium } from 'playwright-core';
import { Deployment } from './deployment.mjs';
import { Namespaces } from './namespaces.mjs';
import { CHROMIUM, skip } from '../../test/browsers.mjs';

const SCHEMA = { patients: { fields: { visits: { kind: 'counter' }, allergies: { kind: 'set' } } } };
const TIMEOUT_MS = 120_000;
const PATH = '/v1/scopes/clinic-7/collections/patients/documents/p-1';

const obstacle = skip || Namespaces.obstacle();

describe('a clinic whose networks are cut', { skip: obstacle ?? false, timeout: 20 * 60_000 }, () => {
  let network;
  let deployment;
  let browser;
  let amina;
  let bola;
  let grant;
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-states-'));

  before(async () => {
    network = new Namespaces('city', 'ward', 'cloud');
    deployment = await Deployment.start({
      host: network.addressTowards('ward'),
      inNamespace: network.on('city'),
      region: { host: network.address('cloud'), inNamespace: network.on('cloud') },
    });
    const inWard = join(folder, 'chromium');
    writeFileSync(inWard, `#!/bin/sh\nexec ${network.on('ward').join(' ')} ${CHROMIUM} "$@"\n`);
    chmodSync(inWard, 0o755);
    browser = await chromium.launch({ executablePath: inWard, args: ['--no-sandbox', `--ignore-certificate-errors-spki-list=${deployment.spki}`] });
    [amina, bola] = [await nurse(), await nurse()];
    grant = await deployment.grant(await amina.evaluate(() => device.client.publicKey));
  });

  after(async () => {
    await browser?.close();
    await deployment?.stop();
    network?.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  async function nurse() {
    const context = await browser.newContext();
    context.setDefaultTimeout(TIMEOUT_MS);
    const page = await context.newPage();
    await page.goto(deployment.origin);
    const own = await deployment.grant(await open(page));
    await page.evaluate((options) => device.client.connect(options), { authorities: [deployment.authority], grant: own });
    await page.evaluate(async () => {
      await navigator.serviceWorker.register('/holdfast-worker.js');
      await navigator.serviceWorker.ready;
    });
    return page;
  }

  async function open(page) {
    await page.waitForFunction(() => globalThis.holdfast !== undefined);
    return page.evaluate(async (schema) => {
      const client = await holdfast.open({ name: 'clinic', schema, retainUntil: 'applied' });
      globalThis.device = { client, patients: client.scope('clinic-7').collection('patients') };
      // What a person sees of the record that all is about.
      device.patients.watchOne('p-1', (document) => {
        globalThis.shown = document;
      });
      return client.publicKey;
    }, SCHEMA);
  }

  const shows = (page, holds) => page.waitForFunction(holds);
  const reached = (page, level) => page.evaluate(({ level, timeoutMs }) => write.reached(level, { timeoutMs }).then(() => level, (error) => error.code), { level, timeoutMs: TIMEOUT_MS });

  /** The record as the region has it. */
  async function inTheRecord() {
    const ask = `const answer = await fetch('${deployment.region}${PATH}', { headers: { Authorization: 'Bearer ${grant}' } }); console.log(await answer.text());`;
    const [command, ...args] = [...network.on('cloud'), process.execPath, '--input-type=module', '-e', ask];
    const { stdout } = await promisify(execFile)(command, args, { env: { ...process.env, NODE_EXTRA_CA_CERTS: deployment.ca } });
    return JSON.parse(stdout);
  }

  test('A, all up: a write is saved, passes edge and region, and is in the record', async () => {
    await amina.evaluate(() => {
      globalThis.write = device.patients.put('p-1', { name: 'Amina Yusuf', ward: 'A', visits: 1 });
    });
    for (const level of ['edge', 'region', 'applied']) assert.equal(await reached(amina, level), level);
    await shows(amina, () => shown?.fields.name === 'Amina Yusuf' && shown.durability === undefined);
    // Bola has written nothing of it, and is told all the same how safe it is.
    await shows(bola, () => shown?.fields.visits === 1 && shown.durability === undefined && shown.reached === 'applied');
    assert.equal((await inTheRecord()).name, 'Amina Yusuf');
  });

  test('B, cut off from abroad: writes are safe at the edge and shown as that, and both go on in the same record', async () => {
    network.cut('cloud');
    for (const [page, field] of [[amina, 'pulse'], [bola, 'temperature']]) {
      await page.evaluate((field) => {
        device.patients.patch('p-1', { [field]: 38 });
        device.patients.add('p-1', 'allergies', field);
        globalThis.write = device.patients.increment('p-1', 'visits');
      }, field);
    }
    for (const page of [amina, bola]) {
      assert.equal(await reached(page, 'edge'), 'edge');
      await shows(page, () => shown.fields.visits === 3 && shown.fields.pulse === 38 && shown.fields.temperature === 38 && shown.fields.allergies.length === 2);
      await shows(page, () => shown.durability === 'edge' && shown.reached === 'edge');
    }
    const cut = await amina.evaluate(async () => ({
      abroad: await write.reached('region', { timeoutMs: 500 }).catch((error) => error.code),
      connected: (await device.client.status()).link.connected,
    }));
    assert.deepEqual(cut, { abroad: 'timeout', connected: true });
    await amina.waitForFunction(async () => (await (await fetch('/readyz')).json())['lag-seconds'] > 0);
  });

  test('C, blackout: pages load, writes are saved on the device and shown as that', async () => {
    network.cut('ward');
    for (const page of [amina, bola]) {
      await page.waitForFunction(async () => !(await device.client.status()).link.connected);
      await page.evaluate(() => device.patients.increment('p-1', 'visits').local);
      await page.reload();
      await open(page);
      await shows(page, () => shown?.fields.visits === 4 && shown.durability === 'device' && shown.reached === 'device');
      await page.evaluate((authority) => device.client.connect({ authorities: [authority] }), deployment.authority);
      await page.evaluate(() => {
        globalThis.write = device.patients.increment('p-1', 'visits');
        return write.local;
      });
    }
    await amina.evaluate(() => device.patients.set('p-1', 'ward', 'B').local);
    await bola.evaluate(() => device.patients.set('p-1', 'ward', 'C').local);
    assert.equal(await amina.evaluate(async () => (await device.client.status()).unsynced.operations), 3);
  });

  test('D, everything is back: all is in the record, once, and everybody sees the same', async () => {
    network.mend('cloud');
    network.mend('ward');
    for (const page of [amina, bola]) assert.equal(await reached(page, 'applied'), 'applied');
    for (const page of [amina, bola]) {
      await shows(page, () => shown.fields.visits === 7 && shown.durability === undefined && shown.reached === 'applied' && shown.conflicts.ward?.length === 1);
      assert.equal(await page.evaluate(async () => (await device.client.status()).unsynced.operations), 0);
    }
    const [hers, theirs] = await Promise.all([amina, bola].map((page) => page.evaluate(() => shown)));
    assert.deepEqual(hers, theirs);
    assert.deepEqual([hers.fields.ward, hers.conflicts.ward[0].value].sort(), ['B', 'C']);
    const { visits, allergies, pulse, temperature, ward } = await inTheRecord();
    assert.deepEqual({ visits, allergies: allergies.toSorted(), pulse, temperature, ward }, { visits: 7, allergies: ['pulse', 'temperature'], pulse: 38, temperature: 38, ward: hers.fields.ward });
    const clerk = await nurse();
    await shows(clerk, () => shown?.fields.visits === 7 && shown.reached === 'applied');
  });
});
