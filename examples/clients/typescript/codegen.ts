// graphql-codegen: `npx graphql-codegen --config codegen.ts`. The schema comes from `entente schema > schema.graphql`, so that building a
// client needs no server and no token.
import type { CodegenConfig } from '@graphql-codegen/cli';

/** What JavaScript reads and writes for each scalar of Entente. All but JSON and LocalizedText are strings on the wire. */
export const scalars = {
  DateTime: 'string', // RFC 3339 in UTC, to the microsecond: a Date would lose digits
  Decimal: 'string', // exact: a number would lose digits
  Duration: 'string', // ISO 8601
  JSON: 'unknown',
  Locale: 'string', // BCP 47
  LocalizedText: { input: 'string | Record<string, string | null>', output: 'never' }, // in input only
  URL: 'string',
};

const config: CodegenConfig = {
  schema: 'schema.graphql',
  documents: ['operations.graphql'],
  generates: {
    'generated/operations.ts': {
      plugins: ['typescript-operations', 'typed-document-node'],
      config: { scalars, enumsAsTypes: true, strictScalars: true, useTypeImports: true },
    },
    // Which types an interface or a union can be: for Apollo's cache.
    'generated/possible-types.ts': { plugins: ['fragment-matcher'], config: { apolloClientVersion: 3 } },
  },
};

export default config;
