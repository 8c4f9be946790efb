// The clinic in a real Chromium against a real edge process that serves it.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, before, describe, test } from 'node:test';
import { PHONE, skip, violations } from '../../test/browsers.mjs';
import { Tablets, TIMEOUT_MS, addPatient, openPatient } from './tablets.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

describe('the clinic', { skip, timeout: 10 * 60_000 }, () => {
  let tablets;

  before(async () => {
    tablets = await Tablets.start();
  });

  after(() => tablets?.stop());

  /** Ends a test's tablet; nothing may have gone wrong in it unseen. */
  async function done(...pages) {
    for (const page of pages) {
      assert.deepEqual(page.troubles, []);
      await page.context().close();
    }
  }

  test('a patient is added, found by a part of the name without its accents, and edited', async () => {
    const page = await tablets.enrolled();
    await addPatient(page, 'Noël Okafor', 'Ward Q');
    await page.getByRole('textbox', { name: 'Blood pressure' }).fill('120 / 80');
    await page.getByRole('textbox', { name: 'Pulse' }).fill('72');
    await page.getByRole('textbox', { name: 'Temperature' }).fill('36,6');
    await page.getByRole('textbox', { name: 'Notes' }).fill('Walks two hours.');
    await page.getByRole('textbox', { name: 'Add a medicine' }).fill('Insulin');
    await page.getByRole('textbox', { name: 'Add a medicine' }).press('Enter');
    await page.getByRole('button', { name: 'Count a visit' }).click();
    await page.locator('output', { hasText: '2' }).waitFor();
    await page.reload();
    await page.getByRole('heading', { name: 'Noël Okafor' }).waitFor();
    assert.equal(await page.getByRole('textbox', { name: 'Temperature' }).inputValue(), '36.6');
    assert.equal(await page.getByRole('textbox', { name: 'Notes' }).inputValue(), 'Walks two hours.');
    await page.getByRole('button', { name: 'Remove Insulin' }).waitFor();
    await page.locator('.how-safe', { hasText: 'Safe at the local station' }).waitFor();
    await page.getByRole('searchbox').fill('noel ward q');
    await page.getByRole('link', { name: /^Noël Okafor ?, Ward Q, blood pressure 120 over 80, safe at the local station/ }).waitFor();
    await page.getByRole('searchbox').fill('nobody of that name');
    await page.getByText('Nobody matches').waitFor();
    await done(page);
  });

  test('who comes back from a record on a phone is at its row again, and what could not be saved there still stands in it', async () => {
    const page = await tablets.enrolled({ viewport: PHONE });
    await addPatient(page, 'Ada Nkosi');
    await page.getByRole('link', { name: 'All patients' }).click();
    const row = page.getByRole('link', { name: /^Ada Nkosi/ });
    await row.focus();
    await page.keyboard.press('Enter');
    const pulse = page.getByRole('textbox', { name: 'Pulse' });
    await pulse.fill('700');
    await page.getByRole('link', { name: 'All patients' }).click();
    await page.getByRole('alert').filter({ hasText: 'Ada Nkosi, pulse: “700” is not saved' }).waitFor();
    assert.ok(await row.evaluate((element) => element === document.activeElement));
    await page.keyboard.press('Enter');
    await page.getByRole('alert').filter({ hasText: 'Not saved yet' }).waitFor();
    assert.equal(await pulse.inputValue(), '700');
    await pulse.fill('70');
    await pulse.press('Enter');
    await page.getByRole('alert').filter({ hasText: 'Not saved yet' }).waitFor({ state: 'detached' });
    await page.reload();
    await page.getByRole('heading', { name: 'Ada Nkosi' }).waitFor();
    assert.equal(await pulse.inputValue(), '70');
    await done(page);
  });

  test('what cannot be a blood pressure is not saved, and is told', async () => {
    const page = await tablets.enrolled();
    await addPatient(page, 'Dalia Haddad');
    const pressure = page.getByRole('textbox', { name: 'Blood pressure' });
    await pressure.fill('80/120');
    await pressure.press('Enter');
    await page.getByRole('alert').filter({ hasText: 'Not saved yet' }).waitFor();
    assert.equal(await pressure.getAttribute('aria-invalid'), 'true');
    await pressure.press('Escape');
    assert.equal(await pressure.inputValue(), '');
    assert.equal(await page.getByRole('alert').count(), 0);
    await done(page);
  });

  test('two tablets at one station see what each other writes, and neither addition to a set is lost', async () => {
    const [amina, bashir] = await Promise.all([tablets.enrolled(), tablets.enrolled()]);
    await addPatient(amina, 'Grace Mwangi', 'Maternity');
    await openPatient(bashir, 'Grace Mwangi');
    for (const [page, allergy] of [[amina, 'Latex'], [bashir, 'Eggs']]) {
      await page.getByRole('textbox', { name: 'Add an allergy' }).fill(allergy);
      await page.getByRole('textbox', { name: 'Add an allergy' }).press('Enter');
      await page.getByRole('button', { name: 'Count a visit' }).click();
    }
    for (const page of [amina, bashir]) {
      await page.getByRole('button', { name: 'Remove Latex' }).waitFor();
      await page.getByRole('button', { name: 'Remove Eggs' }).waitFor();
      await page.locator('output', { hasText: '3' }).waitFor();
    }
    await done(amina, bashir);
  });

  test('with every link cut it loads anew, takes writes and says how many wait; they are sent when the link is back', async () => {
    const page = await tablets.enrolled();
    await addPatient(page, 'Salma Umar', 'Ward B');
    await page.locator('.how-safe', { hasText: 'Safe at the local station' }).waitFor();
    await page.evaluate(async () => {
      await navigator.serviceWorker.ready;
      while ((await caches.match('/current', { cacheName: 'holdfast-site' })) === undefined) await new Promise((resolve) => setTimeout(resolve, 50));
    });
    await tablets.deployment.killEdge();
    await page.reload();
    await page.getByRole('heading', { name: 'Salma Umar' }).waitFor();
    await page.getByRole('textbox', { name: 'Pulse' }).fill('88');
    await page.getByRole('textbox', { name: 'Pulse' }).press('Enter');
    await page.locator('.how-safe', { hasText: 'Saved on this device' }).waitFor();
    await page.getByText('No network. Work goes on; 1 record waits on this device').waitFor();
    await tablets.deployment.startEdge();
    await page.locator('.how-safe', { hasText: 'Safe at the local station' }).waitFor();
    const other = await tablets.enrolled();
    await openPatient(other, 'Salma Umar');
    assert.equal(await other.getByRole('textbox', { name: 'Pulse' }).inputValue(), '88');
    await done(page, other);
  });

  test('two versions are shown on both tablets, and gone from both when one was chosen', async () => {
    const [amina, bashir] = await Promise.all([tablets.enrolled(), tablets.enrolled()]);
    await addPatient(amina, 'Chipo Banda');
    await openPatient(bashir, 'Chipo Banda');
    await tablets.deployment.killEdge();
    for (const [page, pressure] of [[amina, '118/76'], [bashir, '131/85']]) {
      await page.getByRole('textbox', { name: 'Blood pressure' }).fill(pressure);
      await page.getByRole('textbox', { name: 'Blood pressure' }).press('Enter');
      await page.locator('.how-safe', { hasText: 'Saved on this device' }).waitFor();
    }
    await tablets.deployment.startEdge();
    const choice = (page) => page.getByRole('region', { name: 'Blood pressure: two versions' });
    await Promise.all([amina, bashir].map((page) => choice(page).waitFor()));
    assert.deepEqual(await violations(amina, axe), []);
    await choice(amina).getByRole('button', { name: /^Use this ?: 118\/76 for Blood pressure$/ }).click();
    for (const page of [amina, bashir]) {
      await choice(page).waitFor({ state: 'detached' });
      assert.equal(await page.getByRole('textbox', { name: 'Blood pressure' }).inputValue(), '118/76');
    }
    await done(amina, bashir);
  });

  test('of two versions both are kept: the other goes into the notes', async () => {
    const [amina, bashir] = await Promise.all([tablets.enrolled(), tablets.enrolled()]);
    await addPatient(amina, 'Thandi Zulu');
    await openPatient(bashir, 'Thandi Zulu');
    await tablets.deployment.killEdge();
    for (const [page, pulse] of [[amina, '70'], [bashir, '90']]) {
      await page.getByRole('textbox', { name: 'Pulse' }).fill(pulse);
      await page.getByRole('textbox', { name: 'Pulse' }).press('Enter');
      await page.locator('.how-safe', { hasText: 'Saved on this device' }).waitFor();
    }
    await tablets.deployment.startEdge();
    await bashir.getByRole('button', { name: 'Keep both' }).click();
    await amina.waitForFunction(() => document.querySelector('textarea').value !== '');
    const shown = await amina.getByRole('textbox', { name: 'Pulse' }).inputValue();
    const notes = await amina.getByRole('textbox', { name: 'Notes' }).inputValue();
    assert.deepEqual([shown, notes].join(' ').match(/\d+/g)?.sort(), ['70', '90']);
    await done(amina, bashir);
  });

  test('a refused change is told with its reason, and can be taken back', async () => {
    const writer = await tablets.enrolled();
    await addPatient(writer, 'Omar Farouk', 'Ward C');
    const reader = await tablets.enrolled({}, 'clinic-7:read');
    await openPatient(reader, 'Omar Farouk');
    await reader.getByRole('textbox', { name: 'Pulse' }).fill('77');
    await reader.getByRole('textbox', { name: 'Pulse' }).press('Enter');
    const refused = reader.getByRole('region', { name: 'Not accepted' });
    assert.match(await refused.textContent(), /Not accepted: .+\. Change it and send it again/);
    assert.deepEqual(await violations(reader, axe), []);
    await refused.getByRole('button', { name: 'Take it back' }).click();
    await refused.waitFor({ state: 'detached' });
    assert.equal(await reader.getByRole('textbox', { name: 'Pulse' }).inputValue(), '');
    await done(writer, reader);
  });

  test('a grant for another device is not taken, and the page says what to do', async () => {
    const page = await tablets.fresh();
    await page.getByRole('textbox', { name: 'Paste the grant' }).fill(await tablets.deployment.grant('11'.repeat(32)).catch(() => 'nonsense'));
    await page.getByRole('button', { name: 'Enrol' }).click();
    await page.getByRole('alert').filter({ hasText: 'Ask for a grant for the key above' }).waitFor();
    assert.deepEqual(await violations(page, axe), []);
    await done(page);
  });

  test('list and record are clean by axe, light and dark, phone and desktop', async () => {
    for (const options of [{ colorScheme: 'light' }, { colorScheme: 'dark', viewport: PHONE, hasTouch: true }]) {
      const page = await tablets.enrolled(options);
      assert.deepEqual(await violations(page, axe), [], 'the list');
      await addPatient(page, 'Ifeoma Eze', 'Children');
      await page.getByRole('textbox', { name: 'Add an allergy' }).fill('Peanuts');
      await page.getByRole('textbox', { name: 'Add an allergy' }).press('Enter');
      assert.deepEqual(await violations(page, axe), [], 'the record');
      await page.goto(`${tablets.deployment.origin}/#/device`);
      await page.getByRole('heading', { name: 'This device' }).waitFor();
      assert.deepEqual(await violations(page, axe), [], 'the device');
      await done(page);
    }
  });

  test('ten thousand patients scroll, are searched, and are walked by keys', async (t) => {
    const page = await tablets.enrolled();
    await page.goto(`${tablets.deployment.origin}/#/device`);
    const before = Date.now();
    await page.getByRole('button', { name: 'Add 10,000 patients' }).click();
    await page.getByText('10,000 patients are here').waitFor({ timeout: 5 * TIMEOUT_MS });
    t.diagnostic(`writing 10,000 patients with the list open: ${Date.now() - before} ms`);
    const rows = page.getByRole('listitem');
    assert.ok((await rows.count()) < 60, 'only what is seen exists');
    await page.locator('.frame').evaluate((frame) => frame.scrollTo(0, frame.scrollHeight));
    const total = await rows.last().getAttribute('aria-setsize');
    await page.waitForFunction((total) => document.querySelector(`.row[aria-posinset="${total}"]`) !== null, total);
    const latencies = await page.evaluate(async () => {
      const input = document.getElementById('search');
      const millis = [];
      for (const text of ['a', 'am', 'ami', 'amina', 'amina o', 'ward', 'ward b', 'zulu', 'z', '']) {
        const start = performance.now();
        input.value = text;
        input.dispatchEvent(new InputEvent('input', { bubbles: true }));
        await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
        millis.push(Math.round((performance.now() - start) * 10) / 10);
      }
      return millis.sort((a, b) => a - b);
    });
    t.diagnostic(`a letter typed until the rows are painted, ms: median ${latencies[5]}, most ${latencies.at(-1)}`);
    await page.getByRole('searchbox').fill('wanjiru');
    await page.getByRole('searchbox').press('ArrowDown');
    for (const key of ['End', 'ArrowUp', 'Home', 'PageDown']) await page.keyboard.press(key);
    assert.match(await page.evaluate(() => document.activeElement?.textContent), /^Wanjiru /);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: /^Wanjiru/ }).waitFor();
    await done(page);
  });
});
