// GraphQL over HTTP, held to every audit of graphql-http: requirements and recommendations alike.  usage: node audits.mjs URL

import assert from 'node:assert/strict';
import test from 'node:test';

import { serverAudits } from 'graphql-http';

import { url } from './target.mjs';

const audits = serverAudits({ url });

test('there are 61 audits', () => assert.equal(audits.length, 61));

for (const audit of audits) {
  test(`${audit.id} ${audit.name}`, { timeout: 30_000 }, async () => {
    const result = await audit.fn();
    if (result.status === 'ok') return;
    const body = result.response.bodyUsed ? '' : await result.response.text();
    assert.fail(`${result.status}: ${result.reason}; HTTP ${result.response.status}, ${result.response.headers.get('content-type')} ${body.slice(0, 500)}`);
  });
}
