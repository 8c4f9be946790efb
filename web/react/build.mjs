// Bundles the hooks into one file; React and the SDK stay the application's own.
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

await build({
  entryPoints: [here('src/index.ts')],
  outfile: here('dist/holdfast-react.mjs'),
  bundle: true,
  format: 'esm',
  target: 'es2022',
  minify: true,
  external: ['react', '@holdfast/client'],
  logLevel: 'warning',
});
