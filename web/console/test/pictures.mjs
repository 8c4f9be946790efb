// Takes pictures of the console as it stands: every page, phone and desktop, light and dark; empty, loaded, cut, refused. Names a folder for them.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DESKTOP, PHONE } from '../../test/browsers.mjs';
import { System } from './system.mjs';

const folder = process.argv[2] ?? 'target/pictures';
mkdirSync(folder, { recursive: true });
const system = await System.start();
const looks = [];
for (const colorScheme of ['light', 'dark'])
  for (const [size, viewport] of [['phone', PHONE], ['desktop', DESKTOP]]) looks.push({ name: `${size}-${colorScheme}`, options: { colorScheme, viewport } });

const shoot = (page, look, state) => page.screenshot({ path: join(folder, `${state}-${look.name}.png`), fullPage: true });
const go = (page, hash) => page.goto(`${system.nodes.edge.address}/console/#/${hash}`);

/** Writes on at the edge until it is told to stop. */
function busy() {
  let stopped = false;
  const writing = (async () => {
    for (let i = 0; !stopped; i++) await Promise.all(Array.from({ length: 8 }, (_, n) => system.put('edge', `p${(8 * i + n) % 400}`, { visits: i }).catch(() => {})));
  })();
  return async () => {
    stopped = true;
    await writing;
  };
}

try {
  const grant = await system.grant('op-dalia', 'operator', '*:read,write=*');
  const pages = [];
  for (const look of looks) {
    const page = await system.fresh('edge', look.options);
    await shoot(page, look, 'login');
    await page.getByRole('textbox', { name: 'Paste your grant' }).fill(system.device);
    await page.getByRole('button', { name: 'Open' }).click();
    await page.getByRole('alert').waitFor();
    await shoot(page, look, 'login-refused');
    await page.getByRole('textbox', { name: 'Paste your grant' }).fill(grant);
    await page.getByRole('button', { name: 'Open' }).click();
    await page.getByRole('heading', { name: 'All is well' }).waitFor();
    await shoot(page, look, 'map-empty');
    pages.push([page, look]);
  }
  const stop = busy();
  for (let i = 0; i < 8; i++) await Promise.all([system.put('edge', `both-${i}`, { ward: 'East' }), system.put('region', `both-${i}`, { ward: 'West' })]);
  const dot = await system.put('edge', 'followed', { name: 'Amina Yusuf' });
  await pages[0][0].getByText(/documents? in conflict/).waitFor({ state: 'attached' });
  for (const [page] of pages) await go(page, 'herd/singapore');
  await new Promise((resolve) => setTimeout(resolve, 25_000));
  for (const [page, look] of pages) {
    await shoot(page, look, 'herd');
    for (const [hash, state, there] of [
      ['', 'map', '.link.up'],
      ['node/singapore', 'region', '#clients'],
      ['node/edge-1', 'edge', '#clients'],
      ['node/steer-1', 'steer-node', '#checks'],
      ['kept', 'kept', '.rows'],
      ['steer', 'steer', '#audit + .rows'],
      ['grants', 'grants', '#seen'],
    ]) {
      await go(page, hash);
      await page.locator(there).first().waitFor({ state: 'attached' });
      await shoot(page, look, state);
    }
    await go(page, 'steer');
    await page.getByRole('button', { name: 'Drain' }).click();
    await page.screenshot({ path: join(folder, `drain-${look.name}.png`) });
    await page.getByRole('button', { name: 'Leave it' }).click();
    await go(page, 'journey');
    await page.getByRole('textbox', { name: 'Scope' }).fill('clinic-7');
    await page.getByRole('textbox', { name: 'Dot or trace id' }).fill(dot);
    await page.getByRole('button', { name: 'Follow' }).click();
    await page.getByText('Applied here').waitFor();
    await shoot(page, look, 'journey');
    await go(page, 'herd/edge-1');
  }
  await system.stopNode('region');
  for (const [page, look] of pages) {
    await go(page, '');
    await page.locator('.link.cut').waitFor({ state: 'attached' });
    await page.getByText(/backlog [1-9]/).waitFor();
    await shoot(page, look, 'map-cut');
    await go(page, 'node/singapore');
    await shoot(page, look, 'region-cut');
    await go(page, 'herd/edge-1');
    await shoot(page, look, 'herd-cut');
  }
  await stop();
} finally {
  await system.stop();
}
