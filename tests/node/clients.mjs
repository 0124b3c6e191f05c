// The files of examples/clients, as their readers use them: types generated from the committed schema, compiled, and run against a server.
// usage: node clients.mjs URL TOKEN   (PYTHON: an interpreter with the packages of requirements.txt)

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import babel from '@babel/core';
import { buildSchema, isObjectType } from 'graphql';

import { token, url } from './target.mjs';

const run = promisify(execFile);
const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const work = here('.work/');
const environment = { ...process.env, ENTENTE_URL: new URL('.', url).href.replace(/\/$/, ''), ENTENTE_TOKEN: token };

/** A copy of the examples beside a schema, where the packages of this folder are found. */
async function copy(name) {
  const folder = `${work}${name}`;
  await rm(folder, { recursive: true, force: true });
  await mkdir(work, { recursive: true });
  await cp(here(`../../examples/clients/${name}`), folder, { recursive: true });
  await cp(here('../../schema.graphql'), `${folder}/schema.graphql`);
  return folder;
}

test('TypeScript', { timeout: 240_000 }, async (t) => {
  const folder = await copy('typescript');
  await writeFile(`${folder}/package.json`, '{"type":"module"}');
  await mkdir(`${folder}/relay/__generated__`, { recursive: true });
  const tool = (name, ...args) => run(process.execPath, [here(`node_modules/${name}`), ...args], { cwd: folder, env: environment });

  await t.test('graphql-codegen, relay-compiler and gql.tada take the schema, and what they make compiles', async () => {
    await tool('@graphql-codegen/cli/cjs/bin.js', '--config', 'codegen.ts');
    await tool('relay-compiler/cli.js', 'relay.config.json');
    await tool('gql.tada/bin/cli.js', 'generate-output');
    const { stdout } = await tool('typescript/bin/tsc', '-p', '.').catch((failed) => failed);
    assert.equal(stdout, '');
  });

  await t.test('the list of types without an id is the schema’s', async () => {
    const { typesWithoutId } = await import(`${folder}/built/types-without-id.js`);
    const schema = buildSchema(await readFile(`${folder}/schema.graphql`, 'utf8'));
    const found = Object.values(schema.getTypeMap())
      .filter((type) => isObjectType(type) && !/^__|Connection$|Edge$|Payload$|^(Query|Mutation|Subscription)$/.test(type.name) && !type.getFields().id)
      .map(({ name }) => name);
    assert.deepEqual([...typesWithoutId].sort(), found.sort());
  });

  await t.test('Apollo Client sends a text once, then its hash by GET, and keeps values inside their parents', async () => {
    const { createClient } = await import(`${folder}/built/apollo.js`);
    const { ServiceBySlugDocument } = await import(`${folder}/built/generated/operations.js`);
    const asked = await recorded(async () => {
      const client = createClient(url, token);
      const ask = () => client.query({ query: ServiceBySlugDocument, variables: { slug: 'patient-management' }, fetchPolicy: 'network-only' });
      const { data } = await ask();
      assert.equal(data.service.name, 'Patient journey management');
      assert.deepEqual((await ask()).data, data);
      const cache = client.cache.extract();
      assert.ok(cache[`Service:${data.service.id}`]);
      assert.ok(!Object.keys(cache).some((key) => key.startsWith('Money')));
    });
    assert.equal(asked.at(-1).method, 'GET');
    assert.ok(asked.at(-1).url.includes('sha256Hash') && !asked.at(-1).url.includes('query=query'));
  });

  await t.test('urql does the same', async () => {
    const { createClient } = await import(`${folder}/built/urql.js`);
    const { ServicesPageDocument, ChangeStatementDocument } = await import(`${folder}/built/generated/operations.js`);
    const client = createClient(url, token, 'fr');
    const asked = await recorded(async () => {
      for (let turn = 0; turn < 2; turn += 1) {
        const { data, error } = await client.query(ServicesPageDocument, {}, { requestPolicy: 'network-only' }).toPromise();
        assert.equal(error, undefined);
        assert.equal(data.services.nodes.find(({ slug }) => slug === 'patient-management').name, 'Gestion du parcours patient');
      }
    });
    assert.equal(asked.at(-1).method, 'GET');
    const changed = await client.mutation(ChangeStatementDocument, { slug: 'patient-management', key: 'one-record', statement: { fr: 'Un seul dossier.' } }).toPromise();
    assert.equal(changed.error, undefined);
    assert.deepEqual(changed.data.definitionApply.changes.map(({ path }) => path), ['outcomes/one-record/statement/fr']);
  });

  await t.test('Relay follows connections', async () => {
    // What a bundler does: the compiler's artifact takes the place of the tagged text.
    const built = `${folder}/built/relay/services.js`;
    const { code } = await babel.transformFileAsync(built, { plugins: [['babel-plugin-relay', { eagerEsModules: true }]], cwd: here('.'), babelrc: false, configFile: false });
    await writeFile(built, code.replaceAll(".graphql'", ".graphql.js'").replaceAll('.graphql"', '.graphql.js"'));
    const { services } = await import(built);
    const { services: page } = await services(url, token);
    assert.ok(page.edges.some(({ node }) => node.slug === 'patient-management'));
  });
});

test('Python', { timeout: 240_000 }, async (t) => {
  const folder = await copy('python');
  const python = process.env.PYTHON;
  assert.ok(python, 'PYTHON must name an interpreter that has the packages of requirements.txt');
  const beside = (name) => python.replace(/[^/]+$/, name);
  const go = async (command, ...args) => (await run(command, args, { cwd: folder, env: environment })).stdout;

  await t.test('ariadne-codegen', async () => {
    await go(beside('ariadne-codegen'), '--config', 'ariadne-codegen.toml');
    const printed = await go(python, 'ariadne_example.py');
    assert.match(printed, /^Gestion du parcours patient \['hosting: 180000\.00 EUR'/);
    assert.match(printed, /patient-management 20\d\d-/);
    assert.match(printed, /\['outcomes\/one-record\/statement\/fr'\] \[\]/);
  });

  await t.test('sgqlc', async () => {
    await go(python, '-m', 'sgqlc.introspection', '-H', `Authorization: Bearer ${token}`, url, 'schema.json');
    await go(beside('sgqlc-codegen'), 'schema', 'schema.json', 'entente_schema.py');
    assert.match(await go(python, 'sgqlc_example.py'), /^Patient journey management \['quick-admission'/);
  });
});

/** What is asked of the server meanwhile. */
async function recorded(meanwhile) {
  const original = globalThis.fetch;
  const asked = [];
  globalThis.fetch = (resource, options = {}) => {
    asked.push({ url: String(resource), method: options.method ?? 'GET' });
    return original(resource, options);
  };
  try {
    await meanwhile();
  } finally {
    globalThis.fetch = original;
  }
  return asked;
}
