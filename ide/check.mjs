// Opens the page of a running server in headless Chromium, with a token in the link, and runs every example. It fails on a wrong answer,
// a message in the console, a violation of the Content-Security-Policy, a request to another host, or a token that stays in the address.
// usage: node check.mjs URL TOKEN   (or ENTENTE_URL and ENTENTE_TOKEN; CHROMIUM, SCREENSHOT)

import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';

import { chromium } from 'playwright-core';

const url = new URL('/', process.argv[2] ?? process.env.ENTENTE_URL);
const token = process.argv[3] ?? process.env.ENTENTE_TOKEN;
const OPERATIONS = ['Service', 'CostsRisks', 'Consumers', 'Services', 'ByTicketKey', 'DryRun', 'Viewer', 'Impact', 'OpenThread', 'Threads', 'Agreements', 'Proposal'];

test('the page in a browser', { timeout: 240_000 }, async (t) => {
  const profile = await mkdtemp(join(tmpdir(), 'entente-ide-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    headless: true,
    viewport: { width: 1440, height: 900 },
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  });
  t.after(async () => {
    await context.close();
    await rm(profile, { recursive: true, force: true });
  });
  context.setDefaultTimeout(60_000);

  const faults = [];
  const foreign = [];
  const page = await context.newPage();
  page.on('console', (message) => ['error', 'warning'].includes(message.type()) && faults.push(`${message.type()}: ${message.text()}`));
  page.on('pageerror', (error) => faults.push(`uncaught: ${error.stack ?? error}`));
  page.on('requestfailed', (request) => request.failure()?.errorText !== 'net::ERR_ABORTED' && faults.push(`failed: ${request.url()} ${request.failure()?.errorText}`));
  page.on('response', (response) => response.status() >= 400 && faults.push(`${response.status()}: ${response.url()}`));
  context.on('request', (request) => {
    if (!/^(data|blob):/.test(request.url()) && new URL(request.url()).origin !== url.origin) foreign.push(request.url());
  });
  await page.addInitScript(() => {
    globalThis.breaches = [];
    addEventListener('securitypolicyviolation', (event) => breaches.push(`${event.effectiveDirective}: ${event.blockedURI}`));
  });

  /** Presses the button, and returns the answer of the server and the answer that the page shows. */
  async function run() {
    const waiting = page.waitForResponse((response) => response.request().method() === 'POST' && !response.request().postData().includes('__schema'));
    await page.locator('.graphiql-execute-button').click();
    const response = await waiting;
    const answer = JSON.parse(await response.text());
    await page.waitForFunction(
      (wanted) => {
        const model = globalThis.__MONACO?.editor.getModels().find((each) => /response/.test(each.uri.path));
        try { return JSON.stringify(JSON.parse(model.getValue())) === wanted; } catch { return false; }
      },
      JSON.stringify(answer),
    );
    return { answer, request: response.request() };
  }

  await t.test('follows the link, takes the token out of the address and reads the schema', async () => {
    const schema = page.waitForResponse((response) => response.request().postData()?.includes('__schema') ?? false);
    const first = await page.goto(`${url}#token=${token}`);
    assert.equal(first.status(), 200);
    const policy = first.headers()['content-security-policy'] ?? '';
    assert.match(policy, /default-src 'none'/);
    assert.match(policy, /script-src 'self'(;|$)/);
    assert.equal(await page.title(), 'Entente');
    const introspection = await (await schema).json();
    assert.ok(introspection.data?.__schema, `no schema: ${JSON.stringify(introspection).slice(0, 500)}`);
    assert.equal(page.url(), url.href);
    await page.locator('.graphiql-query-editor .view-line').first().waitFor();
  });

  await t.test('runs the first example and shows its answer', async () => {
    const { answer, request } = await run();
    assert.equal(request.headers().authorization, `Bearer ${token}`);
    assert.equal(request.headers()['content-type'], 'application/json');
    assert.match(request.headers().accept, /^application\/graphql-response\+json/);
    assert.equal(answer.errors, undefined, JSON.stringify(answer.errors));
    const [stage] = answer.data.service.journey;
    assert.ok(stage.en && stage.fr && stage.en !== stage.fr, 'both languages are there');
    const shown = page.locator('.graphiql-response .view-lines', { hasText: answer.data.service.name.split(' ')[0] });
    await shown.waitFor();
    if (process.env.SCREENSHOT) await page.screenshot({ path: process.env.SCREENSHOT });
  });

  for (const [index, operation] of OPERATIONS.entries()) {
    await t.test(`runs the example ${operation}`, async () => {
      await page.locator(`#graphiql-session-tab-${index}`).click();
      const { answer, request } = await run();
      assert.match(JSON.parse(request.postData()).query, new RegExp(`(query|mutation) ${operation}\\b`));
      assert.equal(answer.errors, undefined, JSON.stringify(answer.errors));
      for (const [field, value] of Object.entries(answer.data)) {
        assert.notEqual(value, null, `${field} is null`);
        assert.deepEqual(value.userErrors ?? [], []);
      }
    });
  }

  await t.test('prettifies, completes and documents', async () => {
    await page.locator('#graphiql-session-tab-6').click();
    const editor = page.locator('.graphiql-query-editor .monaco-editor').first();
    const text = () => page.evaluate(() => globalThis.__MONACO.editor.getModels().find((each) => /operation|query/.test(each.uri.path)).getValue());
    await editor.click();
    await page.keyboard.press('Control+A');
    await page.keyboard.insertText('# kept\n{viewer{  locale }}');
    await page.getByRole('button', { name: /prettify/i }).click();
    await page.waitForFunction(() => globalThis.__MONACO.editor.getModels().some((each) => each.getValue().trim() === '# kept\n{\n  viewer {\n    locale\n  }\n}'), undefined, { timeout: 20_000 })
      .catch(async () => assert.fail(`not prettified: ${await text()}`));
    await editor.click();
    await page.keyboard.press('Control+A');
    await page.keyboard.insertText('{ viewer {  } }');
    for (let step = 0; step < 4; step += 1) await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('Control+Space');
    await page.locator('.suggest-widget .monaco-list-row', { hasText: 'tokenExpiresAt' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: /documentation explorer/i }).click();
    await page.locator('.graphiql-doc-explorer', { hasText: 'Query' }).waitFor();
    if (process.env.SCREENSHOT) await page.screenshot({ path: process.env.SCREENSHOT.replace(/(\.png)?$/, '-docs.png') });
  });

  await t.test('keeps the token for the tab, and nowhere else', async () => {
    await page.reload();
    await page.locator('.graphiql-query-editor .view-line').first().waitFor();
    await page.locator('#graphiql-session-tab-0').click();
    const { request } = await run();
    assert.equal(request.headers().authorization, `Bearer ${token}`);
    assert.ok(!(await page.evaluate(() => JSON.stringify({ ...localStorage }))).includes(token));
  });

  await t.test('shows every example at 1280 px', async () => {
    await page.getByRole('button', { name: /hide documentation explorer/i }).click();
    await page.setViewportSize({ width: 1280, height: 800 });
    const row = await page.locator('.graphiql-tabs').boundingBox();
    for (const [index, operation] of OPERATIONS.entries()) {
      const tab = await page.locator(`#graphiql-session-tab-${index}`).boundingBox();
      assert.ok(tab.x >= row.x && tab.x + tab.width <= row.x + row.width + 1, `${operation} is outside the row of tabs`);
    }
  });

  await t.test('is usable on a phone: the answer is below the question, both as wide as the page allows', async () => {
    await page.setViewportSize({ width: 420, height: 800 });
    const [question, answer] = await Promise.all(['editors', 'response'].map((part) => page.locator(`.graphiql-${part}`).boundingBox()));
    assert.ok(answer.y >= question.y + question.height - 1, 'the answer is not below the question');
    assert.ok(question.width > 320 && answer.width > 320, `${question.width} and ${answer.width} px`);
    const { answer: answered } = await run();
    assert.equal(answered.errors, undefined);
    if (process.env.SCREENSHOT) await page.screenshot({ path: process.env.SCREENSHOT.replace(/(\.png)?$/, '-phone.png') });
    await page.setViewportSize({ width: 1440, height: 900 });
  });

  await t.test('speaks the language of the browser', async () => {
    const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
    t.after(() => browser.close());
    for (const [locale, name, nobody] of [['fr-CA', 'Jeton', /pas de jeton/], ['de', 'Token', /no token/]]) {
      const visitor = await browser.newContext({ locale });
      const stranger = await visitor.newPage();
      await stranger.goto(url.href);
      await stranger.locator('.entente-bar label', { hasText: name }).waitFor();
      assert.match(await stranger.locator('.entente-bar .who').innerText(), nobody);
      await visitor.close();
    }
  });

  await t.test('breaks no rule and asks no one else', async () => {
    assert.deepEqual(await page.evaluate(() => globalThis.breaches), []);
    assert.deepEqual(faults, []);
    assert.deepEqual(foreign, []);
  });
});
