// Nurses' tablets for the tests: browsers of their own at one edge, each enrolled as a person would enrol it.
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { Deployment } from '../../sdk/test/deployment.mjs';
import { CHROMIUM, newPage } from '../../test/browsers.mjs';

export const TIMEOUT_MS = 60_000;

export class Tablets {
  static async start() {
    const tablets = new Tablets();
    tablets.deployment = await Deployment.start({ site: fileURLToPath(new URL('../dist', import.meta.url)) });
    tablets.browser = await chromium.launch({
      executablePath: CHROMIUM,
      args: ['--no-sandbox', `--ignore-certificate-errors-spki-list=${tablets.deployment.spki}`],
    });
    return tablets;
  }

  /** A tablet as it comes from its box: its page shows how it is enrolled. */
  async fresh(options = {}) {
    // That the network is gone is what several of the tests are about.
    const page = await newPage(this.browser, options, TIMEOUT_MS, /net::ERR_|Failed to load resource/);
    await page.goto(this.deployment.origin);
    await page.getByRole('heading', { name: 'Enrol this device' }).waitFor();
    return page;
  }

  async enrolled(options = {}, right = undefined) {
    const page = await this.fresh(options);
    const key = await page.getByRole('textbox', { name: 'The key of this device' }).textContent();
    await page.getByRole('textbox', { name: 'Paste the grant' }).fill(await this.deployment.grant(key.trim(), right));
    await page.getByRole('button', { name: 'Enrol' }).click();
    await page.locator('.network:is(.up, .cut, .sending)').waitFor();
    return page;
  }

  async stop() {
    await this.browser?.close();
    await this.deployment?.stop();
  }
}

export async function addPatient(page, name, ward = '') {
  await page.getByRole('link', { name: 'Add patient' }).click();
  await page.getByRole('textbox', { name: 'Name' }).fill(name);
  await page.getByRole('textbox', { name: 'Ward' }).fill(ward);
  await page.getByRole('button', { name: 'Add patient' }).click();
  await page.getByRole('heading', { name, level: 1 }).waitFor();
}

/** Opens a record by the list, as a person does. */
export async function openPatient(page, name) {
  await page.goto(`${new URL(page.url()).origin}/#/`);
  await page.getByRole('searchbox').fill(name);
  await page.getByRole('link', { name: new RegExp(`^${name} ?,`) }).first().click();
  await page.getByRole('heading', { name, level: 1 }).waitFor();
}
