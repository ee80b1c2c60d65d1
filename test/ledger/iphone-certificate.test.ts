import t from 'tap';
import type { Evidence } from '../../src/evidence.js';
import { buildCertificate } from '../../src/ledger/build-certificate.js';
import { canonicalJson } from '../../src/ledger/canonical-json.js';
import type { CertificateFacts } from '../../src/ledger/certificate-facts.js';
import { certificateSchema } from '../../src/ledger/certificate-schema.js';
import { passedFacts } from './helpers/facts.js';
import { changed, faultsOf, without } from './helpers/forged.js';
import { erasedIphone, lockedIphone, overwrittenIphone } from './helpers/iphone-facts.js';

const ids = (facts: CertificateFacts) => buildCertificate(facts).notProved.map(({ id }) => id);
const limit = (facts: CertificateFacts, id: string) =>
  buildCertificate(facts).notProved.find((item) => item.id === id);

t.test('every kind of iPhone certificate has the form and agrees with itself', async (t) => {
  for (const facts of [
    overwrittenIphone(),
    overwrittenIphone('after'),
    erasedIphone(),
    lockedIphone(),
    { ...overwrittenIphone(), verdict: 'failed', lane: 'quarantine' } as const,
    without(overwrittenIphone(), 'canary-planted', 'canary-gone'),
    changed(overwrittenIphone(), 'pairing-removed', { holds: false }),
  ]) {
    t.equal(certificateSchema.safeParse(buildCertificate(facts)).error, undefined);
    t.same(faultsOf(facts), []);
  }
});

t.test('it names the iPhone by UDID and ECID, and no other handset has them', async (t) => {
  const { device } = buildCertificate(overwrittenIphone());
  t.match(device, { udid: '00008130-0011284E0A3A001E', ecid: '11284E0A3A001E' });
  t.notOk('udid' in buildCertificate(passedFacts()).device);
  const { identity } = overwrittenIphone();
  const nameless = { ...identity, udid: null, serial: null, imeis: [] };
  t.equal(buildCertificate({ ...overwrittenIphone(), identity: nameless }).device.udid, null);
  const udidOnly = { ...identity, serial: null, imeis: [] };
  t.equal(
    buildCertificate({ ...overwrittenIphone(), identity: udidOnly }).r2v3.mediaIdentifier,
    identity.udid,
  );
});

t.test('the erase by the system is Purge, the overwrite Clear, with its figures', async (t) => {
  const { sanitization, verification } = buildCertificate(overwrittenIphone());
  t.equal(sanitization.method, 'Purge');
  t.match(sanitization.techniques, [
    {
      technique: 'cryptographic-erase',
      method: 'Purge',
      ja: /すべてのコンテンツと設定を消去.*鍵の破棄/,
      en: /by the operating system.*Erase All Content and Settings/,
    },
    {
      technique: 'free-space-overwrite',
      method: 'Clear',
      ja: /補助・消去の前に実施.*空き容量の99\.85%\(77\.2 GiB\).*全量を読み戻して照合/,
      en: /Supplementary.*before the erase.*99\.85% \(77\.2 GiB\).*all of it read back/,
    },
  ]);
  t.match(sanitization.overwrite, {
    ...{ result: 'done', when: 'before-erase', why: null, percentOfFree: 99.85 },
    ...{ bytesWritten: 82_994_593_792, bytesReadBack: 82_994_593_792 },
  });
  t.match(sanitization.caveat, { ja: /機種の仕様/, en: /rests on the model/ });
  t.equal(verification.bytesReadBack, 82_994_593_792);
  const after = buildCertificate(overwrittenIphone('after')).sanitization;
  t.match(after.overwrite, { when: 'after-erase' });
  t.match(after.techniques[1], { ja: /消去の後に実施/, en: /after the erase/ });
  const part = changed(overwrittenIphone(), 'overwrite-read-back', { value: { bytes: 1024 ** 3 } });
  t.match(buildCertificate(part).sanitization.techniques[1], { ja: /1 GiBを読み戻して/ });
  const bare = changed(overwrittenIphone(), 'overwrite-written', { value: {} });
  t.match(buildCertificate(bare).sanitization.techniques[1], { ja: /空き容量に疑似乱数/ });
});

t.test('without evidence of encryption, or of an erase, there is no Purge', async (t) => {
  const method = (facts: CertificateFacts) => {
    const { sanitization } = buildCertificate(facts);
    return [sanitization.method, ...sanitization.techniques.map(({ technique }) => technique)];
  };
  const facts = erasedIphone();
  t.same(method(facts), ['Purge', 'cryptographic-erase']);
  t.same(method(without(facts, 'encryption-state')), ['Clear', 'factory-reset']);
  const identity = { ...facts.identity, encryption: 'unknown' } as const;
  t.same(method({ ...facts, identity }), ['Clear', 'factory-reset']);
  t.same(method(without(facts, 'before-reset')), ['none established']);
  const undecided = without(facts, 'obliteration-recorded', 'canary-gone');
  t.same(method(undecided), ['none established'], 'signals that decide nothing');
});

t.test('an overwrite that was left out is said with its reason, not as a lack', async (t) => {
  const facts = erasedIphone();
  const { sanitization, verification } = buildCertificate(facts);
  t.match(sanitization.overwrite, { result: 'skipped', why: 'policy', when: null });
  t.match(verification, { bytesReadBack: null, method: { ja: /上書きは行っておらず/ } });
  t.match(limit(facts, 'overwrite-not-done'), {
    ja: /行っていない\(理由: 運用方針/,
    evidence: [16],
  });
  t.notOk(ids(facts).includes('overwrite'));
  t.notOk(ids(facts).includes('overwrite-by-files'));
  t.notOk(ids(facts).includes('reserved-blocks'));
  const refused = changed(facts, 'overwrite-skipped', { value: { why: 'files-not-served' } });
  t.match(limit(refused, 'overwrite-not-done'), { en: /does not take files/ });
  const silent = without(facts, 'overwrite-skipped');
  t.ok(ids(silent).includes('overwrite'), 'neither done nor left out on purpose');
  t.match(buildCertificate(silent).sanitization.overwrite, { result: 'not-established' });
  t.notOk(ids(overwrittenIphone()).some((id) => /^overwrite(-not-done)?$/.test(id)));
});

t.test('names what an iPhone does not show over the cable', async (t) => {
  const facts = overwrittenIphone();
  for (const id of [
    ...['activation-lock', 'device-enrolment', 'encryption-by-model', 'overwrite-by-files'],
    ...['reserved-blocks', 'page-cache', 'secure-element', 'felica', 'jpki', 'esim'],
  ])
    t.ok(ids(facts).includes(id), id);
  t.match(limit(facts, 'activation-lock'), {
    ja: /Appleのサーバー.*「探す」はオフ、NVRAMの記録はロックなし/,
    en: /Find My off, lock in NVRAM no/,
    evidence: [1, 9],
  });
  t.match(limit(lockedIphone(), 'activation-lock'), { ja: /「探す」はオン.*ロックあり/ });
  const mute = changed(facts, 'gates', { value: {} });
  t.match(limit(mute, 'activation-lock'), { en: /Find My not known, lock in NVRAM not known/ });
  t.match(limit(mute, 'device-enrolment'), { ja: /監視対象かどうか不明/ });
  t.match(limit(facts, 'overwrite-by-files'), { ja: /消去前に使われていた領域/ });
  t.notMatch(limit(overwrittenIphone('after'), 'overwrite-by-files')?.ja, /消去前/);
  const ranges = (id: string) => limit(facts, id)?.ranges.map(({ what, bytes }) => [what, bytes]);
  t.same(ranges('reserved-blocks'), [['leftOverBytes', 117_440_512]]);
  t.same(ranges('overwrite-by-files'), [['systemUsedBytes', 36_288_004_096]]);
  t.notOk(ids(facts).includes('pairing-remains'));
  const trusting = changed(facts, 'pairing-removed', { holds: false });
  t.match(limit(trusting, 'pairing-remains'), { ja: /信頼の設定が端末に残っている/ });
  t.notOk(ids(trusting).includes('not-held:pairing-removed'));
  t.notOk(ids(passedFacts()).some((id) => /activation|enrolment|pairing|by-model/.test(id)));
  const proved = buildCertificate(facts).proved.map(({ id }) => id);
  t.notOk(proved.includes('encryption-state'), 'nobody asked the handset');
  t.match(
    buildCertificate(facts).proved.find(({ id }) => id === 'overwrite-removed'),
    { ja: /^(?!.*TRIM)/ },
  );
});

t.test('cards, My Number card and eSIM say what the erase does and what nobody saw', async (t) => {
  const { felica, jpki, esim } = buildCertificate(overwrittenIphone());
  t.match(felica, {
    result: 'terminated-by-os-erase',
    ja: /Suica.*独立に検証していない.*オンライン/,
    en: /not independently verified.*only when the handset is online/,
  });
  t.match(jpki, { result: 'removal-not-verified', ja: /失効の手続きは.*利用者本人/ });
  t.match(esim, { result: 'ordered-not-verified' });
  const unproved = without(overwrittenIphone(), 'obliteration-recorded', 'canary-gone');
  t.match(buildCertificate(unproved), {
    felica: { result: 'present-not-cleared' },
    jpki: { result: 'unknown', ja: /残っている可能性/ },
    esim: { result: 'not-verified' },
  });
  const esimBy = (method: string, osVersion = '18.1') => {
    const facts = changed(overwrittenIphone(), 'rung-tried', { method });
    return buildCertificate({ ...facts, identity: { ...facts.identity, osVersion } }).esim;
  };
  t.match(esimBy('backup-service'), { result: 'not-verified', ja: /指定できない/ });
  t.match(esimBy('person'), { result: 'not-verified', en: /A person erased/ });
  t.match(esimBy('profile-service', '10.3.3'), { result: 'not-verified' });
  t.match(esimBy('profile-service', '12.5.7'), { result: 'ordered-not-verified' });
  const facts = overwrittenIphone();
  const noEsim = { ...facts, identity: { ...facts.identity, esim: 'not-present' } as const };
  t.equal(buildCertificate(noEsim).esim.result, 'not-present');
  const said = { ...facts.evidence[1], kind: 'person-confirmed', value: { jpki: 'revoked' } };
  const declared = { ...facts, evidence: [...facts.evidence, said as Evidence] };
  t.match(buildCertificate(declared).jpki, { result: 'revoked', ja: /申告.*確認していない/ });
  t.same(faultsOf(declared), []);
});

t.test('nowhere says that data cannot be recovered', async (t) => {
  const text = canonicalJson(
    [overwrittenIphone(), erasedIphone(), lockedIphone()].map(buildCertificate),
  );
  t.notMatch(text, /unrecoverable|irrecoverable|復元不可|復元できない/i);
});
