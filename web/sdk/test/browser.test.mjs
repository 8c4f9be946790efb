// The SDK in a real Chromium against a real edge process.
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { chromium } from 'playwright-core';
import { Deployment } from './deployment.mjs';
import { CHROMIUM, skip } from '../../test/browsers.mjs';

const SCHEMA = {
  patients: {
    fields: { visits: { kind: 'counter' }, allergies: { kind: 'set' }, name: { show: 'manual' } },
  },
};
const TIMEOUT_MS = 60_000;

describe('a device in a browser', { skip, timeout: 30 * 60_000 }, () => {
  let deployment;
  let browser;
  const contexts = [];

  before(async () => {
    deployment = await Deployment.start();
    browser = await chromium.launch(launchOptions());
  });

  after(async () => {
    await browser?.close();
    await deployment?.stop();
  });

  function launchOptions() {
    return {
      executablePath: CHROMIUM,
      args: ['--no-sandbox', `--ignore-certificate-errors-spki-list=${deployment.spki}`],
    };
  }

  /** A browser of its own: nothing is shared with another but the edge. */
  async function newBrowser() {
    const context = await browser.newContext();
    context.setDefaultTimeout(TIMEOUT_MS);
    contexts.push(context);
    return context;
  }

  async function newTab(context) {
    const page = await context.newPage();
    page.on('pageerror', (error) => console.error(`in the page: ${error.stack}`));
    await page.goto(deployment.origin);
    await page.waitForFunction(() => globalThis.holdfast !== undefined);
    return page;
  }

  /** Opens the device; `device.client`, `device.scope` and `device.patients` are there for later evaluations. */
  async function open(page, options = {}) {
    return page.evaluate(
      async ({ schema, options }) => {
        const client = await holdfast.open({ name: 'clinic', schema, retainUntil: 'region', ...options });
        const scope = client.scope('clinic-7');
        globalThis.device = { client, scope, patients: scope.collection('patients') };
        return client.publicKey;
      },
      { schema: SCHEMA, options },
    );
  }

  async function connect(page, publicKey, right, endpoints = [deployment.origin]) {
    const grant = await deployment.grant(publicKey, right);
    await page.evaluate((options) => device.client.connect(options), { authorities: [deployment.authority], grant, endpoints });
  }

  /** Connects again, with the grant that the device has. */
  function reconnect(page) {
    return page.evaluate((authority) => device.client.connect({ authorities: [authority] }), deployment.authority);
  }

  async function enrolled(right) {
    const page = await newTab(await newBrowser());
    await connect(page, await open(page), right);
    return page;
  }

  /** Has a grant, and no network. */
  async function cutOff(right) {
    const page = await newTab(await newBrowser());
    await connect(page, await open(page), right, ['https://localhost:9']);
    return page;
  }

  /** The bytes of its bundle, as a stick would carry them. */
  const exported = (page) => page.evaluate(async () => [...new Uint8Array(await (await device.client.export()).arrayBuffer())]);
  /** How many operations were new, or why it was refused. */
  const imported = (page, file) =>
    page.evaluate((file) => device.client.import(new Blob([new Uint8Array(file)])).then(({ operations }) => operations, (error) => error.code), file);

  /** Waits until the document shows what `holds` of its fields. */
  function shows(page, id, holds) {
    return page.evaluate(
      async ({ id, holds, timeoutMs }) => {
        const test = new Function('fields', `return ${holds}`);
        let seen;
        await new Promise((resolve, reject) => {
          const timer = setTimeout(() => reject(new Error(`still ${JSON.stringify(seen)}`)), timeoutMs);
          const stop = device.patients.watchOne(id, (document) => {
            seen = document?.fields;
            if (!test(seen)) return;
            clearTimeout(timer);
            resolve();
            queueMicrotask(() => stop());
          });
        });
        return seen;
      },
      { id, holds, timeoutMs: TIMEOUT_MS },
    );
  }

  test('what one browser writes another shows, and its author is told that it is safe at the edge', async () => {
    const [amina, bola] = await Promise.all([enrolled(), enrolled()]);
    const level = await amina.evaluate(async (timeoutMs) => {
      const write = device.patients.put('p-1', { name: 'Amina Yusuf', vitals: { systolic: 120, temperature: 36.6 }, photo: new Uint8Array([0, 255]) });
      const { saving, durability } = await device.patients.get('p-1');
      await write.local;
      const saved = await device.patients.get('p-1');
      await write.reached('edge', { timeoutMs });
      return [saving, durability, saved.saving, await write.durability()];
    }, TIMEOUT_MS);
    assert.deepEqual(level, [true, 'device', undefined, 'edge']);
    await shows(bola, 'p-1', "fields?.name === 'Amina Yusuf' && fields.vitals.temperature === 36.6 && fields.photo[1] === 255");
    await bola.evaluate(() => device.patients.increment('p-1', 'visits', 2).local);
    await amina.evaluate(() => device.patients.increment('p-1', 'visits').local);
    await Promise.all([shows(amina, 'p-1', 'fields.visits === 3'), shows(bola, 'p-1', 'fields.visits === 3')]);
    const status = await amina.evaluate(() => device.client.status());
    assert.equal(status.link.connected, true);
    assert.equal(status.link.socket, true);
    assert.match(status.subject, /^nurse-/);
    assert.equal(await amina.evaluate(() => device.patients.durability('p-1')), 'edge');
    const again = await amina.evaluate(async () => {
      const write = device.patients.patch('p-1', { name: 'Amina Yusuf' });
      return [await write.isNothing(), await write.durability()];
    });
    assert.deepEqual(again, [true, 'edge'], 'what stands already is not written again, and is as safe as what stands');
  });

  test('a page hears its node while nothing happens', async () => {
    const page = await newTab(await newBrowser());
    const session = await page.context().newCDPSession(page);
    await session.send('Network.enable');
    await connect(page, await open(page));
    await page.evaluate((timeoutMs) => device.patients.put('h-1', { name: 'x' }).reached('edge', { timeoutMs }), TIMEOUT_MS);
    let heard = 0;
    await new Promise((resolve) => session.on('Network.webSocketFrameReceived', () => ++heard === 4 && resolve()));
    assert.equal((await page.evaluate(() => device.client.status())).link.connected, true);
  });

  test('a write survives that its page is loaded anew', async () => {
    const page = await newTab(await newBrowser());
    await open(page);
    await page.evaluate(() => device.patients.put('r-1', { name: 'Bola' }).local);
    await page.reload();
    await page.waitForFunction(() => globalThis.holdfast !== undefined);
    await open(page);
    assert.equal(await page.evaluate(async () => (await device.patients.get('r-1')).fields.name), 'Bola');
    const status = await page.evaluate(() => device.client.status());
    assert.equal(status.unsynced.operations, 1);
  });

  test('what was saved is there after the browser was killed, and is pushed then', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'holdfast-profile-'));
    try {
      let context = await chromium.launchPersistentContext(folder, launchOptions());
      let page = await newTab(context);
      await connect(page, await open(page));
      // Without a connection, so that nothing is anywhere else.
      await page.evaluate(() => device.client.close());
      await open(page);
      await page.evaluate(() => Promise.all(Array.from({ length: 50 }, (_, i) => device.patients.put(`k-${i}`, { name: `n${i}` }).local)));
      const killed = killOf(context);
      await killed;
      context = await chromium.launchPersistentContext(folder, launchOptions());
      page = await newTab(context);
      await open(page);
      assert.equal(await page.evaluate(async () => (await device.patients.query({ where: { name: { atLeast: 'n' } } })).length), 50);
      await reconnect(page);
      await page.evaluate(async (timeoutMs) => {
        const write = device.patients.put('k-last', { name: 'last' });
        await write.reached('edge', { timeoutMs });
      }, TIMEOUT_MS);
      const other = await enrolled();
      await shows(other, 'k-49', "fields?.name === 'n49'");
      await context.close();
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  test('a page of another site reaches an edge whose certificate question no request has settled yet', async () => {
    const pages = createServer((request, response) => {
      const isModule = request.url === '/holdfast-client.mjs';
      response.setHeader('Content-Type', isModule ? 'text/javascript' : 'text/html');
      response.end(isModule ? readFileSync(new URL('../dist/holdfast-client.mjs', import.meta.url)) : '<!doctype html><script type="module">import * as holdfast from "./holdfast-client.mjs"; globalThis.holdfast = holdfast;</script>');
    });
    await new Promise((resolve) => pages.listen(0, '127.0.0.1', resolve));
    const other = await chromium.launch(launchOptions());
    try {
      const page = await other.newPage();
      await page.goto(`http://localhost:${pages.address().port}/`);
      await page.waitForFunction(() => globalThis.holdfast !== undefined);
      const grant = await deployment.grant(await open(page));
      await page.evaluate((options) => device.client.connect(options), { endpoints: [deployment.origin], authorities: [deployment.authority], grant });
      await page.evaluate((timeoutMs) => device.patients.put('x-1', { name: 'from elsewhere' }).reached('edge', { timeoutMs }), TIMEOUT_MS);
      assert.equal((await page.evaluate(() => device.client.status())).link.socket, true);
    } finally {
      await other.close();
      pages.close();
    }
  });

  test('a copied profile takes a new key, and what both have counts once', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'holdfast-profile-'));
    const [original, copy] = [join(folder, 'original'), join(folder, 'copy')];
    const profile = async (path) => {
      const context = await chromium.launchPersistentContext(path, launchOptions());
      const page = await newTab(context);
      return { context, page, key: await open(page) };
    };
    const increment = (page, times = 1) => page.evaluate((times) => Promise.all(Array.from({ length: times }, () => device.patients.increment('y-1', 'visits').local)), times);
    try {
      const first = await profile(original);
      await connect(first.page, first.key);
      await first.page.evaluate((timeoutMs) => device.patients.put('y-1', { name: 'both', visits: 1 }).reached('edge', { timeoutMs }), TIMEOUT_MS);
      await first.page.evaluate(() => device.client.close());
      await open(first.page);
      await increment(first.page, 3);
      await first.context.close();
      cpSync(original, copy, { recursive: true });

      const again = await profile(original);
      await increment(again.page);
      await reconnect(again.page);
      await again.page.evaluate((timeoutMs) => device.patients.put('y-2', { name: 'the original' }).reached('edge', { timeoutMs }), TIMEOUT_MS);
      let twin = await profile(copy);
      assert.equal(twin.key, first.key);
      await increment(twin.page);
      await twin.page.evaluate(() => {
        globalThis.write = device.patients.put('y-3', { name: 'the copy' });
        return write.local;
      });
      await reconnect(twin.page);
      await twin.page.evaluate((timeoutMs) => write.reached('edge', { timeoutMs }), TIMEOUT_MS);
      const status = await twin.page.evaluate(async () => ({ ...(await device.client.status()), key: device.client.publicKey }));
      assert.equal(status.copied, true);
      assert.notEqual(status.key, first.key);
      assert.equal((await again.page.evaluate(() => device.client.status())).copied, false);

      const other = await enrolled();
      for (const page of [again.page, twin.page, other]) {
        await shows(page, 'y-1', "fields?.visits === 6 && fields.name === 'both'");
        await shows(page, 'y-2', "fields?.name === 'the original'");
        await shows(page, 'y-3', "fields?.name === 'the copy'");
      }
      await twin.context.close();
      twin = await profile(copy);
      assert.equal(twin.key, status.key, 'it is kept');
      await reconnect(twin.page);
      await increment(twin.page);
      for (const page of [again.page, other]) await shows(page, 'y-1', 'fields.visits === 7');
      await again.context.close();
      await twin.context.close();
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  test('what is written while the edge is away is pushed when it is back', async () => {
    const page = await enrolled();
    await page.evaluate((timeoutMs) => device.patients.put('o-0', { name: 'before' }).reached('edge', { timeoutMs }), TIMEOUT_MS);
    await deployment.killEdge();
    const late = await page.evaluate(async () => {
      globalThis.writes = Array.from({ length: 20 }, (_, i) => device.patients.put(`o-${i}`, { name: `offline ${i}` }));
      await Promise.all(writes.map((write) => write.local));
      return writes[0].reached('edge', { timeoutMs: 300 }).catch((error) => error.code);
    });
    assert.equal(late, 'timeout');
    await deployment.startEdge();
    await page.evaluate((timeoutMs) => Promise.all(writes.map((write) => write.reached('edge', { timeoutMs }))), TIMEOUT_MS);
  });

  test('concurrent values are both kept, and one of them is chosen', async () => {
    const [amina, bola] = await Promise.all([enrolled(), enrolled()]);
    for (const page of [amina, bola]) await page.evaluate(() => device.client.close());
    for (const [page, name] of [[amina, 'Amina'], [bola, 'Bola']]) {
      await open(page);
      await page.evaluate((name) => device.patients.put('c-1', { name }).local, name);
    }
    for (const page of [amina, bola]) await reconnect(page);
    const conflicted = async (page) =>
      page.evaluate(
        (timeoutMs) =>
          new Promise((resolve, reject) => {
            setTimeout(() => reject(new Error('no conflict')), timeoutMs);
            device.patients.watchOne('c-1', (document) => {
              if (document?.conflicts.name !== undefined) resolve([document.fields.name, document.conflicts.name[0].value].sort());
            });
          }),
        TIMEOUT_MS,
      );
    assert.deepEqual(await Promise.all([conflicted(amina), conflicted(bola)]), [['Amina', 'Bola'], ['Amina', 'Bola']]);
    await amina.evaluate(() => device.patients.resolve('c-1', 'name', 'Amina B.').local);
    await shows(bola, 'c-1', "fields.name === 'Amina B.'");
    assert.deepEqual(await bola.evaluate(() => device.patients.conflicts('c-1')), {});
  });

  test('where no socket lives, rounds of posts carry the same', async () => {
    const context = await newBrowser();
    await context.routeWebSocket(/\/v1\/sync/, (socket) => socket.close());
    const page = await newTab(context);
    await connect(page, await open(page));
    await page.evaluate((timeoutMs) => device.patients.put('w-1', { name: 'by post' }).reached('edge', { timeoutMs }), TIMEOUT_MS);
    assert.equal((await page.evaluate(() => device.client.status())).link.socket, false);
    const other = await enrolled();
    await shows(other, 'w-1', "fields?.name === 'by post'");
    await other.evaluate(() => device.patients.put('w-1', { name: 'answered' }).local);
    await shows(page, 'w-1', "fields.name === 'answered'");
  });

  test('what was written without a network crosses by a file, once, and who took it in brings it to the edge', async () => {
    const [amina, bola] = [await cutOff(), await cutOff()];
    await amina.evaluate(() => Promise.all(Array.from({ length: 30 }, () => device.patients.increment('b-1', 'visits').local)));
    await amina.evaluate(() => device.patients.patch('b-1', { name: 'Amina Yusuf' }).local);
    const file = await exported(amina);
    assert.deepEqual([await imported(bola, file), await imported(bola, file)], [31, 0]);
    await shows(bola, 'b-1', "fields?.visits === 30 && fields.name === 'Amina Yusuf'");
    assert.equal((await bola.evaluate(() => device.client.status())).unsynced.operations, 31, 'answers for it');
    await bola.evaluate(() => device.patients.increment('b-1', 'visits').local);
    assert.equal(await imported(amina, await exported(bola)), 1, 'its own came back with what was written on top');
    assert.equal(await amina.evaluate(async () => (await device.patients.get('b-1')).fields.visits), 31);

    await reconnect(bola);
    const clerk = await enrolled();
    await shows(clerk, 'b-1', "fields?.visits === 31 && fields.name === 'Amina Yusuf'");
    await reconnect(amina);
    await amina.evaluate((timeoutMs) => device.patients.increment('b-1', 'visits').reached('edge', { timeoutMs }), TIMEOUT_MS);
    await Promise.all([amina, bola, clerk].map((page) => shows(page, 'b-1', 'fields.visits === 32')));
    await bola.waitForFunction(async () => (await device.client.status()).unsynced.operations === 0, undefined, { timeout: TIMEOUT_MS });
  });

  test('a file survives that the page is loaded anew before it can be brought on', async () => {
    const [amina, bola] = [await cutOff(), await cutOff()];
    await amina.evaluate(() => device.patients.put('b-2', { name: 'by hand' }).local);
    assert.equal(await imported(bola, await exported(amina)), 1);
    await bola.reload();
    await bola.waitForFunction(() => globalThis.holdfast !== undefined);
    await open(bola);
    await reconnect(bola);
    await shows(await enrolled(), 'b-2', "fields?.name === 'by hand'");
  });

  test('a file goes from a browser to a device of the JVM, and from that one to a browser', async () => {
    const [amina, shell] = [await cutOff(), await deployment.shellDevice('shell')];
    await amina.evaluate(() => device.patients.put('j-1', { name: 'Zoë', vitals: { temperature: 36.6 } }).local);
    deployment.layFile('amina.holdfast', await exported(amina));
    assert.match(await shell('import', 'amina.holdfast'), /changes? (is|are) new here/);
    assert.match(await shell('get', 'patients', 'j-1'), /Zoë/);
    await shell('patch', 'patients', 'j-1', 'ward=East');
    await shell('export', 'shell.holdfast');
    const bola = await cutOff();
    assert.ok((await imported(bola, deployment.file('shell.holdfast'))) >= 2, 'what was carried on and what was written on top');
    await shows(bola, 'j-1', "fields?.name === 'Zoë' && fields.ward === 'East' && fields.vitals.temperature === 36.6");
  });

  test('of a file that is damaged, cut short or none at all nothing is kept', async () => {
    const [amina, bola] = [await cutOff(), await cutOff()];
    await amina.evaluate(() => Promise.all(Array.from({ length: 20 }, (_, i) => device.patients.put(`d-${i}`, { name: `n${i}` }).local)));
    const file = await exported(amina);
    const damaged = (at) => file.map((octet, i) => (i === at ? octet ^ 4 : octet));
    for (const at of [0, 17, 40, file.length >> 1, file.length - 40, file.length - 1]) assert.equal(await imported(bola, damaged(at)), 'malformed', `at ${at}`);
    for (const length of [0, 10, file.length >> 1, file.length - 1]) assert.equal(await imported(bola, file.slice(0, length)), 'malformed', `of ${length}`);
    assert.equal(await imported(bola, [...Buffer.from('{"name": "no bundle"}')]), 'malformed');
    assert.equal(await bola.evaluate(async () => (await device.patients.query()).length), 0);
    assert.equal(await imported(bola, file), 20, 'and the whole one is taken');
  });

  test('a file of who has not the right is refused, and so is one for who may not read it', async () => {
    const guest = await cutOff('clinic-7:read,write=visits');
    await guest.evaluate(() => device.patients.put('g-1', { name: 'not theirs to write' }).local);
    const bola = await cutOff();
    assert.equal(await imported(bola, await exported(guest)), 'grant');
    assert.equal(await bola.evaluate(async () => (await device.patients.query()).length), 0);

    const amina = await cutOff();
    await amina.evaluate(() => device.patients.put('g-2', { name: 'x' }).local);
    const file = await exported(amina);
    assert.equal(await imported(await cutOff('clinic-9:read,write=*'), file), 'grant');
    const stranger = await newTab(await newBrowser());
    await open(stranger);
    assert.equal(await imported(stranger, file), 'grant', 'without a grant of its own');
    assert.equal(await stranger.evaluate(() => device.client.export().catch((error) => error.code)), 'grant');
  });

  test('a write that the grant does not allow is told, and can be taken back', async () => {
    const page = await enrolled('clinic-7:read,write=patients');
    const told = await page.evaluate(
      () =>
        new Promise((resolve) => {
          device.client.onRejected((rejection) => resolve(rejection));
          globalThis.refused = device.scope.collection('secrets').put('s-1', { name: 'x' });
        }),
    );
    assert.equal(told.code, 'forbidden');
    assert.equal(told.settled, true);
    assert.deepEqual(told.documents, [['secrets', 's-1']]);
    assert.equal(await page.evaluate(() => refused.reached('edge').catch((error) => error.code)), 'rejected');
    await page.evaluate(async () => device.client.discard((await device.client.rejections())[0]));
    assert.equal(await page.evaluate(async () => (await device.scope.collection('secrets').get('s-1')) ?? null), null);
    assert.deepEqual(await page.evaluate(() => device.client.rejections()), []);
    // What came after it gets through.
    await page.evaluate((timeoutMs) => device.patients.put('s-2', { name: 'y' }).reached('edge', { timeoutMs }), TIMEOUT_MS);
  });

  test('a grant for another key, or by nobody that was named, is not taken', async () => {
    const [page, other] = [await newTab(await newBrowser()), await newTab(await newBrowser())];
    const [key, otherKey] = [await open(page), await open(other)];
    const attempt = (grant, authority) =>
      page.evaluate(({ grant, authority }) => device.client.connect({ authorities: [authority], grant }).catch((error) => error.code), { grant, authority });
    assert.equal(await attempt(await deployment.grant(otherKey), deployment.authority), 'grant');
    assert.equal(await attempt(await deployment.grant(key), '11'.repeat(32)), 'grant');
    assert.equal(await attempt('no grant', deployment.authority), 'grant');
    const wrong = (options) => page.evaluate((options) => device.client.connect(options).catch((error) => error.name), options);
    assert.equal(await wrong({ authorities: [] }), 'TypeError');
    assert.equal(await wrong({ authorities: ['11'] }), 'TypeError');
    assert.equal(await wrong({ authorities: [deployment.authority], endpoints: ['ftp://edge'] }), 'TypeError');
  });

  test('a transaction that fails leaves nothing, and a write over a limit is refused whole', async () => {
    const page = await newTab(await newBrowser());
    await open(page);
    const outcome = await page.evaluate(async () => {
      const codes = [];
      try {
        device.scope.transaction((tx) => {
          tx.put('patients', 't-1', { name: 'x' });
          throw new Error('no');
        });
      } catch (error) {
        codes.push(error.message);
      }
      const long = device.scope.transaction((tx) => tx.put('patients', 't-1', { name: 'x' }).put('patients', 't-2', { name: 'x'.repeat(600_000) }));
      codes.push(await long.local.catch((error) => error.code));
      codes.push((await device.patients.query()).length);
      return codes;
    });
    assert.deepEqual(outcome, ['no', 'malformed', 0]);
  });

  test('queries narrow, order and limit, and a watch tells what has changed', async () => {
    const page = await newTab(await newBrowser());
    await open(page);
    const found = await page.evaluate(async () => {
      await Promise.all(
        ['Zoë', 'Amina', 'Bola', '😀', '\uffff'].map((name, i) => device.patients.put(`q-${i}`, { name, age: i === 2 ? 'unknown' : 10 * i, ward: { number: i % 2 } }).local),
      );
      await device.patients.put('q-none', { ward: { number: 7 } }).local;
      const ids = async (query) => (await device.patients.query(query)).map((document) => document.id);
      const watched = [];
      const seen = (async () => {
        for await (const documents of device.patients.watch({ where: { 'ward.number': 1 }, orderBy: 'age', descending: true })) {
          watched.push(documents.map((document) => document.id));
          if (watched.length === 2) break;
        }
      })();
      while (watched.length === 0) await new Promise((resolve) => setTimeout(resolve));
      await device.patients.put('q-9', { name: 'New', age: 99, ward: { number: 1 } }).local;
      await seen;
      return {
        byName: await ids({ orderBy: 'name' }),
        range: await ids({ where: { age: { atLeast: 10, below: 40 } } }),
        text: await ids({ where: { age: { above: 'a' } } }),
        limited: await ids({ orderBy: 'name', descending: true, limit: 2 }),
        watched,
      };
    });
    assert.deepEqual(found, {
      byName: ['q-none', 'q-1', 'q-2', 'q-9', 'q-0', 'q-4', 'q-3'],
      range: ['q-1', 'q-3'],
      text: ['q-2'],
      limited: ['q-3', 'q-4'],
      watched: [['q-3', 'q-1'], ['q-9', 'q-3', 'q-1']],
    });
  });

  test('when the browser has no room left, the write is refused and what was saved stands', async () => {
    const page = await newTab(await newBrowser());
    const session = await page.context().newCDPSession(page);
    const quota = (size) => session.send('Storage.overrideQuotaForOrigin', { origin: deployment.origin, quotaSize: size });
    await quota(2_000_000);
    await open(page);
    const full = await page.evaluate(async () => {
      for (let i = 0; i < 100; i++) {
        const before = (await device.patients.get('f-1'))?.fields.name;
        // At random, since the database compresses.
        const write = device.patients.put('f-1', { name: `${i}`, photo: crypto.getRandomValues(new Uint8Array(60_000)) });
        const other = device.patients.put('f-2', { name: `after ${i}` });
        // It waits to be sent, each of it, so that the database fills.
        const [code, otherCode] = await Promise.all([write, other].map((one) => one.local.then(() => 'saved', (error) => error.code)));
        if (code === 'saved') continue;
        return { code, otherCode, isBefore: (await device.patients.get('f-1')).fields.name === before, i };
      }
      return { code: 'never full' };
    });
    assert.equal(full.code, 'full');
    assert.equal(full.otherCode, 'full');
    assert.ok(full.i > 0 && full.isBefore, 'shows what was saved before');
    await quota(500_000_000);
    await page.evaluate(async () => {
      while (!(await device.patients.put('f-1', { name: 'room again' }).local.then(() => true, () => false)))
        await new Promise((resolve) => setTimeout(resolve, 50));
    });
    assert.equal(await page.evaluate(async () => (await device.patients.get('f-1')).fields.name), 'room again');
  });

  test('tabs share one device, and the death of the one that has it loses and repeats nothing', async () => {
    const context = await newBrowser();
    const owner = await newTab(context);
    const key = await open(owner);
    const follower = await newTab(context);
    assert.equal(await open(follower), key);
    await connect(owner, key);
    await reconnect(follower);
    await owner.evaluate(() => device.patients.put('m-1', { name: 'by the owner' }).local);
    await shows(follower, 'm-1', "fields?.name === 'by the owner'");
    await follower.evaluate(() => device.patients.put('m-2', { name: 'by the other' }).local);
    await shows(owner, 'm-2', "fields?.name === 'by the other'");
    const error = await follower.evaluate(() => device.patients.increment('m-1', 'name', 0.5).local.catch((failure) => failure.code));
    assert.equal(error, 'malformed');
    await follower.evaluate(() => {
      globalThis.increments = Array.from({ length: 300 }, () => device.patients.increment('m-1', 'visits').local);
    });
    await owner.close({ runBeforeUnload: false });
    await follower.evaluate(() => Promise.all(increments));
    assert.equal(await follower.evaluate(async () => (await device.patients.get('m-1')).fields.visits), 300);
    await follower.evaluate((timeoutMs) => device.patients.put('m-3', { name: 'after' }).reached('edge', { timeoutMs }), TIMEOUT_MS);
    const other = await enrolled();
    await shows(other, 'm-1', 'fields?.visits === 300');
  });

  test('while the tab that has the device sleeps, what is asked waits up to a bound, and no more is taken on', async () => {
    const context = await newBrowser();
    const owner = await newTab(context);
    await open(owner);
    const follower = await newTab(context);
    await open(follower);
    await follower.evaluate(() => device.patients.put('z-1', { name: 'before' }).local);
    const session = await context.newCDPSession(owner);
    await session.send('Page.setWebLifecycleState', { state: 'frozen' });
    const codes = await follower.evaluate(async () => {
      globalThis.asked = Array.from({ length: 20_000 }, () => device.patients.get('z-1'));
      return Promise.all([
        device.patients.put('z-1', { name: 'one too many' }).local.catch((error) => error.code),
        device.client.status().catch((error) => error.code),
      ]);
    });
    assert.deepEqual(codes, ['busy', 'busy']);
    await session.send('Page.setWebLifecycleState', { state: 'active' });
    assert.equal(await follower.evaluate(async () => new Set((await Promise.all(asked)).map((document) => document.fields.name)).size), 1);
    await follower.evaluate(() => device.patients.put('z-1', { name: 'after' }).local);
    assert.equal(await owner.evaluate(async () => (await device.patients.get('z-1')).fields.name), 'after');
  });

  test('a page loads while its edge is away, works, and takes a new version when it is back', async () => {
    const context = await newBrowser();
    const page = await newTab(context);
    await connect(page, await open(page));
    await page.evaluate(async () => {
      await navigator.serviceWorker.register('/holdfast-worker.js');
      await navigator.serviceWorker.ready;
    });
    await deployment.killEdge();
    await page.reload();
    await page.waitForFunction(() => globalThis.holdfast !== undefined);
    assert.equal(await page.title(), 'Holdfast in a browser');
    await open(page);
    await reconnect(page);
    await page.evaluate(async () => {
      globalThis.write = device.patients.put('sw-1', { name: 'written offline' });
      await write.local;
    });
    deployment.changePage('The next version');
    await deployment.startEdge();
    await page.evaluate((timeoutMs) => write.reached('edge', { timeoutMs }), TIMEOUT_MS);
    const title = async () => {
      await page.reload();
      return page.title();
    };
    const until = Date.now() + TIMEOUT_MS;
    while ((await title()) !== 'The next version') assert.ok(Date.now() < until, 'the new version is taken');
    await page.waitForFunction(() => globalThis.holdfast !== undefined);
    await open(page);
    assert.equal(await page.evaluate(async () => (await device.patients.get('sw-1')).fields.name), 'written offline');
  });

  test('a device whose database was dropped says so', async () => {
    const page = await newTab(await newBrowser());
    const key = await open(page);
    await page.evaluate(async () => {
      await device.client.close();
      await new Promise((resolve, reject) => {
        const deleting = indexedDB.deleteDatabase('holdfast/clinic');
        deleting.onsuccess = resolve;
        deleting.onerror = deleting.onblocked = reject;
      });
    });
    assert.notEqual(await open(page), key);
    assert.equal((await page.evaluate(() => device.client.status())).evicted, true);
  });
});

/** Kills the browser's processes as a power cut would; nothing of it is asked to save anything. */
async function killOf(context) {
  const closed = new Promise((resolve) => context.once('close', resolve));
  const session = await context.browser().newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  for (const { type, id } of processInfo) if (type === 'browser') process.kill(id, 'SIGKILL');
  await closed;
}
