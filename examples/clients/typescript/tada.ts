// gql.tada: types without generated operations. `npx gql-tada generate-output` writes generated/graphql-env.d.ts from schema.graphql.
import { initGraphQLTada, type ResultOf } from 'gql.tada';

import type { introspection } from './generated/graphql-env.d.ts';

export const graphql = initGraphQLTada<{
  introspection: introspection;
  scalars: {
    DateTime: string;
    Decimal: string;
    Duration: string;
    JSON: unknown;
    Locale: string;
    LocalizedText: string | Record<string, string | null>;
    URL: string;
  };
}>();

export const viewerQuery = graphql(`
  query Viewer {
    viewer { actor { displayName } scopes tokenExpiresAt organization { id name } }
  }
`);

/** A token's end, as text: a wrong scalar map would not compile. */
export function expiry(result: ResultOf<typeof viewerQuery>): string | null {
  return result.viewer.tokenExpiresAt;
}
