import { createPublicKey, verify } from 'node:crypto';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { EVIDENCE_KINDS, type EvidenceKind, type Json } from '../../src/evidence.js';
import { buildCertificate } from '../../src/ledger/build-certificate.js';
import { canonicalJson } from '../../src/ledger/canonical-json.js';
import { writeCertificate } from '../../src/ledger/certificate-file.js';
import { certificateSchema } from '../../src/ledger/certificate-schema.js';
import { sha256Hex } from '../../src/ledger/sha256.js';
import { openSigningKey, signCertificate, signedText } from '../../src/ledger/signing.js';
import { evidence, failedFacts, passedFacts, testKey } from './helpers/facts.js';
import { freshFolder } from './helpers/ledgers.js';

t.test('is a pure function of its facts', async (t) => {
  for (const facts of [passedFacts(), failedFacts()]) {
    const before = canonicalJson(facts);
    const first = buildCertificate(facts);
    t.equal(canonicalJson(buildCertificate(facts)), canonicalJson(first));
    first.device.furtherImeis.push('x');
    const held = first.evidence[0]?.value as Record<string, unknown>;
    held['changed'] = true;
    t.equal(canonicalJson(facts), before, 'shares nothing with the facts');
    t.equal(certificateSchema.safeParse(buildCertificate(facts)).error, undefined);
  }
});

t.test('a passed and a failed one are as they were', async (t) => {
  for (const facts of [passedFacts(), failedFacts()]) {
    const file = join('test/ledger/fixtures', `${facts.verdict}.certificate.json`);
    const text = `${JSON.stringify(buildCertificate(facts), null, 2)}\n`;
    // SARACHI_UPDATE_FIXTURES=1 writes them anew; look at the difference before committing it.
    if (process.env['SARACHI_UPDATE_FIXTURES']) await writeFile(file, text);
    t.equal(text, await readFile(file, 'utf8'), file);
  }
});

t.test('chooses the words of NIST by what was seen', async (t) => {
  const method = (
    encryption: 'file' | 'none' | 'unknown',
    changes: Partial<Record<EvidenceKind, boolean>>,
  ) => {
    const facts = passedFacts();
    const identity = { ...facts.identity, encryption };
    const { sanitization } = buildCertificate({ ...facts, identity, evidence: evidence(changes) });
    return [sanitization.method, ...sanitization.techniques.map(({ technique }) => technique)];
  };
  t.same(method('file', {}), ['Purge', 'cryptographic-erase', 'overwrite']);
  t.same(method('unknown', {}), ['Clear', 'factory-reset', 'overwrite'], 'encryption not known');
  t.same(method('none', {}), ['Clear', 'factory-reset', 'overwrite']);
  t.same(method('file', { 'encryption-state': false }), ['Clear', 'factory-reset', 'overwrite']);
  t.same(
    method('file', { 'before-reset': false }),
    ['Clear', 'factory-reset', 'overwrite'],
    'nobody saw the state before',
  );
  t.same(method('file', { 'overwrite-read-back': false }), ['Purge', 'cryptographic-erase']);
  for (const verdict of ['failed', 'inconclusive'] as const) {
    const { sanitization, title } = buildCertificate({
      ...passedFacts(),
      verdict,
      lane: 'attention',
    });
    t.match(sanitization, { method: 'none established', techniques: [] });
    t.match(title, { ja: /消去記録/, en: /did not pass/ });
  }
});

t.test('facts that follow from one another are one signal of the reset', async (t) => {
  const signals = (changes: Partial<Record<EvidenceKind, boolean>>) =>
    buildCertificate({ ...passedFacts(), evidence: evidence(changes) }).verification.resetSignals;
  t.same(signals({}), ['bus', 'canary', 'system-identity', 'storage']);
  t.same(signals({ 'left-bus': false }), ['canary', 'system-identity', 'storage']);
  const facts = passedFacts();
  const value = { screen: 'first-boot', attention: 'confirm-first-boot-screen', by: 'x' };
  const said = { stage: 'reset-delete' as const, method: 'm', at: facts.settledAt, holds: true };
  const list = [
    ...evidence(),
    { ...said, kind: 'person-confirmed' as const, value },
    { ...said, kind: 'setup-not-complete' as const, value: {} },
  ];
  const all = buildCertificate({ ...facts, evidence: list }).verification.resetSignals;
  t.same(all.sort(), ['bus', 'canary', 'first-boot-state', 'person', 'storage', 'system-identity']);
});

t.test('a fact that did not hold, or not at last, is never under proved', async (t) => {
  for (const kind of Object.keys(EVIDENCE_KINDS) as EvidenceKind[]) {
    const facts = passedFacts();
    const one = { kind, stage: 'verify' as const, method: 'm', at: facts.settledAt, value: {} };
    const cases = [
      [{ ...one, holds: false }],
      [
        { ...one, holds: true },
        { ...one, holds: false },
      ],
    ];
    for (const list of cases) {
      const certificate = buildCertificate({ ...facts, evidence: list });
      t.same(certificate.proved, [], kind);
      t.equal(certificate.evidence.length, list.length);
    }
  }
});

t.test('names what was not proved, with the bytes that evidence names', async (t) => {
  const { notProved } = buildCertificate(passedFacts());
  const ids = notProved.map(({ id }) => id);
  for (const id of [
    'reserved-blocks',
    'over-provisioned-flash',
    'other-partitions',
    'secure-element',
    'felica',
    'jpki',
    'esim',
  ]) {
    t.ok(ids.includes(id), id);
  }
  t.same(notProved.find(({ id }) => id === 'reserved-blocks')?.ranges, [
    { what: 'reservedBytes', start: null, bytes: 134_217_728, evidence: 19 },
    { what: 'metadataBytes', start: null, bytes: 1_048_576, evidence: 19 },
  ]);
  const facts = passedFacts();
  const value = {
    ranges: [{ what: 'tail', start: 4096, bytes: 512 }],
    cache: 'not-excluded',
  };
  const list = [
    {
      kind: 'not-covered' as const,
      stage: 'verify' as const,
      method: 'm',
      at: facts.settledAt,
      holds: true,
      value,
    },
  ];
  const other = buildCertificate({ ...facts, evidence: list }).notProved;
  t.same(other.find(({ id }) => id === 'reserved-blocks')?.ranges, [
    { what: 'tail', start: 4096, bytes: 512, evidence: 0 },
  ]);
  t.ok(other.some(({ id }) => id === 'page-cache'));
  const excluded = list.map((fact) => ({ ...fact, value: { cache: 'exceeds-memory' } }));
  const third = buildCertificate({ ...facts, evidence: excluded }).notProved;
  t.notOk(third.some(({ id }) => id === 'page-cache'));
  t.ok(other.some(({ id }) => id === 'network-restriction'));
});

t.test('FeliCa, JPKI and carrier marks say who said so', async (t) => {
  const declared = (extra: Record<string, string>) => {
    const facts = passedFacts();
    const list = evidence({ 'felica-not-present': false }).map((fact) =>
      fact.kind === 'person-confirmed' ? { ...fact, value: { ...fact.value, ...extra } } : fact,
    );
    return buildCertificate({ ...facts, evidence: list });
  };
  t.equal(declared({ felica: 'cleared' }).felica.result, 'declared-cleared');
  t.equal(declared({}).felica.result, 'unknown');
  t.equal(declared({ jpki: 'revoked' }).jpki.result, 'revoked');
  t.equal(buildCertificate({ ...passedFacts(), evidence: [] }).jpki.result, 'unknown');
  const marks = buildCertificate(passedFacts()).carrierChecks;
  t.same(
    marks.marks.map(({ carrier, glyph }) => carrier + glyph),
    ['docomo○', 'kddi－'],
  );
  t.match(marks, {
    status: 'checked',
    aggregate: 'circle',
    policy: { version: '2026-1', sha256: 'ef'.repeat(32) },
    marks: [
      { carrier: 'docomo', source: 'manual', by: 'reception-2', sha256: null },
      { source: 'web', checkedAt: '2026-11-20T01:04:40.120Z', sha256: 'cd'.repeat(32) },
    ],
  });
  t.equal(buildCertificate({ ...passedFacts(), evidence: [] }).carrierChecks.status, 'not-checked');
});

t.test('an unknown mark is said with its reason and never taken for a circle', async (t) => {
  const checks = (...changes: Record<string, Json>[]) => {
    const facts = passedFacts();
    const [first] = facts.evidence.filter(({ kind }) => kind === 'carrier-mark');
    if (!first) throw new Error('no mark');
    const list = changes.map((value) => ({ ...first, value: { ...first.value, ...value } }));
    return buildCertificate({ ...facts, evidence: list }).carrierChecks;
  };
  for (const [outcome, ja, en] of [
    ['captcha', /docomo: 画像認証/, /docomo: a captcha/],
    ['parser-drift', /読めなかった/, /could not be read/],
    ['http-error', /応答しなかった/, /did not answer/],
    ['skipped', /時間内に/, /no answer in time/],
    ['something-new', /docomo: something-new/, /docomo: something-new/],
  ] as const) {
    const said = checks({ mark: 'unknown', outcome });
    t.match(said, { status: 'incomplete', ja, en, marks: [{ glyph: '?', outcome }] });
    t.match(said, { ja: /○ではない/, en: /no ○/ });
  }
  t.match(checks({ mark: 'sun', outcome: 'ok' }), { marks: [{ mark: 'unknown', glyph: '?' }] });
  t.match(checks({ mark: 'dash' }), { status: 'checked', ja: /SIMフリー/, en: /SIM-free/ });
  const twice = checks({ mark: 'unknown', outcome: 'captcha' }, { mark: 'circle' });
  t.match(twice, { status: 'checked', marks: [{ mark: 'circle', evidence: 1 }] });
  const facts = passedFacts();
  const skipped = {
    kind: 'carrier-check-skipped',
    stage: 'carrier-check',
    ...{ method: 'm', holds: true },
    ...{ at: facts.settledAt, value: { outcome: 'not-applicable', why: 'no-modem' } },
  } as const;
  const tablet = buildCertificate({ ...facts, evidence: [skipped] });
  t.match(tablet.carrierChecks, { status: 'not-applicable', marks: [], policy: null });
  t.notOk(tablet.notProved.some(({ id }) => id === 'network-restriction'));
});

t.test('nowhere says that data cannot be recovered', async (t) => {
  const text = canonicalJson([buildCertificate(passedFacts()), buildCertificate(failedFacts())]);
  t.notMatch(text, /unrecoverable|irrecoverable|復元不可|復元できない/i);
});

t.test(
  'the signature is over the canonical certificate, which stands in the file as it was signed',
  async (t) => {
    const key = testKey();
    t.equal(
      key.id,
      sha256Hex(createPublicKey(key.publicPem).export({ type: 'spki', format: 'der' })).slice(
        0,
        16,
      ),
    );
    const certificate = buildCertificate(passedFacts());
    const text = signedText(signCertificate(certificate, key));
    t.equal(text, signedText(signCertificate(certificate, key)), 'deterministic');
    const bytes = text.slice('{"certificate":'.length, text.lastIndexOf(',"signature":'));
    t.equal(bytes, canonicalJson(certificate));
    const { signature } = JSON.parse(text);
    t.ok(verify(null, Buffer.from(bytes), key.publicPem, Buffer.from(signature.value, 'base64')));
  },
);

t.test('the key pair is made once, its private half for the owner only', async (t) => {
  const dir = join(await freshFolder(t), 'keys');
  const [first, second] = [await openSigningKey(dir), await openSigningKey(dir)];
  t.equal(first.id, second.id);
  t.match(first.id, /^[0-9a-f]{16}$/);
  const file = join(dir, 'certificate.private.pem');
  t.equal((await stat(file)).mode & 0o777, 0o600);
  t.equal((await stat(dir)).mode & 0o777, 0o700);
  t.same((await readdir(dir)).sort(), ['certificate.private.pem', 'certificate.public.pem']);
  const other = await openSigningKey(join(await freshFolder(t), 'keys'));
  t.not(other.id, first.id);
  await writeFile(join(dir, 'certificate.public.pem'), other.publicPem);
  await t.rejects(openSigningKey(dir), { code: 'signing-key-unusable' }, 'halves of two pairs');
  await writeFile(file, 'no key');
  await t.rejects(openSigningKey(dir), { code: 'signing-key-unusable' });
  const lost = join(await freshFolder(t), 'keys');
  await mkdir(lost);
  await writeFile(join(lost, 'certificate.public.pem'), other.publicPem);
  await t.rejects(openSigningKey(lost), { code: 'signing-key-unusable' }, 'no silent new pair');
});

t.test('a certificate file is put in place whole, and only under a run id', async (t) => {
  const state = await freshFolder(t);
  t.equal(await writeCertificate(state, 'run-1', 'text'), sha256Hex('text'));
  t.equal(await writeCertificate(state, 'run-1', 'other'), sha256Hex('other'));
  t.equal(await readFile(join(state, 'certificates/run-1.json'), 'utf8'), 'other');
  for (const run of [
    '',
    '.',
    '..',
    '../x',
    'a/b',
    '.hidden',
    'a\0b',
    'x'.repeat(101),
    '更地',
    'a b',
  ]) {
    await t.rejects(
      writeCertificate(state, run, 'x'),
      { code: 'bad-request' },
      JSON.stringify(run),
    );
  }
  t.same(await readdir(join(state, 'certificates')), ['run-1.json']);
  const blocked = await freshFolder(t);
  await writeFile(join(blocked, 'certificates'), 'a file');
  await t.rejects(writeCertificate(blocked, 'run-1', 'x'), { code: 'ledger-unwritable' });
});
