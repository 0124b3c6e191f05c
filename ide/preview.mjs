// Serves dist/ as the server does, with the same Content-Security-Policy, and an API with generated answers for the schema (SCHEMA, or the
// exported one), to develop the page without the server.  usage: node preview.mjs [PORT]

import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname } from 'node:path';

import { buildSchema, graphql, isAbstractType, isEnumType, isListType, isLeafType, isNonNullType } from 'graphql';

export const CSP =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self'; img-src 'self' data:; " +
  "connect-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const TYPES = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript; charset=utf-8', '.css': 'text/css; charset=utf-8', '.svg': 'image/svg+xml', '.woff2': 'font/woff2', '.ttf': 'font/ttf', '.txt': 'text/plain; charset=utf-8' };

const schema = buildSchema(readFileSync(process.env.SCHEMA ?? new URL('../schema.graphql', import.meta.url), 'utf8'), { assumeValidSDL: true });
const SCALARS = { Int: 1, Float: 1.5, Boolean: true, DateTime: '2026-11-22T08:30:00Z', Decimal: '12.50', Duration: 'PT4H', Locale: 'en', URL: 'https://example.org/' };

function make(type, field, args) {
  if (isNonNullType(type)) return make(type.ofType, field, args);
  if (isListType(type)) return [make(type.ofType, field, args), make(type.ofType, field, args)];
  if (isEnumType(type)) return type.getValues()[0].value;
  if (isAbstractType(type)) return { __typename: schema.getPossibleTypes(type)[0].name };
  if (!isLeafType(type)) return {};
  return SCALARS[type.name] ?? (args.locale === 'fr' ? `${field} en français` : `${field} in English`);
}

const server = createServer(async (request, response) => {
  const { pathname } = new URL(request.url, 'http://localhost');
  response.setHeader('Content-Security-Policy', CSP);
  response.setHeader('X-Content-Type-Options', 'nosniff');
  if (pathname === '/graphql') {
    let body = '';
    for await (const chunk of request) body += chunk;
    const { query, variables, operationName } = JSON.parse(body);
    const result = await graphql({
      schema, source: query, variableValues: variables, operationName,
      fieldResolver: (parent, args, _, info) => (info.fieldName === 'userErrors' ? [] : make(info.returnType, info.fieldName, args)),
    });
    response.setHeader('Content-Type', 'application/graphql-response+json; charset=utf-8');
    response.end(JSON.stringify(result));
    return;
  }
  try {
    const file = new URL(`dist${pathname === '/' ? '/index.html' : pathname}`, import.meta.url);
    response.setHeader('Content-Type', TYPES[extname(file.pathname)]);
    response.end(await readFile(file));
  } catch {
    response.writeHead(404).end();
  }
});
server.listen(Number(process.argv[2] ?? 0), '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}/`));
