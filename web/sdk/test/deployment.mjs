// An edge of its own for the browser tests: keys, grant and process, made by the command line as anybody would.
import { execFile, spawn } from 'node:child_process';
import { createHash, X509Certificate } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../../', import.meta.url));
const program = process.env.HOLDFAST_PROGRAM ?? join(root, 'holdfast');
const START_MILLIS = 60_000;

export class Deployment {
  #folder = mkdtempSync(join(tmpdir(), 'holdfast-web-'));
  #inNamespace;
  #edge;
  #site;

  /**
   * @param host where the edge listens
   * @param inNamespace what to put before its command, to run it in a network namespace
   * @param site a folder to serve in the place of this SDK's own test page
   */
  static async start({ host = 'localhost', inNamespace = [], site } = {}) {
    const deployment = new Deployment();
    deployment.#inNamespace = inNamespace;
    deployment.#site = site;
    await deployment.#prepare(host);
    await deployment.startEdge();
    return deployment;
  }

  async #prepare(host) {
    const holdfast = (...args) => run(program, args, { cwd: this.#folder });
    await holdfast('keys', 'init', 'keys');
    await holdfast('keys', 'node', 'edge-1', '--role', 'edge', '--san', host, '--keys', 'keys');
    this.port = await freePort();
    this.origin = `https://${host}:${this.port}`;
    const node = join(this.#folder, 'keys', 'nodes', 'edge-1');
    const site = join(this.#folder, 'site');
    this.authority = readFileSync(join(node, 'grants.pub'), 'utf8').trim();
    if (this.#site === undefined) this.#layTestPage(site);
    else {
      cpSync(this.#site, site, { recursive: true });
      writeFileSync(join(site, 'deployment.json'), JSON.stringify({ scope: 'clinic-7', authorities: [this.authority] }));
    }
    writeFileSync(
      join(this.#folder, 'edge.yaml'),
      [
        'data: edge',
        `tls: {certificate: ${node}/node.pem, key: ${node}/node.key, authority: ${node}/ca.pem}`,
        `authorities: [${node}/grants.pub]`,
        `grant: ${node}/grant`,
        `replica-key: ${node}/replica.key`,
        `http: {host: ${host}, port: ${this.port}, ping-interval: 500ms}`,
        'regions: []',
        `site: ${site}`,
        '',
      ].join('\n'),
    );
    const certificate = new X509Certificate(readFileSync(join(node, 'node.pem')));
    const spki = certificate.publicKey.export({ type: 'spki', format: 'der' });
    /** By this Chromium takes the certificate, whose CA no browser knows. */
    this.spki = createHash('sha256').update(spki).digest('base64');
  }

  #layTestPage(site) {
    mkdirSync(site);
    for (const name of ['holdfast-client.mjs', 'holdfast-worker.js'])
      cpSync(fileURLToPath(new URL(`../dist/${name}`, import.meta.url)), join(site, name));
    cpSync(fileURLToPath(new URL('page.html', import.meta.url)), join(site, 'index.html'));
    cpSync(fileURLToPath(new URL('page.mjs', import.meta.url)), join(site, 'page.mjs'));
  }

  async startEdge() {
    const [command, ...args] = [...this.#inNamespace, program, 'edge', 'edge.yaml', '--log', 'text'];
    const edge = spawn(command, args, { cwd: this.#folder, stdio: ['ignore', 'ignore', 'pipe'] });
    this.#edge = edge;
    let words = '';
    await new Promise((resolve, reject) => {
      const fail = () => reject(new Error(`the edge did not start:\n${words}`));
      const timer = setTimeout(fail, START_MILLIS);
      edge.once('exit', fail);
      edge.stderr.on('data', (data) => {
        words = (words + data).slice(-8000);
        if (!words.includes('listening at')) return;
        clearTimeout(timer);
        edge.off('exit', fail);
        resolve();
      });
    });
  }

  /** Another version of the page, from the edge's next start on. */
  changePage(title) {
    const page = join(this.#folder, 'site', 'index.html');
    writeFileSync(page, readFileSync(page, 'utf8').replace(/<title>.*<\/title>/, `<title>${title}</title>`));
  }

  /** As a power cut ends it. */
  async killEdge() {
    const edge = this.#edge;
    const ended = new Promise((resolve) => edge.once('exit', resolve));
    edge.kill('SIGKILL');
    await ended;
  }

  /** A grant for that key. */
  async grant(publicKey, right = 'clinic-7:read,write=*') {
    const { stdout } = await run(
      program,
      ['grant', 'issue', '--keys', 'keys', '--key', publicKey, '--subject', `nurse-${publicKey.slice(0, 8)}`, '--scope', right],
      { cwd: this.#folder },
    );
    return stdout.trim();
  }

  async stop() {
    if (this.#edge?.exitCode === null) await this.killEdge();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}
