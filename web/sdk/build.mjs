// Bundles the SDK with core's ES module into one file, and the service worker into another; says what the first weighs.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

await build({
  entryPoints: [here('src/index.ts')],
  outfile: here('dist/holdfast-client.mjs'),
  bundle: true,
  format: 'esm',
  target: 'es2022',
  minify: true,
  legalComments: 'none',
  alias: { 'holdfast-core': here('../core/target/js/holdfast-core.mjs') },
  logLevel: 'warning',
});

await build({
  entryPoints: [here('src/worker/worker.ts')],
  outfile: here('dist/holdfast-worker.js'),
  bundle: true,
  format: 'iife',
  target: 'es2022',
  minify: true,
  logLevel: 'warning',
});

const bundle = readFileSync(here('dist/holdfast-client.mjs'));
const size = { bytes: bundle.length, gzip: gzipSync(bundle, { level: 9 }).length, brotli: brotliCompressSync(bundle).length };
writeFileSync(here('dist/size.json'), `${JSON.stringify(size)}\n`);
console.log(`holdfast-client.mjs: ${size.bytes} bytes, ${size.gzip} gzipped, ${size.brotli} with brotli`);
