import t from 'tap';
import type { EvidenceKind, JsonObject } from '../../src/evidence.js';
import { buildCertificate } from '../../src/ledger/build-certificate.js';
import type { CertificateFacts } from '../../src/ledger/certificate-facts.js';
import type { Certificate } from '../../src/ledger/certificate-schema.js';
import { passedFacts } from './helpers/facts.js';
import { changed, faultsOf, without } from './helpers/forged.js';
import { erasedIphone, lockedIphone, overwrittenIphone } from './helpers/iphone-facts.js';

t.test('signals of a try that failed do not count for the next one', async (t) => {
  const facts = overwrittenIphone();
  const end = facts.evidence.findIndex(({ kind }) => kind === 'rung-tried');
  const [tried] = facts.evidence.slice(end, end + 1);
  if (!tried) throw new Error('no try');
  const failed = { ...tried, holds: false };
  const evidence = facts.evidence.toSpliced(end, 0, failed);
  const { verification, felica } = buildCertificate({ ...facts, evidence });
  t.same(verification.resetSignals, []);
  t.not(felica.result, 'terminated-by-os-erase');
  t.ok(faultsOf({ ...facts, evidence }).some((fault) => /with 0 independent signals/.test(fault)));
});

t.test('a certificate that claims more than its evidence does not hold', async (t) => {
  const drop =
    (...kinds: EvidenceKind[]) =>
    (c: Certificate) => {
      // In place, for every reference is an index.
      for (const fact of c.evidence)
        if (kinds.some((kind) => kind === fact.kind)) fact.holds = false;
    };
  const value = (kind: EvidenceKind, change: JsonObject) => (c: Certificate) => {
    for (const fact of c.evidence)
      if (fact.kind === kind) fact.value = { ...fact.value, ...change };
  };
  const cases: readonly (readonly [CertificateFacts, (c: Certificate) => void, RegExp])[] = [
    [
      overwrittenIphone(),
      drop('encryption-state'),
      /\/sanitization\/techniques are not those that the evidence gives \(factory-reset: Clear, free/,
    ],
    [
      overwrittenIphone(),
      (c) => Object.assign(c.device, { encryption: 'none' }),
      /\/sanitization\/techniques are not/,
    ],
    [overwrittenIphone(), drop('before-reset'), /passed without before-reset that holds/],
    [
      overwrittenIphone(),
      drop('obliteration-recorded', 'canary-gone'),
      /passed without a fact that decides/,
    ],
    [
      overwrittenIphone(),
      drop('obliteration-recorded', 'canary-gone'),
      /\/felica\/result ends the cards of the secure element without a proved erase/,
    ],
    [overwrittenIphone(), drop('secure-element-cards-ended'), /\/felica\/result ends the cards/],
    [
      overwrittenIphone(),
      value('canary-gone', { contradicts: true }),
      /passed with canary-gone, which contradicts a reset/,
    ],
    ...(['gates', 'closing-reset', 'final-state', 'identity'] as const).map(
      (kind) =>
        [overwrittenIphone(), drop(kind), new RegExp(`passed without ${kind} that holds`)] as const,
    ),
    [
      overwrittenIphone(),
      drop('overwrite-read-back'),
      /\/sanitization\/overwrite is not what the evidence gives \(not-established\)/,
    ],
    [without(overwrittenIphone(), 'overwrite-written'), () => 0, /neither done nor left out/],
    [without(overwrittenIphone(), 'overwrite-removed'), () => 0, /was not shown to be removed/],
    [
      erasedIphone(),
      (c) => Object.assign(c.sanitization.overwrite ?? {}, { result: 'done' }),
      /\/sanitization\/overwrite is not what the evidence gives \(skipped\)/,
    ],
    [
      erasedIphone(),
      (c) => {
        delete c.sanitization.overwrite;
      },
      /\/sanitization\/overwrite is missing/,
    ],
    [
      overwrittenIphone(),
      (c) => Object.assign(c.sanitization.overwrite ?? {}, { percentOfFree: 100 }),
      /\/sanitization\/overwrite is not what/,
    ],
    [
      changed(overwrittenIphone(), 'overwrite-read-back', { value: { bytes: 5 } }),
      () => 0,
      /was not read back in full/,
    ],
    [
      changed(overwrittenIphone(), 'overwrite-planned', { value: { scope: 'after the erase' } }),
      () => 0,
      /stands before-erase, but was planned after/,
    ],
    ...['activation-lock', 'device-enrolment', 'encryption-by-model', 'overwrite-by-files'].map(
      (id) =>
        [
          overwrittenIphone(),
          (c: Certificate) => {
            c.notProved = c.notProved.filter((item) => item.id !== id);
          },
          new RegExp(`/notProved leaves out ${id}`),
        ] as const,
    ),
    [
      erasedIphone(),
      (c) => {
        c.notProved = c.notProved.filter(({ id }) => id !== 'overwrite-not-done');
      },
      /leaves out overwrite-not-done/,
    ],
    [overwrittenIphone(), drop('pairing-removed'), /leaves out pairing-remains/],
    [
      changed(overwrittenIphone(), 'rung-tried', { method: 'backup-service' }),
      (c) => {
        c.esim.result = 'ordered-not-verified';
      },
      /\/esim\/result names an order/,
    ],
    [
      overwrittenIphone(),
      (c) => {
        c.jpki.result = 'revoked';
      },
      /\/jpki\/result is not what the evidence gives \(removal-not-verified\)/,
    ],
    [
      overwrittenIphone(),
      (c) => {
        c.device.udid = '00008130-000000000000001E';
      },
      /\/device\/udid is not the one that the handset gave/,
    ],
    [
      overwrittenIphone(),
      (c) => c.verification.resetSignals.push('person'),
      /\/verification\/resetSignals are not/,
    ],
    [
      overwrittenIphone(),
      (c) => {
        c.felica.result = 'not-present';
      },
      /\/felica\/result is not-present without evidence/,
    ],
    [
      passedFacts(),
      (c) => {
        c.felica.result = 'terminated-by-os-erase';
      },
      /\/felica\/result is terminated-by-os-erase, which only an iPhone can be/,
    ],
    [
      passedFacts(),
      (c) => {
        c.device.udid = 'x';
      },
      /\/device\/platform is not that of an iPhone/,
    ],
    [passedFacts(), drop('encryption-state'), /\/sanitization\/techniques are not/],
    [
      lockedIphone(),
      (c) => {
        c.felica.result = 'terminated-by-os-erase';
      },
      /ends the cards of the secure element without a proved erase/,
    ],
  ];
  for (const [facts, change, wanted] of cases) {
    const faults = faultsOf(facts, change);
    t.ok(
      faults.some((fault) => wanted.test(fault)),
      `${wanted.source}: ${faults.join('; ')}`,
    );
    t.notOk(faults.some((fault) => /digest|signature/.test(fault)));
  }
});
