// An edge of its own for the browser tests, with a region above it where one is asked for: keys, grants and processes, made by the
// command line as anybody would.
import { execFile, spawn } from 'node:child_process';
import { createHash, X509Certificate } from 'node:crypto';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { freePort, listening } from '../../test/processes.mjs';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../../', import.meta.url));
const program = process.env.HOLDFAST_PROGRAM ?? join(root, 'holdfast');
const START_MILLIS = 180_000;
/** It unpacks a PostgreSQL and starts a RocketMQ. */
const REGION_START_MILLIS = 360_000;

export class Deployment {
  #folder = mkdtempSync(join(tmpdir(), 'holdfast-web-'));
  #inNamespace;
  #edge;
  #region;
  #site;

  /**
   * @param host where the edge listens
   * @param inNamespace what to put before its command, to run it in a network namespace
   * @param site a folder to serve in the place of this SDK's own test page
   * @param region the same two of a region above the edge; none without it
   */
  static async start({ host = 'localhost', inNamespace = [], site, region } = {}) {
    const deployment = new Deployment();
    deployment.#inNamespace = inNamespace;
    deployment.#site = site;
    try {
      await run(program, ['keys', 'init', 'keys'], { cwd: deployment.#folder });
      if (region !== undefined) await deployment.#startRegion(region);
      await deployment.#prepare(host);
      await deployment.startEdge();
      return deployment;
    } catch (error) {
      await deployment.stop();
      throw error;
    }
  }

  async #startRegion({ host, inNamespace }) {
    // Every user must be able to enter it: PostgreSQL does not run as root.
    chmodSync(this.#folder, 0o755);
    await this.#node('region-1', 'region', host);
    const [port, database, namesrv, broker] = await Promise.all([freePort(), freePort(), freePort(), freePort()]);
    this.#writeSettings('region-1', [
      `http: {host: ${host}, port: ${port}}`,
      `database: {port: ${database}}`,
      `log: {namesrv-port: ${namesrv}, broker-port: ${broker}}`,
      'home: true',
      'free-disk: 64MiB',
    ]);
    this.region = `https://${host}:${port}`;
    this.#region = await this.#startNode(inNamespace, 'region', 'region-1', REGION_START_MILLIS);
  }

  #node(name, role, host) {
    return run(program, ['keys', 'node', name, '--role', role, '--san', host, '--keys', 'keys'], { cwd: this.#folder });
  }

  #writeSettings(name, rest) {
    const node = join(this.#folder, 'keys', 'nodes', name);
    const own = [
      `data: ${name}`,
      `tls: {certificate: ${node}/node.pem, key: ${node}/node.key, authority: ${node}/ca.pem}`,
      `authorities: [${node}/grants.pub]`,
      `grant: ${node}/grant`,
      `replica-key: ${node}/replica.key`,
    ];
    writeFileSync(join(this.#folder, `${name}.yaml`), [...own, ...rest, ''].join('\n'));
  }

  async #prepare(host) {
    await this.#node('edge-1', 'edge', host);
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
    this.#writeSettings('edge-1', [
      `http: {host: ${host}, port: ${this.port}, ping-interval: 500ms}`,
      `regions: [${this.region ?? ''}]`,
      `site: ${site}`,
    ]);
    /** The file of the CA that signed the nodes' certificates. */
    this.ca = join(node, 'ca.pem');
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
    this.#edge = await this.#startNode(this.#inNamespace, 'edge', 'edge-1', START_MILLIS);
  }

  async #startNode(inNamespace, role, name, patienceMillis) {
    const [command, ...args] = [...inNamespace, program, role, `${name}.yaml`, '--log', 'text'];
    const node = spawn(command, args, { cwd: this.#folder, stdio: ['ignore', 'ignore', 'pipe'] });
    await listening(node, `the ${role}`, patienceMillis);
    return node;
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

  /** A device of the shell with a grant, which reaches nobody; answers what runs its commands, in a folder of their own. */
  async shellDevice(name) {
    const device = async (...args) => (await run(program, ['device', ...args, '--store', name], { cwd: this.#folder })).stdout.trim();
    const [publicKey] = (await device('init')).match(/[0-9a-f]{64}/);
    const file = `${name}.grant`;
    writeFileSync(join(this.#folder, file), `${await this.grant(publicKey)}\n`);
    await device('init', '--grant', file, '--trust', 'keys', '--endpoint', 'https://localhost:9');
    return (...args) => device(...args, '--offline');
  }

  /** The bytes of a file in the folder of such devices. */
  file(name) {
    return [...readFileSync(join(this.#folder, name))];
  }

  /** The same, written. */
  layFile(name, bytes) {
    writeFileSync(join(this.#folder, name), Uint8Array.from(bytes));
  }

  async stop() {
    if (this.#edge?.exitCode === null) await this.killEdge();
    if (this.#region?.exitCode === null) {
      // It has a PostgreSQL and a RocketMQ to end.
      const ended = new Promise((resolve) => this.#region.once('exit', resolve));
      this.#region.kill();
      await ended;
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
