// Takes pictures of the clinic as it stands: every state, phone and desktop, light and dark. Names a folder for them.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DESKTOP, PHONE } from '../../test/browsers.mjs';
import { Tablets, addPatient, openPatient } from './tablets.mjs';

const folder = process.argv[2] ?? 'target/pictures';
mkdirSync(folder, { recursive: true });
const tablets = await Tablets.start();
const looks = [];
for (const colorScheme of ['light', 'dark'])
  for (const [size, viewport] of [['phone', PHONE], ['desktop', DESKTOP]]) looks.push({ name: `${size}-${colorScheme}`, options: { colorScheme, viewport } });

const shoot = (page, look, state) => page.screenshot({ path: join(folder, `${state}-${look.name}.png`) });

try {
  for (const look of looks) {
    const page = await tablets.fresh(look.options);
    await shoot(page, look, 'first-start');
    await page.goto(`${tablets.deployment.origin}/#/`);
    await page.getByText('No patients here yet').waitFor();
    await shoot(page, look, 'empty');
    await page.context().close();
  }
  const author = await tablets.enrolled();
  await author.goto(`${tablets.deployment.origin}/#/device`);
  await author.getByRole('button', { name: 'Add 25 patients' }).click();
  await author.getByText('25 patients are here').waitFor();
  await addPatient(author, 'Amina Yusuf', 'Ward A');
  await author.getByRole('textbox', { name: 'Blood pressure' }).fill('120/80');
  await author.getByRole('textbox', { name: 'Add an allergy' }).fill('Latex');
  await author.getByRole('textbox', { name: 'Add an allergy' }).press('Enter');
  await author.getByRole('textbox', { name: 'Add a medicine' }).fill('Folic acid');
  await author.getByRole('textbox', { name: 'Add a medicine' }).press('Enter');
  await author.locator('.how-safe', { hasText: 'Safe at the local station' }).waitFor();
  const pages = [];
  for (const look of looks) {
    const page = await tablets.enrolled(look.options);
    await page.getByText('26 patients', { exact: true }).waitFor();
    await shoot(page, look, 'list');
    await openPatient(page, 'Amina Yusuf');
    await page.getByRole('searchbox').fill('').catch(() => {});
    await shoot(page, look, 'record');
    pages.push([page, look]);
  }
  await tablets.deployment.killEdge();
  for (const [page, look] of pages) {
    await page.getByText('No network').waitFor();
    await page.getByRole('textbox', { name: 'Blood pressure' }).fill(`12${pages.findIndex(([one]) => one === page)}/81`);
    await page.getByRole('textbox', { name: 'Blood pressure' }).press('Enter');
    await page.getByText('1 record waits on this device').waitFor();
    await shoot(page, look, 'offline');
  }
  await tablets.deployment.startEdge();
  for (const [page, look] of pages) {
    await page.getByRole('region', { name: /^Blood pressure: .+ versions$/ }).waitFor();
    await shoot(page, look, 'conflict');
    await page.goto(`${tablets.deployment.origin}/#/device`);
    await page.getByRole('heading', { name: 'This device' }).waitFor();
    await shoot(page, look, 'device');
  }
} finally {
  await tablets.stop();
}
