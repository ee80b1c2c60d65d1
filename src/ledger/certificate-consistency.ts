import { isDeepStrictEqual } from 'node:util';
import type { EvidenceKind } from '../evidence.js';
import { TITLES } from './build-certificate.js';
import { holds, statedBy } from './certificate-evidence.js';
import { felicaIsClear, felicaSurveyOf } from './certificate-felica.js';
import { resetDoubts } from './certificate-reset.js';
import type { Certificate } from './certificate-schema.js';
import { techniquesOf } from './certificate-techniques.js';
import { iphoneInconsistencies } from './iphone/consistency.js';

export interface Inconsistency {
  /** JSON Pointer inside the certificate. */
  readonly pointer: string;
  readonly what: string;
}

/** Facts that no handset can have passed without. */
const PASSED_NEEDS: readonly EvidenceKind[] = ['identity', 'gates', 'closing-reset', 'final-state'];
const FELICA_OPEN: readonly string[] = [
  'unknown',
  'present-not-cleared',
  'residual-found',
  'survey-inconclusive',
];
const OVERWRITTEN: readonly EvidenceKind[] = ['overwrite-written', 'overwrite-read-back'];

/** What a certificate says against itself, although nobody may have changed it. Pure. */
export function inconsistencies(certificate: Certificate): Inconsistency[] {
  return [
    ...titleAndLane(certificate),
    ...(certificate.verdict === 'passed' ? passedNeeds(certificate) : []),
    ...provedRefers(certificate),
    ...evidencePlaces(certificate),
    ...methodFits(certificate),
    ...felicaFits(certificate),
    ...iphoneInconsistencies(certificate),
    ...marksAgree(certificate),
  ];
}

function titleAndLane({ title, verdict, lane }: Certificate): Inconsistency[] {
  const found: Inconsistency[] = [];
  if (!isDeepStrictEqual(title, TITLES[verdict])) {
    found.push({ pointer: '/title', what: `is not the title of the verdict ${verdict}` });
  }
  if (verdict !== 'passed' && lane === 'release') {
    found.push({ pointer: '/lane', what: `releases a handset whose verdict is ${verdict}` });
  }
  return found;
}

function passedNeeds(certificate: Certificate): Inconsistency[] {
  const { device, evidence } = certificate;
  // An iPhone, whose erase destroys keys, may do without; what it then must have stands with what is its own.
  const needs = device.platform === 'apple' ? PASSED_NEEDS : [...PASSED_NEEDS, ...OVERWRITTEN];
  const lacking = needs.filter((kind) => !holds(evidence, kind));
  const found: Inconsistency[] = [
    ...lacking.map((kind) => `without ${kind} that holds`),
    ...resetDoubts(evidence),
  ].map((what) => ({ pointer: '/verdict', what: `is passed ${what}` }));
  if (FELICA_OPEN.includes(certificate.felica.result)) {
    found.push({
      pointer: '/felica/result',
      what: 'leaves FeliCa open, but the verdict is passed',
    });
  }
  const { serial, imei1 } = certificate.device;
  if (serial === null && imei1 === null) {
    found.push({ pointer: '/device', what: 'names no handset, but the verdict is passed' });
  }
  return found;
}

function provedRefers(certificate: Certificate): Inconsistency[] {
  return certificate.proved.flatMap(({ id, evidence }, item) =>
    evidence.flatMap((reference, at) => {
      const pointer = `/proved/${item}/evidence/${at}`;
      const fact = certificate.evidence[reference.index];
      if (!fact)
        return [{ pointer, what: `refers to evidence ${reference.index}, which is not there` }];
      if (!fact.holds) return [{ pointer, what: 'refers to evidence that does not hold' }];
      if (!holds(certificate.evidence, fact.kind as EvidenceKind)) {
        return [{ pointer, what: 'refers to a fact that did not hold when it was seen last' }];
      }
      const { kind, method, at: time, value } = fact;
      const same = isDeepStrictEqual(reference, {
        index: reference.index,
        kind,
        method,
        at: time,
        value,
      });
      return same && kind === id
        ? []
        : [{ pointer, what: 'does not repeat the evidence it refers to' }];
    }),
  );
}

function evidencePlaces(certificate: Certificate): Inconsistency[] {
  const { felica, jpki, esim, carrierChecks, notProved, sanitization, evidence } = certificate;
  const places: [string, number[]][] = [
    ['/felica', felica.evidence],
    ['/jpki', jpki.evidence],
    ['/esim', esim.evidence],
    ['/carrierChecks', carrierChecks.marks.map((mark) => mark.evidence)],
    ...notProved.map((item, at): [string, number[]] => [
      `/notProved/${at}`,
      [...item.evidence, ...item.ranges.map((range) => range.evidence)],
    ]),
    ...sanitization.techniques.map((item, at): [string, number[]] => [
      `/sanitization/techniques/${at}`,
      item.evidence,
    ]),
    ['/sanitization/overwrite', sanitization.overwrite?.evidence ?? []],
  ];
  return places.flatMap(([pointer, indexes]) =>
    indexes.some((index) => index >= evidence.length)
      ? [{ pointer, what: 'refers to evidence that is not there' }]
      : [],
  );
}

function methodFits({ sanitization, verdict, evidence, device }: Certificate): Inconsistency[] {
  const methods = new Set(sanitization.techniques.map(({ method }) => method));
  const strongest = methods.has('Purge') ? 'Purge' : 'Clear';
  const wanted = methods.size === 0 ? 'none established' : strongest;
  const pointer = '/sanitization/method';
  if (sanitization.method !== wanted)
    return [{ pointer, what: `is not what the techniques give (${wanted})` }];
  if (verdict !== 'passed') {
    return methods.size === 0
      ? []
      : [{ pointer, what: `claims a sanitization, but the verdict is ${verdict}` }];
  }
  const names = (list: Certificate['sanitization']['techniques']) =>
    list.map(({ technique, method }) => `${technique}: ${method}`).join(', ') || 'none';
  const supported = names(techniquesOf(evidence, device));
  return names(sanitization.techniques) === supported
    ? []
    : [
        {
          pointer: '/sanitization/techniques',
          what: `are not those that the evidence gives (${supported})`,
        },
      ];
}

const SURVEYED: readonly string[] = ['surveyed-clear', 'residual-found', 'survey-inconclusive'];

/** A result that closes FeliCa needs the fact or the statement that it names. */
function felicaFits({ felica, evidence }: Certificate): Inconsistency[] {
  const { result } = felica;
  const missing =
    (result === 'not-present' && !holds(evidence, 'felica-not-present')) ||
    (result === 'declared-cleared' && statedBy(evidence, 'felica').length === 0) ||
    (result === 'surveyed-clear' && !felicaIsClear(evidence));
  const survey = felicaSurveyOf(evidence);
  const found: Inconsistency[] = missing
    ? [{ pointer: '/felica/result', what: `is ${result} without evidence of it` }]
    : [];
  if (!isDeepStrictEqual(felica.survey ?? null, survey))
    found.push({ pointer: '/felica/survey', what: 'is not what the surveys in the evidence give' });
  const transit = evidence.findLast(({ kind }) => kind === 'felica-transit-after');
  if (transit && !transit.holds && result !== 'residual-found')
    found.push({ pointer: '/felica/result', what: `is ${result}, but a transit card answered` });
  if (survey && !SURVEYED.includes(result))
    found.push({ pointer: '/felica/result', what: `is ${result}, but the chip was surveyed` });
  return found;
}

/** The marks repeat their evidence, the lane is the decided one, and what is restricted or unknown is not released. */
function marksAgree(certificate: Certificate): Inconsistency[] {
  const { carrierChecks, evidence, lane, verdict } = certificate;
  const found: Inconsistency[] = [];
  for (const [at, { carrier, mark, evidence: place }] of carrierChecks.marks.entries()) {
    const fact = evidence[place];
    const same =
      fact?.kind === 'carrier-mark' &&
      fact.value['carrier'] === carrier &&
      fact.value['mark'] === mark &&
      (fact.holds || mark === 'unknown');
    const pointer = `/carrierChecks/marks/${at}`;
    if (!same) found.push({ pointer, what: 'does not repeat the evidence it refers to' });
    if (lane === 'release' && (mark === 'cross' || mark === 'unknown'))
      found.push({ pointer, what: `is ${mark}, but the handset is released` });
  }
  const decided = evidence.findLast(({ kind }) => kind === 'restriction-decided');
  if (verdict === 'passed' && decided && decided.value['lane'] !== lane)
    found.push({ pointer: '/lane', what: 'is not the lane that was decided of the marks' });
  if (verdict === 'passed' && lane === 'release' && !decided && carrierChecks.marks.length > 0)
    found.push({ pointer: '/lane', what: 'releases a handset whose marks were not decided' });
  if (decided && !isDeepStrictEqual(decided.value['policy'], carrierChecks.policy))
    found.push({ pointer: '/carrierChecks/policy', what: 'is not the policy that was applied' });
  return found;
}
