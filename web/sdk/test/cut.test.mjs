// A browser whose link is really cut: it runs in a network namespace of its own, and the link goes down. What a browser's
// own "offline" switch does not show: requests that were under way, and are repeated.
import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { chromium } from 'playwright-core';
import { Deployment } from './deployment.mjs';
import { Namespaces } from './namespaces.mjs';
import { CHROMIUM, skip } from '../../test/browsers.mjs';

const SCHEMA = { patients: { fields: { visits: { kind: 'counter' } } } };
const TIMEOUT_MS = 90_000;
const obstacle = skip || Namespaces.obstacle();

describe('a browser whose link is cut', { skip: obstacle ?? false, timeout: 20 * 60_000 }, () => {
  let network;
  let deployment;
  let browser;
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-cut-'));

  before(async () => {
    network = new Namespaces('city', 'ward');
    deployment = await Deployment.start({ host: network.addressTowards('ward'), inNamespace: network.on('city') });
    const inWard = join(folder, 'chromium');
    writeFileSync(inWard, `#!/bin/sh\nexec ${network.on('ward').join(' ')} ${CHROMIUM} "$@"\n`);
    chmodSync(inWard, 0o755);
    browser = await chromium.launch({
      executablePath: inWard,
      args: ['--no-sandbox', `--ignore-certificate-errors-spki-list=${deployment.spki}`],
    });
  });

  after(async () => {
    await browser?.close();
    await deployment?.stop();
    network?.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  const cut = () => network.cut('ward');
  const mend = () => network.mend('ward');

  async function nurse() {
    const context = await browser.newContext();
    context.setDefaultTimeout(TIMEOUT_MS);
    const page = await context.newPage();
    await page.goto(deployment.origin);
    await page.waitForFunction(() => globalThis.holdfast !== undefined);
    const key = await open(page);
    const grant = await deployment.grant(key);
    await page.evaluate(({ authority, grant }) => device.client.connect({ authorities: [authority], grant }), { authority: deployment.authority, grant });
    return page;
  }

  function open(page) {
    return page.evaluate(async (schema) => {
      const client = await holdfast.open({ name: 'clinic', schema, retainUntil: 'region' });
      globalThis.device = { client, patients: client.scope('clinic-7').collection('patients') };
      return client.publicKey;
    }, SCHEMA);
  }

  function visits(page, expected) {
    return page.evaluate(
      ({ expected, timeoutMs }) =>
        new Promise((resolve, reject) => {
          let seen;
          setTimeout(() => reject(new Error(`saw ${seen}, not ${expected}`)), timeoutMs);
          device.patients.watchOne('p-1', (document) => {
            seen = document?.fields.visits;
            if (seen === expected) resolve();
          });
        }),
      { expected, timeoutMs: TIMEOUT_MS },
    );
  }

  test('work goes on, pages load, and every write arrives exactly once through many cuts', async () => {
    const [amina, bola] = [await nurse(), await nurse()];
    await amina.evaluate(async () => {
      await navigator.serviceWorker.register('/holdfast-worker.js');
      await navigator.serviceWorker.ready;
    });
    await amina.evaluate((timeoutMs) => device.patients.increment('p-1', 'visits').reached('edge', { timeoutMs }), TIMEOUT_MS);
    await visits(bola, 1);

    // Writes are under way whenever the link goes.
    await amina.evaluate(() => {
      globalThis.saved = 0;
      globalThis.writing = (async () => {
        for (let i = 0; i < 200; i++) {
          await device.patients.increment('p-1', 'visits').local;
          saved++;
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
      })();
    });
    for (const upTo of [20, 60, 100]) {
      await amina.waitForFunction((upTo) => saved >= upTo, upTo);
      cut();
      await amina.waitForFunction((upTo) => saved >= upTo + 20, upTo);
      mend();
    }
    await amina.evaluate(() => writing);

    cut();
    await amina.evaluate(() => device.patients.increment('p-1', 'visits').local);
    await amina.waitForFunction(async () => !(await device.client.status()).link.connected, undefined, { timeout: TIMEOUT_MS });
    await amina.reload();
    await amina.waitForFunction(() => globalThis.holdfast !== undefined);
    await open(amina);
    assert.equal(await amina.evaluate(async () => (await device.patients.get('p-1')).fields.visits), 202);
    await amina.evaluate((authority) => device.client.connect({ authorities: [authority] }), deployment.authority);
    await amina.evaluate(() => device.patients.increment('p-1', 'visits').local);

    mend();
    await visits(bola, 203);
    await amina.waitForFunction(async () => (await device.client.status()).unsynced.operations === 0, undefined, { timeout: TIMEOUT_MS });
  });
});
