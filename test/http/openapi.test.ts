import t from 'tap';
import { z } from 'zod';
import type { App } from '../../src/http/context.js';
import { IMEI } from './memory-rack.js';
import { testApp } from './test-app.js';

type Node = Readonly<Record<string, unknown>>;

function node(value: unknown): Node {
  return typeof value === 'object' && value !== null ? (value as Node) : {};
}

async function documentOf(app: App): Promise<Node> {
  return node((await app.inject('/openapi.json')).json());
}

/** The part that a JSON pointer names. */
function resolve(document: Node, pointer: string): unknown {
  return pointer
    .slice(2)
    .split('/')
    .reduce<unknown>((at, key) => node(at)[key], document);
}

/** A schema with every $ref replaced by what it refers to. */
function inlined(document: Node, schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map((item) => inlined(document, item));
  if (typeof schema !== 'object' || schema === null) return schema;
  const ref = node(schema)['$ref'];
  if (typeof ref === 'string') return inlined(document, resolve(document, ref));
  return Object.fromEntries(
    Object.entries(schema).map(([key, value]) => [key, inlined(document, value)]),
  );
}

function faultOf(document: Node, schema: unknown, body: unknown): string | null {
  const whole = inlined(document, schema) as Parameters<typeof z.fromJSONSchema>[0];
  const parsed = z.fromJSONSchema(whole).safeParse(body);
  return parsed.success ? null : z.prettifyError(parsed.error);
}

type Body = readonly [type: string, payload: string];
const BY: Body = ['application/json', '{"by":"sato"}'];
const MARK = `{"imei":"${IMEI}","carrier":"docomo","mark":"cross","by":"sato"}`;
const HOLD: Body = ['application/json', '{"action":"hold"}'];
const DECISION: Body = ['application/json', '{"decision":"accept"}'];
const LEVEL: Body = ['application/json', '{"level":"debug"}'];
const RESTRICTIONS = '/api/v1/restrictions';

/** Never ends, so it is tested on a socket: live.test.ts. */
const STREAM = 'get /api/v1/events';
/** Answered with 204 and nothing: access.test.ts. */
const SILENT = ['post /api/v1/session', 'delete /api/v1/session'];

const ROUTES: readonly [string, string, number, string, Body?][] = [
  ['get', '/api/v1', 200, '/api/v1'],
  ['get', '/api/v1/rack', 200, '/api/v1/rack'],
  ['get', '/api/v1/fleet', 200, '/api/v1/fleet'],
  ['get', '/livez', 200, '/livez'],
  ['get', '/readyz', 200, '/readyz'],
  ['get', '/openapi.json', 200, '/openapi.json'],
  ['get', '/metrics', 200, '/metrics'],
  ['get', '/api/v1/session', 200, '/api/v1/session'],
  ['post', '/api/v1/runs/{run}/validation', 403, '/api/v1/runs/run-1/validation', DECISION],
  ['get', '/api/v1/log-level', 200, '/api/v1/log-level'],
  ['post', '/api/v1/log-level', 200, '/api/v1/log-level', LEVEL],
  ['post', '/api/v1/log-level', 400, '/api/v1/log-level', BY],
  ['get', '/api/v1/ports', 200, '/api/v1/ports'],
  ['get', '/api/v1/ports/{port}', 200, '/api/v1/ports/P02'],
  ['get', '/api/v1/ports/{port}', 400, '/api/v1/ports/x'],
  ['get', '/api/v1/ports/{port}', 404, '/api/v1/ports/P99'],
  ['post', '/api/v1/ports/{port}/actions', 202, '/api/v1/ports/P01/actions', HOLD],
  ['post', '/api/v1/ports/{port}/actions', 404, '/api/v1/ports/P99/actions', HOLD],
  ['get', '/api/v1/ports', 400, '/api/v1/ports?wait=x'],
  ['get', '/api/v1/leds', 200, '/api/v1/leds'],
  ['get', '/api/v1/runs', 200, '/api/v1/runs'],
  ['get', '/api/v1/runs', 400, '/api/v1/runs?limit=x'],
  ['get', '/api/v1/runs/{run}', 200, '/api/v1/runs/run-1'],
  ['get', '/api/v1/runs/{run}', 404, '/api/v1/runs/run-9'],
  ['get', '/api/v1/runs/{run}/evidence', 200, '/api/v1/runs/run-1/evidence'],
  ['get', '/api/v1/runs/{run}/certificate', 200, '/api/v1/runs/run-1/certificate'],
  ['get', '/api/v1/runs/{run}/certificate', 404, '/api/v1/runs/run-2/certificate'],
  ['get', '/api/v1/queues', 200, '/api/v1/queues'],
  ['get', RESTRICTIONS, 200, `${RESTRICTIONS}?changed=1`],
  ['get', RESTRICTIONS, 400, RESTRICTIONS],
  ['post', RESTRICTIONS, 201, RESTRICTIONS, ['application/json', MARK]],
  ['post', RESTRICTIONS, 400, RESTRICTIONS, BY],
  ['get', `${RESTRICTIONS}/{imei}`, 200, `${RESTRICTIONS}/${IMEI}`],
  ['get', `${RESTRICTIONS}/{imei}`, 400, `${RESTRICTIONS}/1234`],
  ['post', `${RESTRICTIONS}/{imei}/recheck`, 202, `${RESTRICTIONS}/${IMEI}/recheck`, BY],
  ['post', `${RESTRICTIONS}/import`, 200, `${RESTRICTIONS}/import`, ['text/csv', 'a,b,c']],
  ['post', `${RESTRICTIONS}/import`, 400, `${RESTRICTIONS}/import`, ['text/csv', 'a']],
  ['get', '/api/v1/carriers', 200, '/api/v1/carriers'],
  ['post', '/api/v1/carriers/{carrier}/resume', 202, '/api/v1/carriers/docomo/resume', BY],
  ['post', '/api/v1/carriers/{carrier}/resume', 404, '/api/v1/carriers/mineo/resume', BY],
];

t.test('the document names every path and every reply', async (t) => {
  const { app } = await testApp();
  const document = await documentOf(app);
  t.match(document['openapi'], /^3\.1\./);
  t.match(document['info'], { title: 'Sarachi', version: '0.1.0' });
  const paths = node(document['paths']);
  t.same(
    Object.entries(paths)
      .flatMap(([path, methods]) => Object.keys(node(methods)).map((method) => `${method} ${path}`))
      .sort(),
    [
      ...new Set([STREAM, ...SILENT, ...ROUTES.map(([method, path]) => `${method} ${path}`)]),
    ].sort(),
  );
  const ids = new Set<unknown>();
  for (const [path, methods] of Object.entries(paths)) {
    for (const operation of Object.values(node(methods)).map(node)) {
      ids.add(operation['operationId']);
      const responses = node(operation['responses']);
      const statuses = Object.keys(responses);
      t.ok(
        statuses.some((status) => status.startsWith('2')),
        path,
      );
      for (const status of ['403', '500', '503'])
        t.ok(statuses.includes(status), `${path} ${status}`);
      for (const [status, response] of Object.entries(responses)) {
        const { description, content } = node(response);
        t.match(description, /^[A-Z].+\.$/, `${path} ${status}`);
        if (Number(status) >= 400 && path !== '/readyz')
          t.same(Object.keys(node(content)), ['application/problem+json'], `${path} ${status}`);
        if (status === '304') t.equal(content, undefined, 'an empty reply');
      }
    }
    const [operation] = Object.values(node(paths[path])).map(node);
    const parameters = Object.values(node(operation?.['parameters'])).map(node);
    for (const [name] of path.matchAll(/(?<=\{)[^}]+/g)) {
      const found = parameters.find((parameter) => parameter['name'] === name);
      t.match(found, { in: 'path', required: true }, `${path} ${name}`);
    }
  }
  const operations = Object.values(paths).flatMap((methods) => Object.keys(node(methods)));
  t.equal(ids.size, operations.length, 'every operation has an id of its own');
});

t.test('every reference leads somewhere, and every schema is led to', async (t) => {
  const { app } = await testApp();
  const document = await documentOf(app);
  const refs = new Set(
    [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(([, ref]) => ref ?? ''),
  );
  t.ok(refs.size > 10);
  for (const ref of refs) t.type(resolve(document, ref), 'object', ref);
  const schemas = Object.keys(node(node(document['components'])['schemas']));
  for (const name of schemas) t.ok(refs.has(`#/components/schemas/${name}`), name);
});

t.test('what is really answered is what the document promises', async (t) => {
  const { app } = await testApp();
  const document = await documentOf(app);
  for (const [method, path, status, url, body] of ROUTES) {
    const reply = body
      ? await app.inject({
          ...{ method: 'POST', url, headers: { 'content-type': body[0] } },
          payload: body[1],
        })
      : await app.inject(url);
    t.equal(reply.statusCode, status, url);
    const type = String(reply.headers['content-type']).split(';')[0] ?? '';
    const operation = node(node(node(document['paths'])[path])[method]);
    const media = node(node(node(node(operation['responses'])[status])['content'])[type]);
    t.ok(media['schema'], `${url} ${status} ${type}`);
    const said: unknown = type === 'text/plain' ? reply.body : reply.json();
    t.equal(faultOf(document, media['schema'], said), null, `${url} ${status}`);
  }
});

t.test('the check above can fail', async (t) => {
  const { app } = await testApp();
  const document = await documentOf(app);
  const schema = { $ref: '#/components/schemas/Rack' };
  const body = (await app.inject('/api/v1/ports')).json();
  t.equal(faultOf(document, schema, body), null);
  t.not(faultOf(document, schema, { ...body, seq: 'seven' }), null);
  t.not(faultOf(document, schema, { ...body, more: 1 }), null, 'nothing undocumented is sent');
  const [first, ...rest] = body.ports;
  t.not(
    faultOf(document, schema, { ...body, ports: [{ ...first, state: 'erased' }, ...rest] }),
    null,
  );
});
