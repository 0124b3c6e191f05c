// Every example is valid for the schema (SCHEMA, or the exported one in the root of the repository), begins with a description, and is
// one of the tabs.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import test from 'node:test';

import { buildSchema, parse, validate } from 'graphql';

const here = (path) => new URL(path, import.meta.url);
const schema = buildSchema(readFileSync(process.env.SCHEMA ?? here('../schema.graphql'), 'utf8'), { assumeValidSDL: true });
const tabs = readFileSync(here('src/examples.js'), 'utf8');

for (const file of readdirSync(here('examples')).filter((name) => name.endsWith('.graphql'))) {
  test(file, () => {
    const text = readFileSync(here(`examples/${file}`), 'utf8');
    assert.match(text, /^(# .{1,52}\n)+(query|mutation) [A-Z]\w+/);
    assert.deepEqual(validate(schema, parse(text)).map((error) => error.message), []);
    assert.ok(tabs.includes(`'../examples/${file}'`), 'is not in src/examples.js');
  });
}
