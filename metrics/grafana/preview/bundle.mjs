// Bundles the page: node bundle.mjs FOLDER
import { build } from 'esbuild';
import { readFileSync } from 'node:fs';

// What package.json overrides by nothing is for editors and menus, which no picture shows. It is not installed, and its place is empty.
const { overrides } = JSON.parse(readFileSync('package.json'));
const nothing = {
  name: 'nothing',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: new RegExp(`^(${Object.keys(overrides).join('|')})(/|$)`) }, () => ({ path: 'nothing', namespace: 'nothing' }));
    onLoad({ filter: /./, namespace: 'nothing' }, () => ({ contents: 'module.exports = {};' }));
  },
};

await build({
  entryPoints: { app: 'app/main.jsx' }, outdir: process.argv[2], bundle: true, format: 'iife', target: 'es2022', jsx: 'automatic', logLevel: 'error',
  define: { 'process.env.NODE_ENV': '"production"', global: 'window' }, plugins: [nothing],
  loader: { '.svg': 'dataurl', '.png': 'dataurl', '.woff': 'dataurl', '.woff2': 'dataurl', '.ttf': 'dataurl' },
});
