import t from 'tap';
import { buildCertificate } from '../../src/ledger/build-certificate.js';
import { digestsOf } from '../../src/ledger/certificate-digests.js';
import type { Certificate } from '../../src/ledger/certificate-schema.js';
import { signCertificate, signedText } from '../../src/ledger/signing.js';
import { failedFacts, passedFacts, testKey } from '../ledger/helpers/facts.js';
import { desk } from './helpers/desk.js';

/** Signs whatever is handed in, with digests that fit: what only the holder of the key could do. */
function resigned(change: (certificate: Certificate) => void, facts = passedFacts()): string {
  const certificate = buildCertificate(facts);
  change(certificate);
  certificate.digests = digestsOf(certificate);
  return signedText(signCertificate(certificate, testKey()));
}

t.test('a signed certificate that contradicts itself does not hold', async (t) => {
  const { check } = await desk(t);
  const cases: readonly (readonly [string, RegExp])[] = [
    [resigned((c) => c.evidence.pop()), /verdict .*: is passed without final-state that holds/],
    [
      resigned((c) => {
        const item = c.evidence[17];
        if (item) item.holds = false;
      }),
      /passed without overwrite-read-back.*refers to evidence that does not hold/s,
    ],
    [
      resigned((c) => {
        c.verdict = 'passed';
      }, failedFacts()),
      /title .*: is not the title of the verdict passed/,
    ],
    [
      resigned((c) => {
        c.lane = 'release';
      }, failedFacts()),
      /lane .*: releases a handset whose verdict is failed/,
    ],
    [
      resigned((c) => {
        c.sanitization.method = 'Purge';
      }, failedFacts()),
      /sanitization\.method .*is not what the techniques give/,
    ],
    [
      resigned((c) => {
        const r = c.proved[0]?.evidence[0];
        if (r) r.index = 99;
      }),
      /evidence 99, which is not there/,
    ],
    [
      resigned((c) => {
        const r = c.proved[0]?.evidence[0];
        if (r) r.method = 'x';
      }),
      /does not repeat the evidence/,
    ],
    [
      resigned((c) => {
        c.felica.result = 'unknown';
      }),
      /felica\.result .*leaves FeliCa open/,
    ],
    ...(['cross', 'unknown'] as const).map((mark): readonly [string, RegExp] => [
      resigned((c) => {
        for (const one of c.carrierChecks.marks) one.mark = mark;
        for (const fact of c.evidence)
          if (fact.kind === 'carrier-mark') Object.assign(fact.value, { mark });
      }),
      new RegExp(`marks\\.0 .*: is ${mark}, but the handset is released`),
    ]),
    [
      resigned((c) => {
        const [mark] = c.carrierChecks.marks;
        if (mark) mark.mark = 'triangle';
      }),
      /carrierChecks\.marks\.0 .*: does not repeat the evidence/,
    ],
    [
      resigned((c) => {
        c.lane = 'destroy';
      }),
      /lane .*: is not the lane that was decided of the marks/,
    ],
    [
      resigned((c) => {
        if (c.carrierChecks.policy) c.carrierChecks.policy.version = 'other';
      }),
      /carrierChecks\.policy .*: is not the policy that was applied/,
    ],
    [
      resigned((c) => {
        for (const fact of c.evidence)
          if (fact.kind === 'restriction-decided') fact.kind = 'restriction-forgotten';
        c.carrierChecks.policy = null;
      }),
      /lane .*: releases a handset whose marks were not decided/,
    ],
    [
      resigned((c) => {
        c.jpki.evidence = [500];
      }),
      /jpki .*refers to evidence that is not there/,
    ],
    [
      resigned((c) => {
        for (const fact of c.evidence)
          if (/left-bus|canary-gone/.test(fact.kind)) fact.holds = false;
      }),
      /passed with 2 independent signals of a reset; 3 are needed/,
    ],
    [
      resigned((c) => {
        c.device.serial = null;
        c.device.imei1 = null;
      }),
      /device .*names no handset/,
    ],
  ];
  for (const [text, wanted] of cases) {
    const { code, out } = await check(text);
    t.equal(code, 1, wanted.source);
    t.match(out, wanted);
    t.notMatch(out, /signature|digest/);
  }
});
