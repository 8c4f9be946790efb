// Bundles the clinic with the SDK, and lays everything that an edge serves into dist.
import { cpSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

rmSync(here('dist'), { recursive: true, force: true });
cpSync(here('public'), here('dist'), { recursive: true });
cpSync(here('../look/look.css'), here('dist/look.css'));
cpSync(here('../sdk/dist/holdfast-worker.js'), here('dist/holdfast-worker.js'));

await build({
  entryPoints: [here('src/main.tsx')],
  outfile: here('dist/clinic.mjs'),
  bundle: true,
  format: 'esm',
  target: 'es2022',
  jsx: 'automatic',
  jsxImportSource: 'preact',
  minify: true,
  legalComments: 'none',
  alias: { '@holdfast/client': here('../sdk/dist/holdfast-client.mjs') },
  logLevel: 'warning',
});
