// urql: its document cache needs no more than this. (Graphcache takes `keys` from types-without-id.ts.)
import { cacheExchange, Client, fetchExchange } from '@urql/core';
import { persistedExchange } from '@urql/exchange-persisted';

export function createClient(url: string, token: string, language = 'en'): Client {
  return new Client({
    url,
    preferGetMethod: false,
    fetchOptions: { headers: { authorization: `Bearer ${token}`, 'accept-language': language } },
    exchanges: [cacheExchange, persistedExchange({ preferGetForPersistedQueries: true }), fetchExchange],
  });
}
