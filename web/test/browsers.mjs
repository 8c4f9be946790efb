// What the browser tests of all parts share. It imports no package, since each part installs its own.
import { existsSync } from 'node:fs';

export const CHROMIUM = process.env.HOLDFAST_CHROMIUM ?? '/usr/bin/chromium';
export const PHONE = { width: 390, height: 844 };
export const DESKTOP = { width: 1280, height: 800 };

/** Why tests in a browser cannot run here; false where they can. */
export const skip = existsSync(CHROMIUM) ? false : `no Chromium at ${CHROMIUM} (apt-get install chromium, or set HOLDFAST_CHROMIUM)`;

/**
 * A page of a browser's own profile that takes down, in `troubles`, what goes wrong in it unseen.
 *
 * @param expected errors that a test is about
 */
export async function newPage(browser, options, timeoutMs, expected) {
  const context = await browser.newContext({ viewport: DESKTOP, ...options });
  context.setDefaultTimeout(timeoutMs);
  const page = await context.newPage();
  page.troubles = [];
  page.on('pageerror', (error) => page.troubles.push(error.stack));
  page.on('console', (message) => {
    if (message.type() === 'error' && !expected.test(message.text())) page.troubles.push(message.text());
  });
  return page;
}

/** What axe, whose source is given, finds in a page. */
export async function violations(page, axe) {
  // As a debugger does, past the policy of the site, which lets no foreign script in.
  await page.evaluate(axe);
  return page.evaluate(async () => {
    const { violations } = await globalThis.axe.run();
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`);
  });
}
