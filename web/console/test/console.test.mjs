// The console in a real Chromium against a real region, edge and steer.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, before, describe, test } from 'node:test';
import { PHONE, skip, violations } from '../../test/browsers.mjs';
import { System } from './system.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

describe('the console', { skip, timeout: 15 * 60_000 }, () => {
  let system;
  let acts;
  let looks;

  before(async () => {
    system = await System.start();
    acts = await system.grant('op-dalia', 'operator', '*:read,write=*');
    looks = await system.grant('op-emeka', 'operator', '*:read');
  });

  after(() => system?.stop());

  async function done(page) {
    assert.deepEqual(page.troubles, []);
    await page.context().close();
  }

  async function refused(page, grant, words) {
    await page.getByRole('textbox', { name: 'Paste your grant' }).fill(grant);
    await page.getByRole('button', { name: 'Open' }).click();
    await page.getByRole('alert').filter({ hasText: words }).waitFor();
    assert.equal(await page.getByRole('navigation', { name: 'Console' }).count(), 0);
  }

  test('nothing is shown without a grant that lets one look, and the page says what is wrong with another', async () => {
    const page = await system.fresh();
    await refused(page, 'rubbish', 'The grant is not taken');
    await refused(page, system.device, "Only an operator's grant lets anybody look");
    await refused(page, await system.grant('op-half', 'operator', 'clinic-7:read'), 'it must allow *:read');
    assert.deepEqual(await violations(page, axe), []);
    assert.equal(await page.evaluate(() => JSON.stringify([localStorage, sessionStorage, document.cookie])), '[{},{},""]');
    await done(page);
  });

  test('a grant stays in the tab until one leaves, and never in an address', async () => {
    const addresses = [];
    const page = await system.opened(looks);
    page.on('request', (request) => addresses.push(request.url()));
    await page.getByRole('heading', { name: 'All is well' }).waitFor();
    await page.reload();
    await page.getByRole('heading', { name: 'All is well' }).waitFor();
    await page.getByRole('button', { name: 'Leave' }).click();
    await page.getByRole('heading', { name: 'Holdfast console' }).waitFor();
    await page.reload();
    await page.getByRole('heading', { name: 'Holdfast console' }).waitFor();
    assert.ok(addresses.length > 5);
    assert.deepEqual(addresses.filter((address) => address.includes(looks.slice(0, 20))), []);
    await done(page);
  });

  test('each page is there at each node, on a phone and at a desk, by day and by night', async () => {
    for (const [kind, options] of [
      ['region', { viewport: PHONE, colorScheme: 'light' }],
      ['steer', { colorScheme: 'dark' }],
    ]) {
      const page = await system.opened(acts, kind, options);
      for (const heading of ['All is well', 'The herd at singapore', 'Quarantine, refusals, conflicts', 'Steer', 'The journey of one write', 'Grants']) {
        await page.getByRole('heading', { name: heading, exact: true }).waitFor();
        if (heading === 'Steer') await page.getByRole('table', { name: 'Audit trail' }).waitFor();
        assert.deepEqual(await violations(page, axe), [], `${heading} at ${kind}`);
        const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        assert.ok(wide <= 0, `${heading} at ${kind} is ${wide} px too wide`);
        const next = page.getByRole('navigation', { name: 'Console' }).locator('a[aria-current] + a');
        if ((await next.count()) > 0) await next.click();
      }
      for (const name of ['singapore', 'edge-1', 'steer-1']) {
        await page.goto(`${system.nodes[kind].address}/console/#/node/${name}`);
        await page.getByRole('heading', { name }).waitFor();
        assert.deepEqual(await violations(page, axe), [], `${name} at ${kind}`);
      }
      await done(page);
    }
  });

  test('an endpoint is drained and put back on the page, and the trail names who did it', async () => {
    const page = await system.opened(acts);
    await page.goto(`${system.nodes.edge.address}/console/#/steer`);
    const row = page.getByRole('listitem').filter({ hasText: 'singapore' });
    await row.getByText('up', { exact: true }).waitFor();
    await row.getByRole('button', { name: 'Drain' }).click();
    await page.getByRole('textbox', { name: 'Why' }).fill('the tide');
    assert.deepEqual(await violations(page, axe), []);
    await page.getByRole('dialog').getByRole('button', { name: 'Drain' }).click();
    await row.getByText('drained', { exact: true }).waitFor();
    await row.getByText(/Drained by op-dalia at .+: the tide/).waitFor();
    await row.getByRole('button', { name: 'Put back' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Put back' }).click();
    await row.getByText('up', { exact: true }).waitFor();
    await page.getByRole('row').filter({ hasText: 'put back' }).filter({ hasText: 'op-dalia' }).first().waitFor();
    await done(page);
  });

  test('who may only look has nothing to press', async () => {
    const page = await system.opened(looks);
    await page.goto(`${system.nodes.edge.address}/console/#/steer`);
    await page.getByText('Your grant lets you look, not act').waitFor();
    assert.equal(await page.getByRole('button', { name: 'Drain' }).count(), 0);
    await done(page);
  });

  test('one write is followed to the record, by its dot', async () => {
    const dot = await system.put('edge', 'p1', { name: 'Amina Yusuf' });
    const page = await system.opened(looks);
    await page.goto(`${system.nodes.edge.address}/console/#/journey`);
    await page.getByRole('textbox', { name: 'Scope' }).fill('clinic-7');
    await page.getByRole('textbox', { name: 'Dot or trace id' }).fill(dot);
    const edge = page.getByRole('listitem').filter({ hasText: 'edge-1' });
    const region = page.getByRole('listitem').filter({ hasText: 'Applied here at' });
    // Asked again until a worker has applied it, and the edge has heard so.
    while ((await region.count()) === 0 || (await edge.filter({ hasText: 'applied: by the word of singapore' }).count()) === 0) {
      const answered = page.waitForResponse((answer) => answer.url().includes('/journey'));
      await page.getByRole('button', { name: 'Follow' }).click();
      await answered;
    }
    await region.getByText('patients/p1').waitFor();
    const trace = await region.locator('code').last().textContent();
    assert.match(trace, /^[0-9a-f]{32}$/);
    assert.deepEqual(await violations(page, axe), []);
    // The same by its trace, as an application's own tracing names it; and one that nobody has.
    const named = page.getByRole('textbox', { name: 'Dot or trace id' });
    await named.fill(`00-${trace}-00f067aa0ba902b7-01`);
    await page.getByRole('button', { name: 'Follow' }).click();
    await region.getByText('patients/p1').waitFor();
    await named.fill('0'.repeat(32));
    await page.getByRole('button', { name: 'Follow' }).click();
    await page.getByRole('alert').filter({ hasText: 'No node finds this trace' }).waitFor();
    await done(page);
  });

  test('two that wrote the same field at once are listed by name, without what they wrote', async () => {
    for (let i = 0; i < 5; i++) await Promise.all([system.put('edge', `both-${i}`, { ward: 'East' }), system.put('region', `both-${i}`, { ward: 'West' })]);
    const page = await system.opened(looks);
    await page.goto(`${system.nodes.edge.address}/console/#/kept`);
    await page.getByRole('row', { name: /clinic-7 patients both-\d ward/ }).first().waitFor();
    assert.equal(await page.getByText('West').count(), 0);
    await done(page);
  });

  test('what is kept aside is looked into without what was written, settled, and opened again', async () => {
    await system.fork('kept', 'aside');
    const page = await system.opened(acts);
    await page.getByText('edge-1: 1 batch in quarantine').waitFor();
    await page.goto(`${system.nodes.edge.address}/console/#/kept`);
    await page.getByRole('heading', { name: '1 in quarantine' }).waitFor();
    await page.getByRole('button', { name: 'Look' }).click();
    await page.getByText('patients/aside: name').waitFor();
    assert.equal(await page.getByText('Dewi').count(), 0);
    assert.deepEqual(await violations(page, axe), []);
    await page.getByRole('button', { name: 'Settle' }).click();
    await page.getByRole('textbox', { name: 'Why' }).fill('Dewi wrote it again');
    assert.deepEqual(await violations(page, axe), []);
    await page.getByRole('dialog').getByRole('button', { name: 'Settle' }).click();
    await page.getByRole('heading', { name: 'Nothing in quarantine is open' }).waitFor();
    await page.getByRole('row', { name: /op-dalia Dewi wrote it again edge-1 clinic-7 fork/ }).waitFor();
    assert.deepEqual(await violations(page, axe), []);
    await page.setViewportSize(PHONE);
    assert.ok((await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)) <= 0);
    await page.getByRole('button', { name: 'Open again' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Open again' }).click();
    await page.getByRole('heading', { name: '1 in quarantine' }).waitFor();
    await done(page);
  });

  test('who is revoked is shown, and that every node knows', async () => {
    const page = await system.opened(acts);
    await page.goto(`${system.nodes.edge.address}/console/#/grants`);
    await page.getByText('Nobody is revoked.').waitFor();
    await system.revoke('nurse-zuri', 'edge', 'steer');
    await page.getByRole('row', { name: /^nurse-zuri .* tablet stolen/ }).waitFor();
    // The region has it from the edge.
    await page.getByText('Every node that answers knows it.').waitFor();
    assert.deepEqual(await violations(page, axe), []);
    await done(page);
  });

  test('when the region is gone the map shows the edge cut, and the page goes on by what the edge knows', async () => {
    const page = await system.opened(acts);
    await page.getByRole('link', { name: 'edge edge-1, well' }).waitFor();
    await page.locator('.link.up').waitFor({ state: 'attached' });
    await system.stopNode('region');
    await page.getByRole('link', { name: 'edge edge-1, isolated' }).waitFor();
    await page.getByRole('link', { name: 'region singapore, does not answer' }).waitFor();
    await page.locator('.link.cut').waitFor({ state: 'attached' });
    assert.ok((await page.locator('.ring.broken').count()) > 0);
    await page.getByText(/^edge-1 is isolated since .+, backlog 0 operations/).waitFor();
    await page.getByText(/^singapore does not answer this browser since/).waitFor();
    await system.put('edge', 'p2', { name: 'Bashir Idris' });
    await page.getByText(/^edge-1 is isolated since .+, backlog 1 operation \(.+, oldest \d+ s/).waitFor();
    assert.deepEqual(await violations(page, axe), []);
    // Loaded anew while cut off: the edge serves it and judges the grant.
    await page.reload();
    await page.getByText(/^edge-1 is isolated since/).waitFor();
    await page.getByRole('link', { name: 'region singapore, does not answer' }).waitFor();
    await system.startNode('region');
    await page.getByRole('link', { name: 'edge edge-1, well' }).waitFor();
    await page.getByRole('link', { name: 'region singapore, well' }).waitFor();
    await page.locator('.link.up').waitFor({ state: 'attached' });
    await done(page);
  });
});
