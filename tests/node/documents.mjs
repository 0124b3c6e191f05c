// The JSON Schema of documents takes the documents that `entente apply` takes, and refuses what is wrong with their shape.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { test } from 'node:test';
import Ajv from 'ajv/dist/2020.js';
import { parseAllDocuments } from 'yaml';

const root = new URL('../../', import.meta.url);
const read = (path) => readFileSync(new URL(path, root), 'utf8');
const schema = JSON.parse(read('documents.schema.json'));
const validate = new Ajv({ strict: true, strictTypes: false, allErrors: true }).compile(schema);
const documents = (text) => parseAllDocuments(text).map((document) => document.toJS()).filter((document) => document !== null);

test('the schema takes the sample', () => {
  const files = ['examples/hospital', 'examples/proposals'].flatMap((folder) => readdirSync(new URL(folder, root)).map((name) => `${folder}/${name}`));
  for (const name of files.filter((name) => name.endsWith('.yaml'))) {
    const text = read(name);
    assert.match(text, /^# yaml-language-server: \$schema=\.\.\/\.\.\/documents\.schema\.json\n/, name);
    const found = documents(text);
    assert.ok(found.length > 0, name);
    for (const document of found) assert.ok(validate(document), `${name}: ${JSON.stringify(validate.errors, null, 1)}`);
  }
});

test('the schema takes every document of the documentation', () => {
  const blocks = ['docs/definitions.md', 'docs/configuration-items.md', 'README.md', 'README.fr.md']
    .flatMap((path) => [...read(path).matchAll(/```yaml\n(kind: [\s\S]*?)\n```/g)].map(([, text]) => [path, text]));
  assert.ok(blocks.length >= 4);
  for (const [path, text] of blocks) {
    for (const document of documents(text)) assert.ok(validate(document), `${path}: ${text}\n${JSON.stringify(validate.errors, null, 1)}`);
  }
});

test('the schema refuses what apply refuses of the shape', () => {
  const service = { kind: 'ServiceDefinition', slug: 'a' };
  assert.ok(validate(service));
  for (const wrong of [
    { slug: 'a' },
    { kind: 'Organisations' },
    { kind: 'ServiceDefinition' },
    { ...service, sumary: 'A' },
    { ...service, slug: 'A B' },
    { ...service, provider: 'dsi' },
    { ...service, provider: { slug: 'dsi', id: 'x' } },
    { ...service, lifecycle: 'live' },
    { ...service, costs: {} },
    { ...service, name: 2024 },
    { ...service, outcomes: [{ statement: 'without a key' }] },
    { ...service, outcomes: [{ key: 'a', supported: 'yes' }] },
    { ...service, escalation: { targets: [{ severity: 'HIGH', acknowledgeWithin: '15 min', resolveWithin: 'PT1H' }] } },
    { kind: 'Organizations', organizations: null },
    { kind: 'ConfigurationItems', items: [{ ref: { system: 'A B', key: '1' } }] },
  ]) assert.ok(!validate(wrong), JSON.stringify(wrong));
});
