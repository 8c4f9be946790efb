// The same records, from a server into a fresh browser, by Holdfast and by PouchDB: how long until all can be read, and what
// the wire carried.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Wire } from './wire.mjs';

const PACKAGE = fileURLToPath(new URL('pouchdb', import.meta.url));

/** PouchDB Server with records, in a process of its own. */
export class PouchDbServer {
  #process;

  static async start(records) {
    if (!existsSync(`${PACKAGE}/node_modules`)) execFileSync('npm', ['ci', '--prefix', PACKAGE, '--no-audit', '--no-fund'], { stdio: 'inherit' });
    const server = new PouchDbServer();
    server.#process = spawn(process.execPath, ['--no-deprecation', `${PACKAGE}/server.mjs`, String(records)], { stdio: ['ignore', 'pipe', 'inherit'] });
    server.port = await new Promise((resolve, reject) => {
      server.#process.stdout.once('data', (data) => resolve(Number(data)));
      server.#process.once('exit', () => reject(new Error('PouchDB Server did not start')));
    });
    return server;
  }

  async stop() {
    const ended = new Promise((resolve) => this.#process.once('exit', resolve));
    this.#process.kill();
    await ended;
  }
}

/**
 * Runs `sync` in a page that has come over a wire of its own.
 *
 * @param load brings a page at the origin to where it can begin
 * @param sync in that page, to where all records can be read
 */
async function measured(browser, port, scheme, load, sync) {
  const wire = await Wire.to(port);
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    await load(page, `${scheme}://localhost:${wire.port}`);
    const before = wire.received;
    const millis = await sync(page);
    return { millis, bytes: wire.received - before };
  } finally {
    await context.close();
    wire.close();
  }
}

/** @param batch how many documents PouchDB asks for at once; 100 unless it is told another number */
export function byPouchDb(browser, server, records, batch) {
  return measured(
    browser,
    server.port,
    'http',
    async (page, origin) => {
      await page.goto(`${origin}/page`);
      await page.waitForFunction(() => globalThis.PouchDB !== undefined);
    },
    (page) =>
      page.evaluate(
        async ({ records, batch }) => {
          const began = performance.now();
          const local = new PouchDB('clinic');
          await local.replicate.from(`${location.origin}/clinic`, { batch_size: batch });
          const { rows } = await local.allDocs({ include_docs: true });
          if (rows.filter(({ doc }) => doc.vitals.systolic >= 100).length !== records) throw new Error('not all are there');
          return performance.now() - began;
        },
        { records, batch },
      ),
  );
}

/** @param open opens the device in a page at an origin, and answers what it is to connect with */
export function byHoldfast(browser, deployment, records, open) {
  let enrolment;
  return measured(
    browser,
    deployment.port,
    'https',
    async (page, origin) => {
      enrolment = await open(page, origin);
    },
    (page) =>
      page.evaluate(
        async ({ records, enrolment }) => {
          const began = performance.now();
          await device.client.connect(enrolment);
          while (true) {
            const documents = await device.patients.query({ where: { 'vitals.systolic': { atLeast: 100 } } });
            if (documents.length === records) return performance.now() - began;
            await new Promise((resolve) => setTimeout(resolve, 50));
          }
        },
        { records, enrolment },
      ),
  );
}
