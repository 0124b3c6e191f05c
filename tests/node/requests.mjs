// graphql-request, as a small script would use it: variables, two languages, an error told apart from an answer.
// usage: node requests.mjs URL TOKEN

import assert from 'node:assert/strict';
import test from 'node:test';

import { ClientError, gql, GraphQLClient } from 'graphql-request';

import { headers, url } from './target.mjs';

const client = new GraphQLClient(url, { headers });

test('reads a service by its slug in both languages', async () => {
  const { service } = await client.request(
    gql`
      query ($by: ServiceKey!) {
        service(by: $by) {
          slug
          en: name(locale: "en")
          fr: name(locale: "fr")
          outcomes { key indicators { key target } }
        }
      }
    `,
    { by: { slug: 'patient-management' } },
  );
  assert.equal(service.slug, 'patient-management');
  assert.equal(service.en, 'Patient journey management');
  assert.equal(service.fr, 'Gestion du parcours patient');
  assert.equal(service.outcomes.length, 7);
});

test('pages through the services', async () => {
  const query = gql`
    query ($after: String) {
      services(first: 1, after: $after) { totalCount nodes { id slug } pageInfo { hasNextPage endCursor } }
    }
  `;
  const seen = new Set();
  let page;
  do {
    page = (await client.request(query, { after: page?.pageInfo.endCursor })).services;
    for (const { id } of page.nodes) seen.add(id);
  } while (page.pageInfo.hasNextPage && seen.size < 1000);
  assert.equal(seen.size, page.totalCount);
  assert.ok(seen.size >= 1);
});

test('answers null for what does not exist, and says so for a field that does not', async () => {
  const { service } = await client.request(gql`{ service(by: { slug: "no-such-service" }) { id } }`);
  assert.equal(service, null);
  await assert.rejects(client.request(gql`{ nothing }`), (error) => error instanceof ClientError && Boolean(error.response.errors[0].extensions.code));
});

test('asks for a token', async () => {
  const stranger = new GraphQLClient(url, { errorPolicy: 'all' });
  const { errors } = await stranger.rawRequest(gql`{ viewer { scopes } }`).catch((error) => error.response);
  assert.equal(errors[0].extensions.code, 'UNAUTHENTICATED');
});
