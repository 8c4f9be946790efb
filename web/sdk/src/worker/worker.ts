/**
 * A service worker that keeps a site which a node serves (`site` in its settings), so that its pages load without a
 * network.
 *
 * All files of one version are kept together, as `/site.json` names them. The next version is fetched in the background
 * when a page is opened, and becomes the current one only when it is whole; a page goes on with the files of the version
 * that it began with. Nothing here touches what the application stores.
 */

interface Manifest {
  version: string;
  files: string[][];
}

declare const self: ServiceWorkerGlobalScope;

const MANIFEST = '/site.json';
/** Which version is current is kept in a cache of its own, under this. */
const STATE = 'holdfast-site';
const CURRENT = '/current';
const PREFIX = 'holdfast-site/';
/** What is the node's own is never answered here. */
const API = /^\/(v1\/|healthz$|readyz$|metrics$|site\.json$)/;

/** The version of each page that is open, as far as this worker has not been ended meanwhile. */
const versions = new Map<string, string>();

let renewing: Promise<void> | undefined;

self.addEventListener('install', (event) => event.waitUntil(renew().then(() => self.skipWaiting())));
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));
self.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== self.location.origin || API.test(url.pathname)) return;
  event.respondWith(answer(event, url.pathname));
  // Without a network there is nothing new, and what is current stays.
  if (request.mode === 'navigate') event.waitUntil(renew().catch(() => {}));
});

async function answer(event: FetchEvent, path: string): Promise<Response> {
  // A page that is opened, or loaded anew, begins with the current version.
  const begun = event.request.mode === 'navigate' ? undefined : versions.get(event.clientId);
  const version = begun ?? (await current());
  if (version !== undefined && event.resultingClientId !== '') {
    if (versions.size > 100) versions.clear();
    versions.set(event.resultingClientId, version);
  }
  const kept = version === undefined ? undefined : await caches.match(path, { cacheName: PREFIX + version });
  return kept ?? fetch(event.request);
}

/** Takes the site's present version, if it is another than that which is here; once at a time. */
function renew(): Promise<void> {
  renewing ??= take().finally(() => {
    renewing = undefined;
  });
  return renewing;
}

async function take(): Promise<void> {
  const { version, files } = await manifest();
  if (version === (await current())) return;
  const paths = files.map((parts) => `/${parts.map(encodeURIComponent).join('/')}`);
  // An index answers for its folder.
  const folders = paths.filter((path) => path.endsWith('/index.html')).map((path) => path.slice(0, -'/index.html'.length) || '/');
  const cache = await caches.open(PREFIX + version);
  await cache.addAll([...paths, ...folders].map((path) => new Request(path, { cache: 'no-cache' })));
  // A node that was updated meanwhile may have served some of either.
  if ((await manifest()).version !== version) {
    await caches.delete(PREFIX + version);
    throw new Error('the site changed while it was fetched');
  }
  const before = await current();
  await (await caches.open(STATE)).put(CURRENT, new Response(version));
  const keep = [PREFIX + version, PREFIX + before];
  for (const name of await caches.keys()) if (name.startsWith(PREFIX) && !keep.includes(name)) await caches.delete(name);
}

async function manifest(): Promise<Manifest> {
  const answered = await fetch(MANIFEST, { cache: 'no-store' });
  if (!answered.ok) throw new Error(`${MANIFEST}: HTTP ${answered.status}`);
  return answered.json();
}

async function current(): Promise<string | undefined> {
  return (await caches.match(CURRENT, { cacheName: STATE }))?.text();
}

export {};
