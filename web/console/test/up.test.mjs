// A whole system as `holdfast up` starts it, in a real Chromium: the clinic enrolled, and the system broken by the switches on the console's page.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { chromium } from 'playwright-core';
import { CHROMIUM, newPage, PHONE, skip, violations } from '../../test/browsers.mjs';

const run = promisify(execFile);
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const program = process.env.HOLDFAST_PROGRAM ?? fileURLToPath(new URL('../../../holdfast', import.meta.url));
/** Two PostgreSQLs are unpacked at the first start. */
const START_MILLIS = 6 * 60_000;
const TIMEOUT_MS = 120_000;
/** Below those that the operating system gives out by itself. */
const BASES = [12_300, 13_400, 14_500, 15_600, 16_700];

/** A whole system, as `up` starts it. */
class Up {
  #folder = mkdtempSync(join(tmpdir(), 'holdfast-up-'));
  #data = join(this.#folder, 'data');
  #child;

  static async start() {
    const up = new Up();
    try {
      for (const base of BASES) {
        if (await up.#startAt(base)) break;
      }
      if (up.base === undefined) throw new Error(`others listen in all of ${BASES.join(', ')}`);
      up.browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
      return up;
    } catch (error) {
      await up.stop();
      throw error;
    }
  }

  /** Whether it runs there now; false where somebody else has one of the ports. */
  async #startAt(base) {
    this.#child = spawn(program, ['up', '--data', this.#data, '--port-base', `${base}`], { stdio: ['ignore', 'pipe', 'pipe'] });
    let words = '';
    return new Promise((resolve, reject) => {
      const fail = () => reject(new Error(`up did not start:\n${words}`));
      const timer = setTimeout(fail, START_MILLIS);
      this.#child.once('exit', () => {
        clearTimeout(timer);
        if (words.includes('is in use')) resolve(false);
        else fail();
      });
      for (const stream of [this.#child.stdout, this.#child.stderr])
        stream.on('data', (data) => {
          words = (words + data).slice(-20_000);
          if (!words.includes('Ctrl-C stops all of it')) return;
          clearTimeout(timer);
          this.base = base;
          resolve(true);
        });
    });
  }

  async device(name, ...args) {
    const { stdout } = await run(program, ['device', '--store', join(this.#data, 'devices', name), ...args]);
    return stdout.trim();
  }

  /** The console at the edge, on the map, for the operator that `up` made. */
  async console(options = {}) {
    // The certificates are of a CA that no browser knows; that nodes do not answer is what this is about.
    const page = await newPage(this.browser, { ignoreHTTPSErrors: true, ...options }, TIMEOUT_MS, /net::ERR_|Failed to load resource|CORS policy/);
    await page.goto(`https://localhost:${this.base + 10}/console/`);
    await page.getByRole('textbox', { name: 'Paste your grant' }).fill(readFileSync(join(this.#data, 'operator.grant'), 'utf8').trim());
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Break it, and watch' }).waitFor();
    return page;
  }

  /** The clinic, enrolled as its page says. */
  async clinic() {
    const page = await newPage(this.browser, { ignoreHTTPSErrors: true }, TIMEOUT_MS, /net::ERR_|Failed to load resource|ServiceWorker/);
    await page.goto(`https://localhost:${this.base}/`);
    const command = await page.getByRole('textbox', { name: 'The command' }).textContent();
    const [, ...args] = command.trim().split(/\s+/);
    const { stdout } = await run(program, args);
    await page.getByRole('textbox', { name: 'Paste the grant' }).fill(stdout);
    await page.getByRole('button', { name: 'Enrol' }).click();
    return page;
  }

  async stop() {
    await this.browser?.close();
    if (this.#child?.exitCode === null) {
      const ended = new Promise((resolve) => this.#child.once('exit', resolve));
      this.#child.kill('SIGTERM');
      await ended;
    }
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}

describe('a system of up', { skip, timeout: 15 * 60_000 }, () => {
  let up;

  before(async () => {
    up = await Up.start();
  });

  after(() => up?.stop());

  async function replica(page) {
    return page.evaluate(async (grant) => {
      const answer = await fetch('/v1/console', { headers: { Authorization: `Bearer ${grant}` } });
      return (await answer.json()).replica;
    }, await page.evaluate(() => sessionStorage.getItem('holdfast-operator')));
  }

  test('who does what the clinic says is enrolled, and sees a record get into two regions, as does who reads it', async () => {
    const page = await up.clinic();
    await page.getByRole('link', { name: 'Add patient' }).click();
    await page.getByRole('textbox', { name: 'Name' }).fill('Thandiwe Moyo');
    await page.getByRole('button', { name: 'Add patient' }).click();
    await page.getByRole('heading', { name: 'Thandiwe Moyo', level: 1 }).waitFor();
    await page.locator('.how-safe').filter({ hasText: 'In two regions' }).waitFor();
    const reader = await up.clinic();
    await reader.getByRole('link', { name: /^Thandiwe Moyo/ }).click();
    await reader.locator('.how-safe').filter({ hasText: 'In two regions' }).waitFor();
    for (const each of [page, reader]) await each.context().close();
  });

  test('a cable that is cut keeps writes at the edge, and one that is mended lets them into the record', async () => {
    const page = await up.console();
    await page.getByRole('link', { name: 'edge edge-1, well' }).waitFor();
    await page.getByRole('button', { name: 'Cut the cable' }).click();
    await page.getByText(/^Cut since \d/).waitFor();
    await page.getByRole('link', { name: 'edge edge-1, isolated' }).waitFor();
    await up.device('amina', 'put', 'patients', 'p1', 'name=Chipo Banda');
    assert.match(await up.device('bashir', 'get', 'patients', 'p1'), /Chipo Banda/);
    await page.getByText(/^edge-1 is isolated since .+, backlog 1 operation/).waitFor();
    assert.deepEqual(await violations(page, axe), []);
    await page.getByRole('button', { name: 'Mend the cable' }).click();
    await page.getByRole('link', { name: 'edge edge-1, well' }).waitFor();
    await page.locator('.nodes li').filter({ hasText: 'edge-1' }).getByText('0 waiting').waitFor();
    assert.deepEqual(page.troubles, []);
    await page.context().close();
  });

  test('in a dark city a device keeps what is written on it', async () => {
    const page = await up.console({ viewport: PHONE });
    await page.getByRole('button', { name: 'Black out the city' }).click();
    await page.getByText(/^Dark since \d/).waitFor();
    await up.device('amina', 'put', 'patients', 'p2', 'name=Dalia Musa');
    assert.doesNotMatch(await up.device('bashir', 'get', 'patients', 'p2').catch(String), /Dalia Musa/);
    await page.getByRole('button', { name: 'Light the city' }).click();
    await page.getByText(/^Dark since/).waitFor({ state: 'detached' });
    await until(async () => {
      await up.device('amina', 'sync');
      return /Dalia Musa/.test(await up.device('bashir', 'get', 'patients', 'p2').catch(String));
    });
    assert.deepEqual(page.troubles, []);
    await page.context().close();
  });

  test('an edge that burns is replaced by another, and nothing is lost', async () => {
    const page = await up.console();
    await page.getByRole('button', { name: 'Cut the cable' }).click();
    await page.getByRole('link', { name: 'edge edge-1, isolated' }).waitFor();
    await up.device('amina', 'put', 'patients', 'p3', 'name=Emeka Obi');
    const before = await replica(page);
    await page.getByRole('button', { name: 'Burn the edge' }).click();
    assert.deepEqual(await violations(page, axe), []);
    await page.getByRole('dialog').getByRole('button', { name: 'Burn the edge' }).click();
    await page.getByText(/^Burning since/).waitFor();
    await page.getByText(/^Burned down once, last at/).waitFor();
    await page.getByRole('button', { name: 'Mend the cable' }).click();
    await page.getByRole('link', { name: 'edge edge-1, well' }).waitFor();
    assert.notEqual(await replica(page), before);
    // Her device sends again what the old edge answered for; his gets all of it by the new one.
    await until(async () => {
      await up.device('amina', 'sync');
      return /Emeka Obi/.test(await up.device('bashir', 'get', 'patients', 'p3').catch(String));
    });
    assert.match(await up.device('bashir', 'get', 'patients', 'p1'), /Chipo Banda/);
    assert.deepEqual(page.troubles, []);
    await page.context().close();
  });
});

/** Until it is so; the test's own patience bounds it. */
async function until(so) {
  while (!(await so()));
}
