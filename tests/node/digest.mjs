// The digest of a definition, computed from an exported file by the programs of docs/agreement.md, is the one of the API.
// usage: node digest.mjs URL TOKEN   (ENTENTE_PROGRAM: the program; PYTHON: an interpreter with the packages of requirements.txt)

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';

import { parse } from 'yaml';

import { headers, token, url } from './target.mjs';

const SLUG = 'patient-management';
const document = readFileSync(new URL('../../docs/agreement.md', import.meta.url), 'utf8');
const program = process.env.ENTENTE_PROGRAM ?? new URL('../../target/debug/entente', import.meta.url).pathname;
const block = (kind) => document.match(new RegExp(`^\`\`\`${kind}\\n([\\s\\S]*?)\\n\`\`\`$`, 'm'))[1];
const exported = (...more) =>
  execFileSync(program, ['export', '--server', url, '--token', token, '--service', SLUG, ...more], { encoding: 'utf8' });

async function digestOfApi(revision) {
  const query = `{ service(by: {slug: "${SLUG}"}) { definition${revision ? `(revision: ${revision})` : ''} { digest revision } } }`;
  const response = await fetch(url, { method: 'POST', headers: { ...headers, 'content-type': 'application/json' }, body: JSON.stringify({ query }) });
  return (await response.json()).data.service.definition;
}

test('the digest', { timeout: 60_000 }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'entente-digest-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const script = join(folder, 'digest.mjs');
  writeFileSync(script, block('js'));
  const ofNode = (input) => execFileSync(process.execPath, [script], { input, encoding: 'utf8' }).trim();
  const { digest, revision } = await digestOfApi();
  assert.match(digest, /^[0-9a-f]{64}$/);

  await t.test('is computed in Node from an exported file, in JSON and in YAML', () => {
    assert.equal(ofNode(exported('--format', 'json')), digest);
    assert.equal(ofNode(JSON.stringify(parse(exported('--format', 'yaml')))), digest);
  });

  await t.test('is computed in Node from an exported revision, without links', async () => {
    assert.equal(ofNode(exported('--format', 'json', '--revision', '1')), (await digestOfApi(1)).digest);
    assert.equal(ofNode(exported('--format', 'json', '--revision', String(revision))), digest);
  });

  await t.test('is computed in Python from an exported file', () => {
    assert.ok(process.env.PYTHON, 'PYTHON must name an interpreter that has the packages of requirements.txt');
    const input = exported('--format', 'json');
    assert.equal(execFileSync(process.env.PYTHON, ['-c', block('python')], { input, encoding: 'utf8' }).trim(), digest);
  });

  await t.test('is another one if a number changes', () => {
    assert.notEqual(ofNode(exported('--format', 'json').replace('"target": 95', '"target": 96')), digest);
  });

  await t.test('is what verify compares', () => {
    const ran = JSON.parse(execFileSync(program, ['verify', '-', '--json', '--server', url, '--token', token], { input: exported(), encoding: 'utf8' }));
    assert.equal(ran.documents[0].digest, digest);
    assert.equal(ran.documents[0].matches.revision, revision);
  });
});
