// A region, an edge and a steer of the tests' own, made by the command line as anybody would, with the console at each of them.
import { execFile, spawn } from 'node:child_process';
import { X509Certificate, createHash, generateKeyPairSync } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { chromium } from 'playwright-core';
import { CHROMIUM, newPage } from '../../test/browsers.mjs';
import { freePort, listening } from '../../test/processes.mjs';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../../', import.meta.url));
const program = process.env.HOLDFAST_PROGRAM ?? join(root, 'holdfast');
/** PostgreSQL is unpacked at its first start. */
const START_MILLIS = 4 * 60_000;

export const TIMEOUT_MS = 120_000;

export class System {
  #folder = mkdtempSync(join(tmpdir(), 'holdfast-console-'));
  #running = new Map();
  nodes = {};

  static async start() {
    const system = new System();
    try {
      await system.#prepare();
      await Promise.all(['region', 'edge', 'steer'].map((kind) => system.startNode(kind)));
      system.browser = await chromium.launch({
        executablePath: CHROMIUM,
        args: ['--no-sandbox', `--ignore-certificate-errors-spki-list=${system.#spkis().join(',')}`],
      });
    } catch (error) {
      await system.stop();
      throw error;
    }
    return system;
  }

  async #prepare() {
    await this.#holdfast('keys', 'init', 'keys');
    const names = { region: 'singapore', edge: 'edge-1', steer: 'steer-1' };
    for (const [kind, name] of Object.entries(names)) {
      await this.#holdfast('keys', 'node', name, '--role', kind, '--san', 'localhost', '--san', '127.0.0.1', '--keys', 'keys');
      const port = await freePort();
      this.nodes[kind] = { kind, name, port, address: `https://localhost:${port}` };
    }
    const { region, edge, steer } = this.nodes;
    const pages = join(this.#folder, 'console');
    cpSync(fileURLToPath(new URL('../dist', import.meta.url)), pages, { recursive: true });
    writeFileSync(join(pages, 'console.json'), JSON.stringify({ nodes: [region, edge, steer].map(({ name, kind, address }) => ({ name, kind, address })) }));
    const broker = await freePort();
    this.#settings(region, [
      ...this.#granted(region),
      `log: {namesrv-port: ${await freePort()}, broker-port: ${broker}}`,
      'workers: 1',
      'free-disk: 1MiB',
    ]);
    this.#settings(edge, [...this.#granted(edge), `regions: [${region.address}]`]);
    this.#settings(steer, [`dns: {listen: ["127.0.0.1:0"]}`, 'zones: zones.yaml']);
    writeFileSync(
      join(this.#folder, 'zones.yaml'),
      `
pools:
  regions:
    check: {kind: ready, every: 500ms, timeout: 10s, down-after: 2, up-after: 2}
    endpoints:
      singapore: {addresses: [127.0.0.1], port: ${region.port}}
zones:
  holdfast.test:
    soa: {primary: ns1, mailbox: hostmaster}
    records:
      "@": {ns: [ns1]}
      ns1: {a: [127.0.0.1]}
      region: {pool: regions}
`,
    );
    this.device = await this.grant('nurse-amina', 'device', 'clinic-7:read,write=*', '--key', publicKey());
  }

  #settings({ name, port }, more) {
    const keys = this.#keys(name);
    const origins = Object.values(this.nodes).map(({ address }) => address);
    const lines = [
      `data: ${name}`,
      `tls: {certificate: ${keys}/node.pem, key: ${keys}/node.key, authority: ${keys}/ca.pem}`,
      `authorities: [${keys}/grants.pub]`,
      `http: {host: 127.0.0.1, port: ${port}, origins: [${origins.join(', ')}]}`,
      'console: console',
      ...more,
    ];
    writeFileSync(join(this.#folder, `${name}.yaml`), `${lines.join('\n')}\n`);
  }

  #granted({ name }) {
    return [`grant: ${this.#keys(name)}/grant`, `replica-key: ${this.#keys(name)}/replica.key`];
  }

  #keys(name) {
    return join(this.#folder, 'keys', 'nodes', name);
  }

  /** By these Chromium takes the nodes' certificates, whose CA no browser knows. */
  #spkis() {
    return Object.values(this.nodes).map(({ name }) => {
      const certificate = new X509Certificate(readFileSync(join(this.#keys(name), 'node.pem')));
      return createHash('sha256').update(certificate.publicKey.export({ type: 'spki', format: 'der' })).digest('base64');
    });
  }

  async #holdfast(...args) {
    const { stdout } = await run(program, args, { cwd: this.#folder });
    return stdout.trim();
  }

  async grant(subject, role, right, ...more) {
    return this.#holdfast('grant', 'issue', '--keys', 'keys', '--subject', subject, '--role', role, '--scope', right, ...more);
  }

  /** Revokes the grants of a key that nobody has, and hands the list to those nodes. */
  async revoke(subject, ...kinds) {
    const nodes = kinds.flatMap((kind) => ['--node', this.nodes[kind].address]);
    return this.#holdfast('grant', 'revoke', '--keys', 'keys', '--key', publicKey(), '--subject', subject, '--reason', 'tablet stolen', ...nodes);
  }

  async startNode(kind) {
    const { name } = this.nodes[kind];
    const child = spawn(program, [kind, `${name}.yaml`, '--log', 'text'], { cwd: this.#folder, stdio: ['ignore', 'ignore', 'pipe'] });
    this.#running.set(kind, child);
    await listening(child, name, START_MILLIS);
  }

  async stopNode(kind) {
    const child = this.#running.get(kind);
    this.#running.delete(kind);
    if (child === undefined || child.exitCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    await ended;
  }

  /** Writes a document over plain HTTP; answers its dot. */
  async put(kind, id, fields) {
    const { name, port } = this.nodes[kind];
    const body = JSON.stringify(fields);
    return new Promise((resolve, reject) => {
      const sent = request(
        {
          host: 'localhost',
          port,
          method: 'PUT',
          path: `/v1/scopes/clinic-7/collections/patients/documents/${id}`,
          ca: readFileSync(join(this.#keys(name), 'ca.pem')),
          headers: { Authorization: `Bearer ${this.device}`, 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) },
        },
        (answer) => {
          answer.resume();
          answer.on('end', () => (answer.statusCode === 200 ? resolve(answer.headers['holdfast-dot']) : reject(new Error(`status ${answer.statusCode}`))));
        },
      );
      sent.on('error', reject);
      sent.end(body);
    });
  }

  /** A device is copied, and both write: the edge keeps what the second one wrote aside. */
  async fork(kept, aside) {
    const trust = this.#keys(this.nodes.edge.name);
    const made = await this.#holdfast('device', 'init', '--store', 'device', '--trust', trust);
    const key = made.match(/[0-9a-f]{64}/)[0];
    await this.grant('nurse-zola', 'device', 'clinic-7:read,write=*', '--key', key, '--out', 'device.grant');
    await this.#holdfast('device', 'init', '--store', 'device', '--grant', 'device.grant', '--trust', trust, '--endpoint', this.nodes.edge.address);
    cpSync(join(this.#folder, 'device'), join(this.#folder, 'copied'), { recursive: true });
    await this.#holdfast('device', 'put', '--store', 'device', '--wait', 'edge', '--timeout', '60s', 'patients', kept, 'name=Siti');
    await this.#holdfast('device', 'put', '--store', 'copied', '--timeout', '60s', 'patients', aside, 'name=Dewi');
  }

  /** A browser at the page of one of the nodes, not logged in. */
  async fresh(kind = 'edge', options = {}) {
    // That a node does not answer, or refuses a grant, is what several of the tests are about.
    const page = await newPage(this.browser, options, TIMEOUT_MS, /net::ERR_|Failed to load resource|CORS policy/);
    await page.goto(`${this.nodes[kind].address}/console/`);
    await page.getByRole('heading', { name: 'Holdfast console' }).waitFor();
    return page;
  }

  /** One that is logged in, on the map. */
  async opened(grant, kind = 'edge', options = {}) {
    const page = await this.fresh(kind, options);
    await page.getByRole('textbox', { name: 'Paste your grant' }).fill(grant);
    await page.keyboard.press('Enter');
    await page.getByRole('navigation', { name: 'Console' }).waitFor();
    return page;
  }

  async stop() {
    await this.browser?.close();
    await Promise.all([...this.#running.keys()].map((kind) => this.stopNode(kind)));
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}

/** A new one, in hexadecimal. */
function publicKey() {
  const { publicKey } = generateKeyPairSync('ed25519');
  return publicKey.export({ type: 'spki', format: 'der' }).subarray(-32).toString('hex');
}
