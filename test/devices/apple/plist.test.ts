import { parseBuffer } from 'bplist-parser';
import * as judge from 'plist';
import t from 'tap';
import { binaryPlist } from '../../../src/devices/apple/plist/binary-writer.js';
import { parsePlist, parsePlistDict } from '../../../src/devices/apple/plist/plist.js';
import { entryOf, type PlistValue } from '../../../src/devices/apple/plist/plist-value.js';
import { xmlPlist } from '../../../src/devices/apple/plist/xml-writer.js';

const GARBAGE = { code: 'handset-garbage' };
const xml = (body: string) => Buffer.from(`<plist version="1.0">${body}</plist>`);
const VALUE = {
  text: 'a <b> & "c" \'d\'\n更地 😀',
  empty: '',
  yes: true,
  no: false,
  small: 7,
  negative: -5,
  capacity: 128_000_000_000,
  chip: 0x1a2b3c4d5e802e,
  real: -2.5,
  when: new Date(1_700_000_000_000),
  data: Buffer.from('00ff10', 'hex'),
  list: ['x', ['y', {}], []],
  many: Array.from({ length: 300 }, (_, index) => `item ${index}`),
  ['__proto__x']: { constructor: 'own' },
} satisfies Record<string, PlistValue>;

t.test('what is written is read again, in both forms', async (t) => {
  t.same(parsePlist(xmlPlist(VALUE)), VALUE);
  t.same(parsePlist(binaryPlist(VALUE)), VALUE);
  const big = { ecid: 2n ** 62n + 1n };
  t.same(parsePlist(xmlPlist(big)), big, 'beyond 2^53 nothing is rounded');
  t.same(parsePlist(binaryPlist(big)), big);
});

t.test('other writers are read, and other readers read us', async (t) => {
  const plain = { ...VALUE, data: new Uint8Array(VALUE.data) };
  t.same(parsePlist(Buffer.from(judge.build(plain))), VALUE, 'plist, XML');
  t.same(parsePlist(judge.buildBinary({ ...plain, capacity: 5 })), { ...VALUE, capacity: 5 });
  t.same(judge.parse(xmlPlist(VALUE).toString()), plain);
  t.same(judge.parseBinary(binaryPlist(VALUE)), plain);
  // bplist-parser keeps 32 bits of a number: a storage of 128 GB would be 20 % of it.
  const [read] = parseBuffer(binaryPlist({ ...VALUE, capacity: 1, chip: 1, negative: 1 }));
  t.same(read, { ...VALUE, capacity: 1, chip: 1, negative: 1 });
  const [wrong] = parseBuffer(binaryPlist({ capacity: 128_000_000_000 }));
  t.notSame(wrong, { capacity: 128_000_000_000 }, 'why it does not read for us');
});

t.test('XML as the daemons write it', async (t) => {
  const text = `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<!-- a comment -->
<plist version="1.0">
<dict>
	<key>Number</key>
	<integer>0</integer>
	<key>Data</key>
	<data>
	QUJD
	REVG
	</data>
	<key>Text</key><string>a<![CDATA[<&>]]>b&#x66f4;&#65;</string>
	<key>Empty</key><string/>
	<key>List</key><array/>
</dict>
</plist>
`;
  const value = {
    Number: 0,
    Data: Buffer.from('ABCDEF'),
    Text: 'a<&>b更A',
    Empty: '',
    List: [],
  };
  t.same(parsePlist(Buffer.from(text)), value);
  t.same(parsePlist(Buffer.from(`${text}\0\0`)), value, 'NULs after it');
  for (let cut = 1; cut < text.length - 2; cut += 1)
    t.throws(() => parsePlist(Buffer.from(text.slice(0, cut))), GARBAGE, `cut at ${cut}`);
});

t.test('malformed XML is an error, whatever is wrong', async (t) => {
  const bad = [
    '',
    '<dict/><dict/>',
    '<dict><key>a</key></dict>',
    '<dict><string>a</string></dict>',
    '<dict><key>a</key><key>b</key></dict>',
    '<dict><key>a</key><true/><key>a</key><false/></dict>',
    '<array><key>a</key></array>',
    '<array></dict>',
    '<integer>1e5</integer>',
    '<integer></integer>',
    '<integer>999999999999999999999999</integer>',
    '<real>nan</real>',
    '<data>@@@</data>',
    '<data>QUI</data>',
    '<date>yesterday</date>',
    '<date>2026-13-45T00:00:00Z</date>',
    '<string>&nbsp;</string>',
    '<string>&#xD800;</string>',
    '<string>&amp</string>',
    '<string><b/></string>',
    '<true>no</true>',
    '<uid>1</uid>',
    'text',
    '<plist/>',
  ];
  for (const body of bad) t.throws(() => parsePlist(xml(body)), GARBAGE, body);
  const entity = '<!DOCTYPE plist [<!ENTITY a "aaaa">]><plist><string>&a;</string></plist>';
  t.throws(() => parsePlist(Buffer.from(entity)), GARBAGE, 'no entities of the sender');
  t.throws(() => parsePlist(Buffer.from([0x3c, 0xff, 0xfe])), GARBAGE, 'not UTF-8');
  t.throws(() => parsePlistDict(xml('<string>a</string>')), GARBAGE, 'not a dictionary');
});

t.test('depth, width and names cost little and do no harm', async (t) => {
  const started = performance.now();
  const deep = `${'<array>'.repeat(80_000)}${'</array>'.repeat(80_000)}`;
  t.throws(() => parsePlist(xml(deep)), GARBAGE, 'deep');
  t.throws(() => parsePlist(xml(`<array>${'<true/>'.repeat(140_000)}</array>`)), GARBAGE, 'wide');
  t.throws(() => parsePlist(xml('<string>'.repeat(100_000))), GARBAGE, 'unclosed');
  t.throws(() => parsePlist(Buffer.from(`<plist${' a="'.repeat(200_000)}`)), GARBAGE, 'attributes');
  t.ok(performance.now() - started < 5_000, `${performance.now() - started} ms`);
  const named = parsePlistDict(xml('<dict><key>__proto__</key><dict/></dict>'));
  t.same(Object.keys(named), ['__proto__']);
  t.equal(Object.getPrototypeOf(named), Object.prototype);
  t.equal(entryOf(parsePlistDict(xml('<dict/>')), 'constructor'), undefined);
});

/** A binary list from objects and a trailer of one's own. */
function binary(
  objects: readonly Buffer[],
  trailer: { count?: number; top?: number; ref?: number } = {},
) {
  const body = Buffer.concat([Buffer.from('bplist00'), ...objects]);
  let at = 8;
  const offsets = objects.map((object) => {
    const offset = Buffer.alloc(4);
    offset.writeUInt32BE(at);
    at += object.length;
    return offset;
  });
  const end = Buffer.alloc(32);
  end.writeUInt8(4, 6);
  end.writeUInt8(trailer.ref ?? 1, 7);
  end.writeUInt32BE(trailer.count ?? objects.length, 12);
  end.writeUInt32BE(trailer.top ?? 0, 20);
  end.writeUInt32BE(at, 28);
  return Buffer.concat([body, ...offsets, end]);
}

t.test('hostile binary lists are errors', async (t) => {
  const whole = binaryPlist(VALUE);
  for (let cut = 0; cut < whole.length; cut += 1)
    t.throws(() => parsePlist(whole.subarray(0, cut)), GARBAGE, `cut at ${cut}`);
  t.equal(parsePlist(binary([Buffer.of(9)])), true, 'the builder itself is right');
  t.throws(() => parsePlist(binary([Buffer.of(0xa1, 0)])), GARBAGE, 'a list that holds itself');
  t.throws(() => parsePlist(binary([Buffer.of(9)], { top: 5 })), GARBAGE, 'no such object');
  t.throws(() => parsePlist(binary([Buffer.of(9)], { count: 0xffff_ffff })), GARBAGE, 'count');
  t.throws(() => parsePlist(binary([Buffer.of(9)], { ref: 0 })), GARBAGE, 'reference of no size');
  t.throws(() => parsePlist(binary([Buffer.of(0x4f, 0x12, 0x7f, 0xff, 0xff, 0xff)])), GARBAGE);
  t.throws(() => parsePlist(binary([Buffer.of(0x5f, 0x13, ...Buffer.alloc(8, 0xff))])), GARBAGE);
  t.throws(() => parsePlist(binary([Buffer.of(0xd1, 1, 1), Buffer.of(0x10, 1)])), GARBAGE, 'key');
  t.throws(() => parsePlist(binary([Buffer.of(0x80, 1)])), GARBAGE, 'an archive reference');
  t.throws(() => parsePlist(binary([Buffer.of(0x00)])), GARBAGE, 'null');
  // Each list holds the next one fifteen times: 15^30 values from a kilobyte.
  const bomb = Array.from({ length: 30 }, (_, depth) =>
    Buffer.from([0xae, ...Array.from({ length: 14 }, () => depth + 1)]),
  );
  const started = performance.now();
  t.throws(() => parsePlist(binary([...bomb, Buffer.of(9)])), GARBAGE, 'shared without end');
  t.ok(performance.now() - started < 2_000);
});

t.test('what XML cannot hold is not written', async (t) => {
  t.throws(() => xmlPlist('\u0001'), { code: 'internal' });
  t.throws(() => xmlPlist({ '\ud800': 1 }), { code: 'internal' });
});
