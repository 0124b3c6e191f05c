// Sends each operation as one POST. A token in the headers editor replaces that of the token field.

import { Kind, parse } from 'graphql';

/** GraphiQL notices an edit late, and would send the operation name of the previous tab. With only one operation, no name is sent. */
function choice(query, operationName) {
  try {
    const operations = parse(query).definitions.filter(({ kind }) => kind === Kind.OPERATION_DEFINITION);
    return operations.length > 1 ? operationName ?? undefined : undefined;
  } catch {
    return undefined;
  }
}

export function createFetcher(token) {
  return async ({ query, variables, operationName }, { headers: given } = {}) => {
    const headers = new Headers({
      'Content-Type': 'application/json',
      Accept: 'application/graphql-response+json, application/json;q=0.9',
    });
    if (token) headers.set('Authorization', `Bearer ${token}`);
    for (const [name, value] of Object.entries(given ?? {})) headers.set(name, value);
    const response = await fetch(new URL('graphql', new URL('.', location.href)), {
      method: 'POST',
      headers,
      credentials: 'omit',
      referrerPolicy: 'no-referrer',
      body: JSON.stringify({ query, variables: variables ?? undefined, operationName: choice(query, operationName) }),
    });
    const text = await response.text();
    try {
      return JSON.parse(text);
    } catch {
      return { errors: [{ message: `HTTP ${response.status} ${response.statusText}`.trim(), extensions: { body: text.slice(0, 2000) } }] };
    }
  };
}
