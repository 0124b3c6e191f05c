// Plays the recipes against a running server, so that they stay true: every request is sent as it stands in its file, and the
// answer must be the one that follows it; every template must render to that request; every script must run.
//
//   ENTENTE_URL=http://127.0.0.1:8080 ENTENTE_TOKEN=… WARD_TOKEN=… node docs/integrations/check.mjs [--write]
//
// The server has the hospital's sample (`entente serve --demo` has); the token is of `dsi`, with `read`, `cmdb:read`,
// `definitions:write`, `threads:write` and `measurements:write`; the ward's is of `emergency`, with `read` and
// `agreements:write`. `--write` puts what was answered into the files.
import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { promisify } from 'node:util';
import { runInNewContext } from 'node:vm';

const url = process.env.ENTENTE_URL ?? 'http://127.0.0.1:8080';
const token = process.env.ENTENTE_TOKEN;
assert.ok(token, 'ENTENTE_TOKEN is not set');
const run = promisify(execFile);
const write = process.argv.includes('--write');
const folder = new URL('.', import.meta.url).pathname;

// How each program fills in its templates, and what it fills in here: as its source or its documentation has it.
const escaped = (value) => value.replaceAll('"', '\\"');
const programs = {
  'jira-service-management.md': (text) =>
    text.replace(/\{\{([\w. ]+)\.asJsonString\}\}/g, (_, name) => JSON.stringify({ 'issue.components.first.name': 'PMS' }[name])),
  'zammad.md': (text) =>
    text.replace(/#\{([a-z_.?!]+)\}/g, (_, name) =>
      escaped({ 'ticket.service': 'pms' }[name]).replaceAll('\n', '\\n').replaceAll('\r', '\\r').replaceAll('\t', '\\t')),
  'glpi.md': (text) => text.replace(/\{\{ *([\w.]+) *\}\}/g, (_, name) => escaped({ 'item.category.id': '12' }[name])),
  'itop.md': (text) => text.replace(/\$(this->\w+)\$/g, (_, name) => ({ 'this->service_id': '3' })[name]),
  'grafana.md': (text) => {
    const [query, variables] = text.split(/^---$/m);
    const filled = (part) => part.trim().replaceAll('$text', 'dossier').replaceAll('${text}', 'dossier');
    return JSON.stringify({ query: filled(query), variables: JSON.parse(filled(variables)) });
  },
};

// ServiceNow's side of the business rule: what it has, what it sends, and what it writes down.
function serviceNow(script) {
  const sent = {};
  class RESTMessageV2 {
    setRequestHeader(name, value) { (sent.headers ??= {})[name.toLowerCase()] = value; }
    setRequestBody(body) { sent.body = body.replace(/\$\{[^}]*\}/g, ''); }
    execute() {
      const headers = Object.entries(sent.headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`]);
      const out = execFileSync('curl', ['-sS', '-w', '\n%{http_code}', ...headers, '--data-binary', '@-', `${url}/graphql`], { input: sent.body, encoding: 'utf8' });
      const [body, status] = [out.slice(0, out.lastIndexOf('\n')), Number(out.slice(out.lastIndexOf('\n') + 1))];
      return { haveError: () => status >= 400, getStatusCode: () => status, getBody: () => body, getErrorMessage: () => '' };
    }
  }
  const current = {
    getValue: (name) => ({ business_service: '27d32778c0a8000b00db970eeaa60f16', sys_id: '9d385017c611228701d22104cc95c371' })[name],
    getDisplayValue: () => 'INC0010001',
    update() { sent.updated = true; },
  };
  const gs = { getProperty: () => token, error: (message) => assert.fail(message) };
  runInNewContext(script, { current, previous: null, gs, sn_ws: { RESTMessageV2 }, JSON, String });
  assert.ok(sent.updated, 'the business rule wrote nothing');
  return { body: sent.body, written: current.work_notes };
}

// The other tools of the recipes, as far as these call them: Prometheus, which has one value, and Zammad, which keeps tickets.
const tickets = [];
const tools = http.createServer(async (request, response) => {
  const { pathname, searchParams } = new URL(request.url, 'http://tools');
  let body = '';
  for await (const part of request) body += part;
  const answer = (status, value) => response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
  const [, id] = /^\/api\/v1\/tickets\/(\d+)$/.exec(pathname) ?? [];
  if (pathname === '/api/v1/query') {
    const result = [{ metric: {}, value: [Number(searchParams.get('time')), '99.93'] }];
    return answer(200, { status: 'success', data: { resultType: 'vector', result } });
  }
  if (request.headers.authorization !== 'Token token=zammad') return answer(401, { error: 'no token' });
  if (pathname === '/api/v1/tickets/search') return answer(200, tickets.filter(({ state }) => state !== 'closed'));
  if (request.method === 'POST' && pathname === '/api/v1/tickets') {
    const ticket = { id: tickets.length + 1, number: String(10001 + tickets.length), state: 'new', ...JSON.parse(body) };
    tickets.push(ticket);
    return answer(201, ticket);
  }
  if (request.method === 'PUT' && id) return answer(200, Object.assign(tickets[id - 1], JSON.parse(body)));
  return answer(404, { error: pathname });
});
await new Promise((resolve) => tools.listen(0, '127.0.0.1', resolve));
const toolsUrl = `http://127.0.0.1:${tools.address().port}`;
const environment = {
  ...process.env, ENTENTE_URL: url, WARD_TOKEN: process.env.WARD_TOKEN ?? '', PROMETHEUS_URL: toolsUrl, ZAMMAD_URL: toolsUrl, ZAMMAD_TOKEN: 'zammad',
};
const root = new URL('../..', import.meta.url).pathname;

// JSON as people read it: short values on one line.
function pretty(value, indent = '') {
  const short = JSON.stringify(value, null, 1).replace(/\n\s*/g, ' ');
  if (short.length + indent.length <= 118 || typeof value !== 'object' || value === null) return short;
  const inner = `${indent}  `;
  const entries = Array.isArray(value)
    ? value.map((entry) => inner + pretty(entry, inner))
    : Object.entries(value).map(([name, entry]) => `${inner}${JSON.stringify(name)}: ${pretty(entry, inner)}`);
  const [open, close] = Array.isArray(value) ? '[]' : '{}';
  return `${open}\n${entries.join(',\n')}\n${indent}${close}`;
}

function send(request) {
  const [head, ...rest] = request.split('\n\n');
  const [first, ...lines] = head.split('\n');
  const [method, path] = first.split(' ');
  const headers = Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]));
  const body = rest.join('\n\n');
  for (const name of Object.keys(headers)) headers[name] = headers[name].replace('TOKEN', token);
  const { host, ...others } = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  assert.ok(host, 'a request has no Host');
  return new Promise((resolve, reject) => {
    const sent = http.request(new URL(path, url), { method, headers: { ...others, 'content-length': Buffer.byteLength(body) } }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part) => (text += part)).on('end', () => resolve({ status: response.statusCode, reason: response.statusMessage, text }));
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

const failures = [];
let checked = 0;
for (const file of readdirSync(folder).filter((name) => name.endsWith('.md')).sort()) {
  const text = readFileSync(folder + file, 'utf8');
  const blocks = [...text.matchAll(/^```(\w+)( template)?\n([\s\S]*?)\n```$/gm)].map((match) => ({ kind: match[1], template: Boolean(match[2]), text: match[3], at: match.index }));
  const changed = [];
  const expect = (block, actual, same) => {
    if (write) changed.push([block, actual]);
    else assert.ok(same(), `expected\n${block.text}\nbut it was\n${actual}`);
  };
  for (const [index, block] of blocks.entries()) {
    const line = text.slice(0, block.at).split('\n').length;
    const next = blocks[index + 1];
    try {
      if (block.kind === 'http' && !block.text.startsWith('HTTP/')) {
        assert.ok(next?.text.startsWith('HTTP/'), 'a request without its answer');
        const { status, reason, text: body } = await send(block.text);
        const [, wantedStatus] = next.text.split(' ');
        const wanted = next.text.split('\n\n').slice(1).join('\n\n');
        const same = () => { try { assert.deepEqual([JSON.parse(body), status], [JSON.parse(wanted), Number(wantedStatus)]); return true; } catch { return false; } };
        expect(next, `HTTP/1.1 ${status} ${reason}\n\n${pretty(JSON.parse(body))}`, same);
      } else if (block.template) {
        const request = blocks.slice(index).find((other) => other.kind === 'http');
        assert.deepEqual(JSON.parse(programs[file](block.text)), JSON.parse(request.text.split('\n\n').slice(1).join('\n\n')));
      } else if (block.kind === 'js' && file === 'servicenow.md') {
        const { body, written } = serviceNow(block.text);
        const request = blocks.slice(index).find((other) => other.kind === 'http');
        assert.deepEqual(JSON.parse(body), JSON.parse(request.text.split('\n\n').slice(1).join('\n\n')));
        expect(next, written, () => next.text === written);
      } else if (['sh', 'python'].includes(block.kind) && ['text', 'json'].includes(next?.kind)) {
        const [program, option] = block.kind === 'sh' ? ['bash', '-c'] : ['python3', '-c'];
        const { stdout } = await run(program, [option, block.text], { encoding: 'utf8', env: environment, cwd: root });
        const out = stdout.trimEnd();
        expect(next, next.kind === 'json' ? pretty(JSON.parse(out)) : out, () => (next.kind === 'json' ? JSON.stringify(JSON.parse(out)) === JSON.stringify(JSON.parse(next.text)) : out === next.text));
      } else continue;
      checked += 1;
    } catch (error) {
      failures.push(`${file}:${line}: ${error.message}`);
    }
  }
  if (changed.length) {
    let rewritten = text;
    for (const [block, actual] of changed.reverse()) {
      const from = rewritten.indexOf('\n', block.at) + 1;
      rewritten = rewritten.slice(0, from) + actual + rewritten.slice(from + block.text.length);
    }
    writeFileSync(folder + file, rewritten);
    console.log(`${file}: ${changed.length} rewritten`);
  }
}
tools.close();
console.log(`${checked} checked, ${failures.length} failed`);
if (failures.length) { console.error(failures.join('\n')); process.exit(1); }
