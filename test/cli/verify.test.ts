import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { verifyCommand } from '../../src/cli/verify.js';
import { canonicalJson } from '../../src/ledger/canonical-json.js';
import { digestsOf } from '../../src/ledger/certificate-digests.js';
import type { SignedCertificate } from '../../src/ledger/certificate-schema.js';
import { signedText } from '../../src/ledger/signing.js';
import { verifyCertificate } from '../../src/ledger/verify-certificate.js';
import { failedFacts, passedFacts, signed, testKey } from '../ledger/helpers/facts.js';
import { desk, run } from './helpers/desk.js';

t.test('a certificate that holds, passed or not, says so in words', async (t) => {
  const { check } = await desk(t);
  const good = await check(signedText(signed(passedFacts())));
  t.equal(good.code, 0, good.out);
  t.match(
    good.out,
    /^HOLDS.*verdict {7}passed\n.*26061FDH2000AP.*356303481234561, 356303481234579/s,
  );
  const bad = await check(signedText(signed(failedFacts())));
  t.equal(bad.code, 0);
  t.match(bad.out, /failed: this is the record of an erasure that did NOT pass/);
  const pretty = await check(JSON.stringify(signed(passedFacts()), null, 2));
  t.equal(
    pretty.code,
    0,
    'the signature is over the canonical form, whatever the layout of the file',
  );
});

interface Leaf {
  readonly path: readonly string[];
  readonly value: unknown;
}

function leaves(value: unknown, path: readonly string[] = []): Leaf[] {
  if (typeof value !== 'object' || value === null) return [{ path, value }];
  const inside = Object.entries(value).flatMap(([key, child]) => leaves(child, [...path, key]));
  return [...(inside.length === 0 || Array.isArray(value) ? [{ path, value }] : []), ...inside];
}

function changed(value: unknown): unknown {
  if (typeof value === 'string')
    return value.startsWith('0') ? `1${value.slice(1)}` : `0${value.slice(1)}`;
  if (typeof value === 'number') return value + 1;
  if (typeof value === 'boolean') return !value;
  if (Array.isArray(value)) return [...value, 'more'];
  return value === null ? 'x' : { more: 1 };
}

function edited(
  source: SignedCertificate,
  path: readonly string[],
  edit: (holder: Record<string, unknown>, key: string) => void,
) {
  const copy = structuredClone(source) as unknown as Record<string, unknown>;
  let holder = copy;
  for (const key of path.slice(0, -1)) holder = holder[key] as Record<string, unknown>;
  edit(holder, path.at(-1) ?? '');
  return Buffer.from(`${canonicalJson(copy)}\n`);
}

t.test('a change of any field is named', async (t) => {
  const source = signed(passedFacts());
  const key = testKey().privateKey;
  const publicKey = createPublicKey(key);
  const all = leaves(source);
  t.ok(all.length > 500, `${all.length} fields`);
  const missed: string[] = [];
  for (const { path, value } of all) {
    const file = edited(source, path, (holder, name) => {
      holder[name] = changed(value);
    });
    const { faults } = verifyCertificate(file, publicKey);
    // Digests reach two levels below the certificate; deeper fields are named by their item.
    const wanted =
      path[1] === 'digests' ? ['', path[0], ...(path[2] ?? '').split('/').slice(1)] : ['', ...path];
    const name = wanted.slice(0, 4).join('/');
    const named = faults.find(
      ({ field }) =>
        field.startsWith(name) || (path.length === 2 && field.startsWith(`/${path.join('/')}`)),
    );
    const text = named?.bytes && file.subarray(named.bytes.start, named.bytes.end).toString();
    if (!named || !text || text === file.toString()) missed.push(path.join('/'));
  }
  t.same(missed, []);
});

t.test('a field that is missing, unknown or of a wrong type is named with its path', async (t) => {
  const { check } = await desk(t);
  const source = signed(passedFacts());
  const removed = edited(
    source,
    ['certificate', 'device', 'imei1'],
    (holder, key) => delete holder[key],
  );
  t.match((await check(removed)).out, /device\.imei1 \(bytes \d+ to \d+\): is missing/);
  const added = edited(source, ['certificate', 'run', 'extra'], (holder, key) => {
    holder[key] = 1;
  });
  t.match((await check(added)).out, /run\.extra \(bytes \d+ to \d+\): is an unknown field/);
  const typed = edited(source, ['certificate', 'evidence', '3', 'holds'], (holder, key) => {
    holder[key] = 'yes';
  });
  t.match((await check(typed)).out, /evidence\.3\.holds .*: has the wrong type, not boolean/);
  const renamed = edited(source, ['certificate', 'format'], (holder, key) => {
    holder[key] = 'sarachi-certificate/9';
  });
  t.match((await check(renamed)).out, /format .*: has a wrong value/);
});

t.test('the byte range that is printed holds the change', async (t) => {
  const { check } = await desk(t);
  const text = Buffer.from(signedText(signed(passedFacts())));
  const at = text.indexOf('"imei1":"356303481234561') + '"imei1":"'.length;
  text.write('9', at);
  const { code, out } = await check(text);
  t.equal(code, 1);
  t.match(
    out,
    new RegExp(`device\\.imei1 \\(bytes ${at - 1} to ${at + 15}\\): does not match its digest`),
  );
  t.match(out, /signature\.value .*: is not the signature/);
});

t.test('what is not one unambiguous JSON text is refused with line and column', async (t) => {
  const { check } = await desk(t);
  const text = signedText(signed(passedFacts()));
  const cases: readonly (readonly [string | Uint8Array, RegExp])[] = [
    ['', /line 1, column 1: ends too early/],
    [text.slice(0, 900), /not JSON: line 1, column \d+/],
    [`${text}{}`, /line 2, column 1: something follows/],
    ['{\n  "certificate": {,}\n}', /line 2, column 19: a string was expected/],
    [text.replace('"lane":', '"lane":"release","lane":'), /the member "lane" stands here twice/],
    [
      text.replace('"lane":', '"la\\u006ee":"release","lane":'),
      /the member "lane" stands here twice/,
    ],
    [text.replace('"release"', '"\\ud800"'), /no character/],
    [text.replace('"release"', '"a\tb"'), /no character/],
    [text.replace('4711', '1e999'), /number is too large/],
    [text.replace('4711', '04711'), /was expected/],
    ['['.repeat(100_000), /nested too deeply/],
    [Buffer.from([0x7b, 0xff, 0x7d]), /not text in UTF-8/],
    [`\ufeff${text}`, /column 1: a value was expected/],
  ];
  for (const [bad, wanted] of cases) {
    const { code, out } = await check(bad);
    t.equal(code, 1);
    t.match(out, wanted);
  }
  for (let length = 0; length < text.length - 1; length += 97) {
    const faults = verifyCertificate(
      Buffer.from(text.slice(0, length)),
      createPublicKey(testKey().publicPem),
    ).faults;
    if (!faults[0]?.what.startsWith('is not JSON')) t.fail(`cut at ${length}`);
  }
});

t.test('another key, and a forger who mends the digests, are told apart', async (t) => {
  const { dir, check, file } = await desk(t);
  const text = signedText(signed(passedFacts()));
  await check(text);
  const { publicKey } = generateKeyPairSync('ed25519');
  const other = join(dir, 'other.pem');
  await writeFile(other, publicKey.export({ type: 'spki', format: 'pem' }));
  const wrong = await run(verifyCommand, file, '--key', other);
  t.equal(wrong.code, 1);
  t.match(
    wrong.out,
    /signature\.keyId .*: names the key [0-9a-f]{16}, but the key given is [0-9a-f]{16}/,
  );
  const forged = JSON.parse(text) as SignedCertificate;
  forged.certificate.device.model = 'Pixel 9';
  forged.certificate.digests = digestsOf(forged.certificate);
  const { code, out } = await check(signedText(forged));
  t.equal(code, 1);
  t.match(
    out,
    /DOES NOT HOLD.*\n {2}signature\.value .*: is not the signature of this certificate by this key\n$/,
  );
});

t.test('hostile text in a certificate cannot drive the terminal', async (t) => {
  const { check } = await desk(t);
  const facts = passedFacts();
  const identity = { ...facts.identity, model: '\u001b[2Jx\u202e\r\n  verdict  passed' };
  const { out } = await check(signedText(signed({ ...facts, identity })));
  t.notMatch(out, /\p{Cc}(?<!\n)|\p{Cf}/u);
  t.equal(out.split('\n').length, 10);
});

t.test('wrong usage is exit 2 and says how', async (t) => {
  const { dir, key, file, check } = await desk(t);
  await check(signedText(signed(passedFacts())));
  const rsa = join(dir, 'rsa.pem');
  await writeFile(
    rsa,
    generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export({
      type: 'spki',
      format: 'pem',
    }),
  );
  for (const args of [
    [],
    [file],
    ['--key', key],
    [file, file, '--key', key],
    [file, '--key', '/nope'],
    ['/nope', '--key', key],
    [file, '--key', file],
    [file, '--key', rsa],
    [file, '--wrong'],
  ]) {
    const { code, err } = await run(verifyCommand, ...args);
    t.equal(code, 2, args.join(' '));
    t.match(err, /^sarachi verify: .+\n\nUsage:/);
  }
  t.match(await run(verifyCommand, '--help'), { code: 0, out: /^Usage: sarachi verify/ });
});
