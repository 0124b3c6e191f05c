// Relay: connections, `Node` and global ids are as its server specification has them, so there is nothing to configure but the network.
import relay from 'relay-runtime';
import type { servicesQuery } from './__generated__/servicesQuery.graphql.js';

const { Environment, fetchQuery, graphql, Network, RecordSource, Store } = relay;

export function createEnvironment(url: string, token: string, language = 'en') {
  const network = Network.create(async ({ text }, variables) => {
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        accept: 'application/graphql-response+json, application/json;q=0.9',
        authorization: `Bearer ${token}`,
        'accept-language': language,
        'content-type': 'application/json',
      },
      body: JSON.stringify({ query: text, variables }),
    });
    return response.json();
  });
  return new Environment({ network, store: new Store(new RecordSource()) });
}

export async function services(url: string, token: string) {
  const query = graphql`
    query servicesQuery($after: String) {
      services(first: 20, after: $after) {
        edges { cursor node { id slug name updatedAt } }
        pageInfo { hasNextPage endCursor }
      }
    }
  `;
  return fetchQuery<servicesQuery>(createEnvironment(url, token), query, {}).toPromise();
}
