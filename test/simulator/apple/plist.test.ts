import bplist from 'bplist-creator';
import { build, buildBinary, parse } from 'plist';
import t from 'tap';
import { type PlistValue, readPlist } from '../../../src/simulator/apple/wire/plist.js';
import { writeXmlPlist } from '../../../src/simulator/apple/wire/xml-plist.js';

const SAMPLE = {
  text: 'a <&> "quoted" 電話 😀',
  empty: '',
  yes: true,
  no: false,
  small: -5,
  large: 9007199254740000,
  real: 2.5,
  data: new Uint8Array([0, 1, 254, 255]),
  list: [1, 'two', [3], { four: 4 }],
  date: new Date('2026-01-02T03:04:05Z'),
  long: 'x'.repeat(300),
};

/** Bytes compare as a Buffer's own. */
function plain(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (_key, one: unknown) => {
      const data = (one as { type?: string; data?: unknown } | null)?.type === 'Buffer';
      if (data) return Buffer.from((one as { data: number[] }).data).toString('hex');
      return one instanceof Uint8Array ? Buffer.from(one).toString('hex') : one;
    }),
  );
}

t.test('what published libraries write is read, and the other way round', async (t) => {
  const expected = plain(SAMPLE);
  t.same(plain(readPlist(Buffer.from(build(SAMPLE)))), expected);
  t.same(plain(readPlist(Buffer.from(buildBinary(SAMPLE)))), expected);
  t.same(plain(parse(writeXmlPlist(SAMPLE).toString())), expected);
  // It writes only the low half of a number above 32 bits, and knows no Uint8Array.
  const mild = { ...SAMPLE, large: 4_000_000_000, data: Buffer.from(SAMPLE.data) };
  t.same(plain(readPlist(bplist(mild))), { ...(expected as object), large: 4_000_000_000 });
  t.same(readPlist(writeXmlPlist({ name: 'bell \u0007' })), { name: 'bell \u0007' });
});

t.test('a property list that is cut or damaged is none, and never an exception', async (t) => {
  const xml = Buffer.from(build(SAMPLE));
  const binary = Buffer.from(buildBinary(SAMPLE));
  for (const whole of [xml.subarray(0, xml.lastIndexOf('</plist>') + 7), binary])
    for (let length = 0; length < whole.length; length += 1)
      if (readPlist(whole.subarray(0, length)) !== null) t.fail(`cut at ${length}`);
  let seed = 7;
  const random = (below: number) => {
    seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
    return (seed >>> 8) % below;
  };
  let refused = 0;
  for (let round = 0; round < 4000; round += 1) {
    const bytes = Buffer.from(round % 2 ? xml : binary);
    for (let flip = random(4); flip >= 0; flip -= 1) bytes[random(bytes.length)] = random(256);
    refused += readPlist(bytes) === null ? 1 : 0;
  }
  t.ok(refused > 500, `${refused}`);
});

t.test('a small file cannot stand for a huge one', async (t) => {
  const depth = 30;
  // Each array names the next one twice: two to the power of thirty strings.
  const objects = Array.from({ length: depth }, (_, at) => Buffer.from([0xa2, at + 1, at + 1]));
  const last = Buffer.from([0x51, 0x61]);
  const body = Buffer.concat([Buffer.from('bplist00'), ...objects, last]);
  const table = Buffer.from([...objects.map((_, at) => 8 + at * 3), 8 + depth * 3]);
  const trailer = Buffer.alloc(32);
  trailer[6] = 1;
  trailer[7] = 1;
  trailer.writeBigUInt64BE(BigInt(depth + 1), 8);
  trailer.writeBigUInt64BE(BigInt(body.length), 24);
  t.equal(readPlist(Buffer.concat([body, table, trailer])), null);
  const deep = `<plist>${'<array>'.repeat(9000)}${'</array>'.repeat(9000)}</plist>`;
  t.equal(readPlist(Buffer.from(deep)), null);
  const shallow: PlistValue = [[[['in']]]];
  t.same(readPlist(writeXmlPlist(shallow)), shallow);
});
