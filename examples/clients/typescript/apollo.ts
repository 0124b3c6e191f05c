// Apollo Client 4: a cache that knows Entente's types, a token and a language with every request, and queries sent by their hash.
import { ApolloClient, ApolloLink, HttpLink, InMemoryCache } from '@apollo/client';
import { PersistedQueryLink } from '@apollo/client/link/persisted-queries';
import { relayStylePagination } from '@apollo/client/utilities';

import possibleTypes from './generated/possible-types.js';
import { typesWithoutId } from './types-without-id.js';

async function sha256(text: string): Promise<string> {
  const bytes = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
  return Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

export function createClient(url: string, token: string, language = 'en'): ApolloClient {
  return new ApolloClient({
    link: ApolloLink.from([
      // The text of a query is sent once; after that its hash, by GET, so that a proxy and `If-None-Match` can spare the answer.
      new PersistedQueryLink({ sha256, useGETForHashedQueries: true }),
      new HttpLink({ uri: url, headers: { authorization: `Bearer ${token}`, 'accept-language': language } }),
    ]),
    cache: new InMemoryCache({
      possibleTypes: possibleTypes.possibleTypes,
      typePolicies: {
        ...Object.fromEntries(typesWithoutId.map((name) => [name, { keyFields: false as const }])),
        Query: { fields: { services: relayStylePagination(['filter', 'orderBy']) } },
      },
    }),
  });
}
