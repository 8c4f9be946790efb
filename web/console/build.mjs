// Bundles the console, and lays all that a node serves of it into dist.
import { cpSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

rmSync(here('dist'), { recursive: true, force: true });
cpSync(here('public'), here('dist'), { recursive: true });
cpSync(here('../look/look.css'), here('dist/look.css'));

await build({
  entryPoints: [here('src/main.tsx')],
  outfile: here('dist/console.mjs'),
  bundle: true,
  format: 'esm',
  target: 'es2022',
  jsx: 'automatic',
  jsxImportSource: 'preact',
  minify: true,
  legalComments: 'none',
  logLevel: 'warning',
});
