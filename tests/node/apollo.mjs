// A cache that files every object under its type and id (Apollo's) must hold the published text of an outcome and the one that was
// agreed to before, side by side: one id, one content.  usage: node apollo.mjs URL TOKEN   (changes the sample's service)

import assert from 'node:assert/strict';
import test from 'node:test';

import { ApolloClient, gql, HttpLink, InMemoryCache } from '@apollo/client';

import { headers, url } from './target.mjs';

const client = new ApolloClient({ cache: new InMemoryCache(), link: new HttpLink({ uri: url, headers }) });

const SERVICE = gql`
  query Service {
    service(by: { slug: "patient-management" }) {
      id
      revision
      outcomes { id key statement }
      definition(revision: 1) {
        id
        outcomes { id key statement }
      }
    }
  }
`;
const CHANGE = gql`
  mutation Change($statement: LocalizedText!) {
    definitionApply(input: { definition: { slug: "patient-management", outcomes: [{ key: "one-record", statement: $statement }] } }) {
      service { id revision outcomes { id key statement } }
      userErrors { code message path }
    }
  }
`;
const CHANGED = 'Doctors, nurses and pharmacists read the same, changed record at the bedside.';
const oneRecord = ({ outcomes }) => outcomes.find(({ key }) => key === 'one-record');

test('both texts of one outcome stand in the cache', async (t) => {
  await t.test('a change of one text publishes a new revision', async () => {
    const { data } = await client.mutate({ mutation: CHANGE, variables: { statement: { en: CHANGED } } });
    assert.deepEqual(data.definitionApply.userErrors, []);
    assert.ok(data.definitionApply.service.revision >= 2);
    assert.equal(oneRecord(data.definitionApply.service).statement, CHANGED);
  });

  const { data } = await client.query({ query: SERVICE });
  const published = oneRecord(data.service);
  const frozen = oneRecord(data.service.definition);

  await t.test('the published and the frozen element have ids of their own', () => {
    assert.equal(published.statement, CHANGED);
    assert.notEqual(frozen.statement, CHANGED);
    assert.notEqual(published.id, frozen.id);
  });

  await t.test('no frozen element shares an id with a published one', () => {
    const ids = new Set(data.service.outcomes.map(({ id }) => id));
    assert.deepEqual(data.service.definition.outcomes.filter(({ id }) => ids.has(id)), []);
  });

  await t.test('the cache holds both, and gives both back', () => {
    const cache = client.cache.extract();
    assert.equal(cache[`Outcome:${published.id}`].statement, CHANGED);
    assert.equal(cache[`Outcome:${frozen.id}`].statement, frozen.statement);
    const again = client.readQuery({ query: SERVICE });
    assert.equal(oneRecord(again.service).statement, CHANGED);
    assert.equal(oneRecord(again.service.definition).statement, frozen.statement);
  });

  await t.test('each id is taken by node, and answers with its own text', async () => {
    const { data: found } = await client.query({
      query: gql`query Both($ids: [ID!]!) { nodes(ids: $ids) { id ... on Outcome { statement } } }`,
      variables: { ids: [published.id, frozen.id] },
      fetchPolicy: 'no-cache',
    });
    assert.deepEqual(found.nodes.map(({ statement }) => statement), [CHANGED, frozen.statement]);
  });
});
