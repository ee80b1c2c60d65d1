import t from 'tap';
import { ByteStream } from '../../../src/devices/apple/byte-stream.js';
import { Lockdown } from '../../../src/devices/apple/lockdown/lockdown.js';
import { PlistChannel } from '../../../src/devices/apple/lockdown/plist-channel.js';
import type { PlistDict } from '../../../src/devices/apple/plist/plist-value.js';
import { parseMuxEndpoint } from '../../../src/devices/apple/usbmux/endpoint.js';
import { MuxClient } from '../../../src/devices/apple/usbmux/mux-client.js';
import type { Wire } from '../helpers/fake-adb-server.js';
import type { Owner } from '../helpers/owner.js';
import { FakeMux, muxReply, muxRequest, OK, plistReply, plistRequest } from './helpers/fake-mux.js';

const wait = (timeoutMs = 10_000) => ({ signal: new AbortController().signal, timeoutMs });

/** A lockdown connection whose other end is `script`. */
async function lockdownTo(t: Owner, script: (wire: Wire) => Promise<void>) {
  const mux = await new FakeMux(async (wire) => {
    const { PortNumber } = await muxRequest(wire);
    if (PortNumber !== 32_498) throw new Error(`port ${PortNumber}`);
    muxReply(wire, OK);
    await script(wire);
  }).listen();
  t.teardown(() => mux.close());
  const socket = await new MuxClient(mux.endpoint).connect({ deviceId: 7, port: 62_078 }, wait());
  const options = { whenEnded: 'iphone-closed' } as const;
  return new Lockdown(new PlistChannel(new ByteStream(socket, options)), options);
}

const answering = (answer: (request: PlistDict) => PlistDict) => async (wire: Wire) => {
  for (;;) plistReply(wire, answer(await plistRequest(wire)));
};

t.test('many values on one connection are each their own', async (t) => {
  const values: PlistDict = { SerialNumber: 'C39', ActivationState: 'Activated', Imei: '35' };
  const lockdown = await lockdownTo(
    t,
    answering(({ Key = '' }) => ({ Request: 'GetValue', Key, Value: values[`${Key}`] ?? '' })),
  );
  for (const [key, value] of Object.entries(values))
    t.equal(await lockdown.value(key, wait()), value, key);
  lockdown.destroy();
});

t.test('a late reply is never handed to the next request', async (t) => {
  let late: () => void = () => undefined;
  const lockdown = await lockdownTo(t, async (wire) => {
    const { Key = '' } = await plistRequest(wire);
    late = () => plistReply(wire, { Request: 'GetValue', Key, Value: 'the serial' });
    await plistRequest(wire);
  });
  const timeout = { code: 'handset-timeout' };
  await t.rejects(lockdown.value('SerialNumber', wait(100)), timeout);
  late();
  const started = performance.now();
  await t.rejects(lockdown.value('Imei', wait()), timeout, 'the connection is over');
  t.ok(performance.now() - started < 1_000, 'and that is said at once');
});

t.test('a reply for another request, key or domain is an error, and ends it', async (t) => {
  const good = { Request: 'GetValue', Key: 'A', Domain: 'd', Value: 1 };
  const { Key: _key, ...noKey } = good;
  const { Domain: _domain, ...noDomain } = good;
  const { Value: _value, ...noValue } = good;
  const wrong = [
    { ...good, Request: 'StartSession' },
    { ...good, Key: 'B' },
    { ...good, Domain: 'e' },
    { ...good, Key: 5 },
    { ...good, Key: 'B', Error: 'MissingValue' },
    noKey,
    noDomain,
    noValue,
    { Value: 1 },
    {},
  ];
  for (const reply of wrong) {
    const lockdown = await lockdownTo(
      t,
      answering(() => reply),
    );
    const asked = lockdown.value('A', { ...wait(), domain: 'd' });
    await t.rejects(asked, { code: 'iphone-protocol' }, JSON.stringify(reply));
    await t.rejects(lockdown.queryType(wait()), { code: /^iphone-/ }, 'of no use after it');
  }
  const missing = { ...noValue, Error: 'MissingValue' };
  const lockdown = await lockdownTo(
    t,
    answering(() => missing),
  );
  t.equal(await lockdown.value('A', { ...wait(), domain: 'd' }), undefined, 'unknown');
  const refusal = { ...noValue, Error: 'GetProhibited' };
  const shut = await lockdownTo(
    t,
    answering(() => refusal),
  );
  const refused = { code: 'iphone-refused', detail: { said: 'GetProhibited' } };
  await t.rejects(shut.value('A', { ...wait(), domain: 'd' }), refused);
});

t.test('a reply that comes twice is not the answer to the next question', async (t) => {
  const lockdown = await lockdownTo(t, async (wire) => {
    const { Key = '' } = await plistRequest(wire);
    const reply = { Request: 'GetValue', Key, Value: 'the serial' };
    plistReply(wire, reply);
    plistReply(wire, reply);
    await plistRequest(wire);
  });
  t.equal(await lockdown.value('SerialNumber', wait()), 'the serial');
  await t.rejects(lockdown.value('Imei', wait()), { code: 'iphone-protocol' });
});

t.test('the end of the stream is told at once', async (t) => {
  const lockdown = await lockdownTo(t, async (wire) => {
    await plistRequest(wire);
    wire.socket.end();
  });
  const started = performance.now();
  await t.rejects(lockdown.queryType(wait(20_000)), { code: 'iphone-closed' });
  t.ok(performance.now() - started < 5_000, `${performance.now() - started} ms`);
});

t.test('an oversized frame is an error and nothing else', async (t) => {
  const lockdown = await lockdownTo(t, async (wire) => {
    await plistRequest(wire);
    wire.send(Buffer.alloc(1 << 16, 0xff));
  });
  await t.rejects(lockdown.queryType(wait()), { code: 'handset-too-talkative' });
});

t.test('malformed lists, and a caller who gives up', async (t) => {
  const garbage = await lockdownTo(t, async (wire) => {
    await plistRequest(wire);
    wire.send(Buffer.of(0, 0, 0, 5), Buffer.from('bplis'));
  });
  await t.rejects(garbage.queryType(wait()), { code: 'handset-garbage' });
  const mute = await lockdownTo(t, async (wire) => {
    await plistRequest(wire);
  });
  const stop = new AbortController();
  const asked = mute.queryType({ signal: stop.signal, timeoutMs: 60_000 });
  setImmediate(() => stop.abort());
  await t.rejects(asked, { code: 'aborted' });
});

t.test('two questions at a time are refused before they are sent', async (t) => {
  const lockdown = await lockdownTo(
    t,
    answering(() => ({ Request: 'QueryType', Type: 'com.apple.mobile.lockdown' })),
  );
  const first = lockdown.queryType(wait());
  await t.rejects(lockdown.queryType(wait()), { code: 'internal' });
  t.equal(await first, 'com.apple.mobile.lockdown', 'the first one is not harmed');
});

t.test('usbmuxd: one question, one connection, every answer checked', async (t) => {
  let reply: PlistDict = OK;
  let tag = 1;
  const fake = await new FakeMux(async (wire) => {
    await muxRequest(wire);
    muxReply(wire, reply, tag);
  }).listen();
  t.teardown(() => fake.close());
  const mux = new MuxClient(fake.endpoint);
  await t.rejects(mux.listDevices(wait()), { code: 'usbmuxd-protocol' }, 'a result is no list');
  reply = { BUID: '30142955-444094379208051516' };
  t.equal(await mux.readBuid(wait()), reply['BUID']);
  tag = 2;
  await t.rejects(mux.readBuid(wait()), { code: 'usbmuxd-protocol' }, 'another tag');
  tag = 1;
  reply = { ...OK, Number: 2 };
  t.equal(await mux.readPairRecord('A', wait()), null);
  await mux.deletePairRecord('A', wait());
  const asked = { deviceId: 7, port: 62_078 };
  await t.rejects(mux.connect(asked, wait()), { code: 'handset-gone' });
  reply = { ...OK, Number: 3 };
  await t.rejects(mux.connect(asked, wait()), { code: 'iphone-closed' });
  reply = { ...OK, Number: 6 };
  await t.rejects(mux.connect(asked, wait()), { code: 'usbmuxd-refused', detail: { number: 6 } });
  t.equal(fake.connections, 8);
  fake.behaviour = () => undefined;
  await t.rejects(mux.connect(asked, wait(100)), { code: 'usbmuxd-gone' }, 'never answers');
  fake.behaviour = (wire) => {
    wire.socket.destroy();
  };
  await t.rejects(mux.listDevices(wait()), { code: 'usbmuxd-gone' });
  await fake.close();
  await t.rejects(mux.listDevices(wait()), { code: 'usbmuxd-gone' }, 'nobody there');
});

t.test('the address of usbmuxd in the forms of other tools', async (t) => {
  t.same(parseMuxEndpoint('127.0.0.1:27015'), { host: '127.0.0.1', port: 27_015 });
  t.same(parseMuxEndpoint('tcp://host:1'), { host: 'host', port: 1 });
  t.same(parseMuxEndpoint('[::1]:5'), { host: '::1', port: 5 });
  for (const text of ['/run/usbmuxd', 'UNIX:/run/usbmuxd', 'unix:///run/usbmuxd'])
    t.same(parseMuxEndpoint(text), { path: '/run/usbmuxd' }, text);
  for (const text of ['', 'host', 'host:0', 'host:70000', 'a:b:1'])
    t.throws(() => parseMuxEndpoint(text), { code: 'config-invalid' }, text);
});
