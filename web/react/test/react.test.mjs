// The hooks under real React, in StrictMode, over a real device in Chromium.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { chromium } from 'playwright-core';
import { CHROMIUM, skip } from '../../test/browsers.mjs';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

async function bundledPage() {
  const { outputFiles } = await build({
    entryPoints: [here('page.jsx')],
    bundle: true,
    write: false,
    format: 'esm',
    target: 'es2022',
    jsx: 'automatic',
    define: { 'process.env.NODE_ENV': '"development"' },
    alias: { '@holdfast/client': here('../../sdk/dist/holdfast-client.mjs'), '@holdfast/react': here('../dist/holdfast-react.mjs') },
    logLevel: 'warning',
  });
  return outputFiles[0].contents;
}

describe('hooks', { skip, timeout: 5 * 60_000 }, () => {
  let browser;
  let server;
  const errors = [];

  before(async () => {
    const script = await bundledPage();
    server = createServer((request, response) => {
      response.setHeader('Content-Type', request.url === '/page.mjs' ? 'text/javascript' : 'text/html');
      response.end(request.url === '/page.mjs' ? script : '<!doctype html><title>Hooks</title><div id="root"></div><script type="module" src="page.mjs"></script>');
    });
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
  });

  after(async () => {
    await browser?.close();
    server?.close();
  });

  async function newTab(context) {
    const page = await context.newPage();
    page.on('pageerror', (error) => errors.push(error.stack));
    page.on('console', (message) => message.type() === 'error' && !message.text().includes('favicon') && errors.push(message.text()));
    await page.goto(`http://localhost:${server.address().port}/`);
    await shows(page, 'form', '"none"');
    return page;
  }

  const fresh = async () => newTab(await browser.newContext());
  const shows = (page, name, text) => page.waitForFunction(({ name, text }) => document.getElementById(name)?.textContent === text, { name, text });
  const put = (page, id, fields) => page.evaluate(({ id, fields }) => patients.put(id, fields).local, { id, fields });
  const commits = (page) => page.evaluate(() => Object.fromEntries(Object.entries(seen).map(([name, { commits }]) => [name, commits])));

  test('a query shows what it finds, here and in another tab, and becomes another one', async () => {
    const context = await browser.newContext();
    const [page, other] = [await newTab(context), await newTab(context)];
    await shows(page, 'ward', '[]');
    await put(page, 'p-2', { name: 'Bola', ward: 'A', number: 2 });
    await put(other, 'p-1', { name: 'Amina', ward: 'A', number: 1 });
    await put(other, 'p-3', { name: 'Chidi', ward: 'B', number: 3 });
    for (const tab of [page, other]) await shows(tab, 'ward', '["p-1","p-2"]');
    await page.evaluate(() => setWard('B'));
    await shows(page, 'ward', '["p-3"]');
    const answers = await page.evaluate(() => seen.ward.answers);
    assert.equal(answers.at(0), undefined, 'nothing before the first answer');
    assert.equal(answers.at(-2), undefined, 'nor under another query what the one before found');
  });

  test('a document is unknown, then none, then there, then none', async () => {
    const page = await fresh();
    await shows(page, 'one', 'null');
    await put(page, 'p-1', { name: 'Amina' });
    await shows(page, 'one', '{"name":"Amina"}');
    await page.evaluate(() => patients.delete('p-1').local);
    await shows(page, 'one', 'null');
    assert.equal(await page.evaluate(() => seen.one.answers[0] === undefined), true);
  });

  test('the status is shown as it changes', async () => {
    const page = await fresh();
    await shows(page, 'network', '0');
    await put(page, 'p-1', { name: 'Amina' });
    await put(page, 'p-2', { name: 'Bola' });
    await shows(page, 'network', '2');
  });

  test('nothing is rendered again for what it does not show', async () => {
    const page = await fresh();
    await put(page, 'p-1', { name: 'Amina', ward: 'A', number: 1 });
    await shows(page, 'network', '1');
    await shows(page, 'ward', '["p-1"]');
    const before = await commits(page);
    const many = 20;
    await page.evaluate(async (many) => {
      for (let i = 0; i < many; i++) await client.scope('clinic-7').collection('visits').put(`v-${i}`, { day: i }).local;
      for (let i = 0; i < many; i++) await patients.put(`q-${i}`, { name: `Guest ${i}`, ward: 'C', number: i }).local;
    }, many);
    await shows(page, 'network', String(1 + 2 * many));
    await page.waitForFunction((many) => JSON.parse(document.getElementById('everybody').textContent).length === many + 1, many);
    const since = await commits(page);
    assert.deepEqual([since.ward, since.one, since.form], [before.ward, before.one, before.form]);
    assert.ok(since.everybody > before.everybody);
  });

  test('a form hears that its write is saved, or why it is not', async () => {
    const page = await fresh();
    assert.equal(await page.evaluate(() => save('p-1', { name: 'Amina' })), true);
    await shows(page, 'form', '"saved"');
    assert.equal(await page.evaluate(() => save('p-1', { name: 'x'.repeat(600_000) })), false);
    await shows(page, 'form', '"malformed"');
    assert.equal(await page.evaluate(() => save('p-1', { born: new Date() })), false, 'refused before it is asked');
    assert.equal(await page.evaluate(() => save('p-1', { name: 'Bola' })), true);
    await shows(page, 'form', '"saved"');
    const answers = await page.evaluate(() => seen.form.answers);
    assert.deepEqual(answers.slice(0, 3), ['none', 'saving', 'saved']);
    // What fails at once React may never have shown as being saved.
    assert.deepEqual(answers.filter((answer) => answer !== 'saving'), ['none', 'saved', 'malformed', 'saved']);
  });

  test('each component watches once, though StrictMode begins twice, and none once it is gone', async () => {
    const page = await fresh();
    assert.equal(await page.evaluate(() => watches), 4);
    await page.evaluate(() => setShown(false));
    await page.waitForFunction(() => document.getElementById('ward') === null && watches === 0);
    await page.evaluate(() => setShown(true));
    await put(page, 'p-1', { name: 'Amina', ward: 'A', number: 1 });
    await shows(page, 'ward', '["p-1"]');
    assert.equal(await page.evaluate(() => watches), 4);
  });

  test('React had nothing to complain of', () => assert.deepEqual(errors, []));
});
