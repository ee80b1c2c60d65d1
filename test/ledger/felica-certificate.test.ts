import t from 'tap';
import type { Evidence, EvidenceKind, JsonObject } from '../../src/evidence.js';
import { buildCertificate } from '../../src/ledger/build-certificate.js';
import { inconsistencies } from '../../src/ledger/certificate-consistency.js';
import type { CertificateFacts } from '../../src/ledger/certificate-facts.js';
import { type Certificate, certificateSchema } from '../../src/ledger/certificate-schema.js';
import { passedFacts } from './helpers/facts.js';

const DIGEST = 'ab'.repeat(16);
const NANACO = {
  code: 0xfe00,
  label: 'common area',
  areas: 1,
  services: 0,
  usedBlocks: 45,
  nodes: [{ code: 0x5580, label: 'nanaco' }],
  isResidue: true,
};
const EMPTY = { ...NANACO, areas: 0, usedBlocks: 0, nodes: [], isResidue: false };

const VALUES: Partial<Record<EvidenceKind, JsonObject>> = {
  'felica-detected': { found: ['com.felicanetworks.mfc'], looked: ['packages'] },
  'felica-identity-bound': {
    container: DIGEST,
    management: DIGEST,
    models: 'unknown',
    port: 'P01',
  },
  'felica-survey-before': { inventory: [NANACO], bench: 1 },
  'felica-cleared-by': { outcome: 'cleared', nativeCode: 'exit 0', said: null, believed: false },
  'felica-survey-after': {
    verdict: 'CLEAR',
    reasons: [],
    notes: [],
    inventory: [EMPTY],
    legs: ['sweep', 'search', 'list'],
    limits: { ja: '見えないものがある。', en: 'Some things cannot be seen.' },
    bench: 1,
  },
};

function facts(
  holds: Partial<Record<EvidenceKind, boolean>> = {},
  after: JsonObject = {},
): CertificateFacts {
  const base = passedFacts();
  const felica = Object.entries(VALUES).map(
    ([kind, value]): Evidence => ({
      kind: kind as EvidenceKind,
      stage: 'felica-clear',
      method: kind === 'felica-cleared-by' ? 'external-tool' : 'contactless survey by RC-S380',
      at: '2026-08-01T10:00:00.000Z',
      holds: holds[kind as EvidenceKind] ?? true,
      value: kind === 'felica-survey-after' ? { ...value, ...after } : value,
    }),
  );
  const others = base.evidence.filter(({ kind }) => kind !== 'felica-not-present');
  return { ...base, evidence: [...others, ...felica] };
}

t.test(
  'a surveyed chip stands with both inventories, the ways of looking and the limits',
  async (t) => {
    const certificate = buildCertificate(facts());
    t.equal(certificateSchema.safeParse(certificate).error, undefined);
    t.same(inconsistencies(certificate), []);
    const { felica } = certificate;
    t.equal(felica.result, 'surveyed-clear');
    t.match(felica.survey?.before?.inventory, [{ nodes: [{ label: 'nanaco' }] }]);
    t.match(felica.survey?.after, { verdict: 'CLEAR', legs: ['sweep', 'search', 'list'] });
    t.match(felica.survey?.chip, { container: DIGEST });
    t.match(felica.survey?.said, [{ by: 'external-tool', outcome: 'cleared' }]);
    t.match(felica.en, /not certified by FeliCa Networks/);
    t.match(felica.ja, /フェリカネットワークス株式会社の認証を受けたものではない/);
    t.match(felica.en, /Some things cannot be seen/);
    t.ok(certificate.proved.some(({ id }) => id === 'felica-survey-after'));
    t.notOk(
      certificate.proved.some(({ id }) => id === 'felica-cleared-by'),
      'a word is no proof',
    );
    t.ok(
      certificate.notProved.some(({ id }) => id === 'felica'),
      'its limits are a limit',
    );
  },
);

t.test(
  'nothing passes with a chip that was not shown to be clear, or not to be the handset’s',
  async (t) => {
    const cases: [CertificateFacts, string][] = [
      [facts({ 'felica-survey-after': false }, { verdict: 'RESIDUAL' }), 'residual-found'],
      [facts({ 'felica-survey-after': false }, { verdict: 'INCONCLUSIVE' }), 'survey-inconclusive'],
      [facts({ 'felica-identity-bound': false }), 'survey-inconclusive'],
    ];
    for (const [given, result] of cases) {
      const certificate = buildCertificate(given);
      t.equal(certificate.felica.result, result);
      t.ok(
        inconsistencies(certificate).some(({ pointer }) => pointer === '/felica/result'),
        result,
      );
    }
  },
);

t.test('a certificate that says more of the chip than its evidence is found out', async (t) => {
  const forged: [string, (certificate: Certificate) => void][] = [
    [
      'a better word',
      ({ felica }) => {
        felica.result = 'not-present';
      },
    ],
    [
      'no survey',
      ({ felica }) => {
        delete felica.survey;
      },
    ],
    [
      'another inventory',
      ({ felica }) => {
        felica.survey?.before?.inventory.pop();
      },
    ],
    [
      'a way of looking more',
      ({ felica }) => {
        felica.survey?.after.legs.push('probe');
      },
    ],
    [
      'another chip',
      ({ felica }) => {
        if (felica.survey) felica.survey.chip = null;
      },
    ],
    [
      'without limits',
      ({ felica }) => {
        if (felica.survey) felica.survey.limits = { ja: '', en: '' };
      },
    ],
  ];
  for (const [what, forge] of forged) {
    const certificate = structuredClone(buildCertificate(facts()));
    forge(certificate);
    t.not(inconsistencies(certificate).length, 0, what);
  }
  const residual = buildCertificate(
    facts({ 'felica-survey-after': false }, { verdict: 'RESIDUAL' }),
  );
  residual.felica.result = 'surveyed-clear';
  t.ok(inconsistencies(residual).some(({ what }) => what.includes('without evidence')));
});
