// Builds dist/, which is committed and embedded in the server: a page, its script and style, three workers, fonts.
// The page loads nothing from other hosts. The same lock file always gives the same bytes.

import { copyFile, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

import { analyzeMetafile, build } from 'esbuild';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const out = here('dist/assets');
await rm(here('dist'), { recursive: true, force: true });
await mkdir(out, { recursive: true });

const common = {
  absWorkingDir: here('.'),
  bundle: true,
  minify: true,
  metafile: true,
  target: ['es2022'],
  outdir: out,
  charset: 'utf8',
  legalComments: 'none',
  logLevel: 'warning',
  define: { 'process.env.NODE_ENV': '"production"' },
};

// Parts that a GraphQL editor does not need are left out: half a megabyte of editor features, and as much of prettier for JSON.
const UNUSED = /\/(anchorSelect|inPlaceReplace|inspectTokens|referenceSearch|iPadShowKeyboard|fontZoom|transpose|diffEditor|codeAction|codelens|colorPicker|dropOrPasteInto|inlineCompletions|inlineProgress|inlayHints|linkedEditing|inlineEdits?|rename|sectionHeaders|semanticTokens|stickyScroll|suggestInlineCompletions|diffEditorBreadcrumbs)[/.]/;
const slim = {
  name: 'slim',
  setup(bundler) {
    bundler.onLoad({ filter: /monaco-editor\/esm\/vs\/editor\/(editor\.all|edcore\.main)\.js$/ }, async ({ path }) => ({
      contents: (await readFile(path, 'utf8')).split('\n').filter((line) => !UNUSED.test(line)).join('\n'),
      resolveDir: dirname(path),
    }));
    bundler.onResolve({ filter: /^prettier\// }, ({ path, importer }) => {
      if (importer.endsWith('src/format.js')) return undefined;
      return { path: here(path === 'prettier/standalone' ? 'src/format.js' : 'src/format-plugin.js') };
    });
  },
};

const page = await build({
  ...common,
  plugins: [slim],
  entryPoints: { ide: 'src/ide.jsx' },
  format: 'esm',
  splitting: true,
  jsx: 'automatic',
  chunkNames: 'chunk-[hash]',
  assetNames: '[name]',
  loader: { '.graphql': 'text', '.ttf': 'file', '.woff2': 'file' },
});
const workers = await build({
  ...common,
  entryPoints: {
    'editor.worker': 'monaco-editor/esm/vs/editor/editor.worker.js',
    'json.worker': 'monaco-editor/esm/vs/language/json/json.worker.js',
    'graphql.worker': 'monaco-graphql/esm/graphql.worker.js',
  },
  format: 'iife',
});

if (process.env.ANALYZE) console.log(await analyzeMetafile(page.metafile));
// The complete style is in ide.css. The style files that esbuild writes for chunks are never requested.
for (const name of await readdir(out)) if (/^chunk-.*\.css$/.test(name)) await rm(`${out}/${name}`);
await copyFile(here('src/index.html'), here('dist/index.html'));
await copyFile(here('src/icon.svg'), here('dist/assets/icon.svg'));
await writeFile(here('dist/LICENSES.txt'), await licences([page, workers]));

let total = 0;
for (const name of (await readdir(here('dist'), { recursive: true })).sort()) {
  const info = await stat(here(`dist/${name}`));
  if (!info.isFile()) continue;
  total += info.size;
  console.log(`${String(info.size).padStart(9)}  ${name}`);
}
console.log(`${String(total).padStart(9)}  in all`);

/** The notices of every package that is part of the bundle. */
async function licences(results) {
  const packages = new Set();
  for (const { metafile } of results) {
    for (const output of Object.values(metafile.outputs)) {
      for (const input of Object.keys(output.inputs)) {
        const found = input.match(/^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//);
        if (found) packages.add(found[1]);
      }
    }
  }
  const seen = new Map();
  for (const folder of packages) {
    const { name, version, license } = JSON.parse(await readFile(here(`${folder}/package.json`), 'utf8'));
    const file = (await readdir(here(folder))).find((entry) => /^licen[cs]e/i.test(entry));
    const text = file ? (await readFile(here(`${folder}/${file}`), 'utf8')).replace(/\r\n/g, '\n').trim() : `Licence: ${license}`;
    seen.set(`${name} ${version}`, text);
  }
  const sections = [...seen].sort(([a], [b]) => (a < b ? -1 : 1)).map(([title, text]) => `${'─'.repeat(80)}\n${title}\n\n${text}\n`);
  return `The page is built from these packages; their notices follow.\n\n${sections.join('\n')}`;
}
