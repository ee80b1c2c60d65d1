// Bundles src/http/panel into dist/panel: one page, one script, one style sheet, the fonts. Nothing is fetched by the page from elsewhere.
import { cpSync, mkdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { build } from 'esbuild';

const source = 'src/http/panel';
const out = 'dist/panel';
rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });

await build({
  entryPoints: { panel: `${source}/main.tsx`, styles: `${source}/styles/panel.css` },
  outdir: out,
  bundle: true,
  minify: true,
  format: 'esm',
  target: ['chrome115', 'firefox115', 'safari16.4'],
  jsx: 'automatic',
  jsxImportSource: 'preact',
  external: ['/panel/*'],
  legalComments: 'inline',
  logLevel: 'warning',
});
for (const file of ['index.html', 'icon.svg', 'icon-stale.svg']) cpSync(path.join(source, file), path.join(out, file));

const fonts = path.dirname(createRequire(import.meta.url).resolve('@expo-google-fonts/biz-udpgothic/package.json'));
for (const weight of ['400Regular', '700Bold'])
  cpSync(path.join(fonts, weight, `BIZUDPGothic_${weight}.ttf`), path.join(out, `biz-udpgothic-${weight.slice(0, 3)}.ttf`));
