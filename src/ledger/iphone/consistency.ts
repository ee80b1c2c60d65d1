import { isDeepStrictEqual } from 'node:util';
import type { JsonObject } from '../../evidence.js';
import { holds, statedBy } from '../certificate-evidence.js';
import { overwriteOf } from '../certificate-overwrite.js';
import { resetDoubts, resetSignals } from '../certificate-reset.js';
import type { Certificate } from '../certificate-schema.js';
import { limitsOfIphone } from './limits.js';
import { cardsWereEnded, esimWasOrdered } from './residues.js';

interface Inconsistency {
  readonly pointer: string;
  readonly what: string;
}

/** What the certificate of an iPhone says against its own evidence, or that of another handset claims of an iPhone. Pure. */
export function iphoneInconsistencies(certificate: Certificate): Inconsistency[] {
  const iphone = certificate.device.platform === 'apple';
  const rules = iphone
    ? [namesTheHandset, overwriteFits, residuesFit, limitsAreNamed, signalsFit]
    : [claimsNothingOfIphones];
  return rules.flatMap((rule) => rule(certificate));
}

/** Names of the handset are those that it gave when it was identified last. */
function namesTheHandset({ device, evidence }: Certificate): Inconsistency[] {
  const fact = evidence.findLast(({ kind, holds }) => kind === 'identity' && holds);
  const said = fact?.value['identity'];
  if (typeof said !== 'object' || said === null || Array.isArray(said)) return [];
  const identity = said as JsonObject;
  return (['serial', 'udid', 'ecid'] as const).flatMap((name) =>
    (device[name] ?? null) === (identity[name] ?? null)
      ? []
      : [{ pointer: `/device/${name}`, what: 'is not the one that the handset gave' }],
  );
}

function overwriteFits({ sanitization, evidence, verdict }: Certificate): Inconsistency[] {
  const pointer = '/sanitization/overwrite';
  const { overwrite } = sanitization;
  const wanted = overwriteOf(evidence);
  if (!overwrite) return [{ pointer, what: 'is missing, but the handset is an iPhone' }];
  if (!isDeepStrictEqual(overwrite, wanted))
    return [{ pointer, what: `is not what the evidence gives (${wanted.result})` }];
  const found: Inconsistency[] = [];
  if (verdict === 'passed' && wanted.result === 'not-established')
    found.push({
      pointer,
      what: 'was neither done nor left out on purpose, but the verdict is passed',
    });
  if (verdict === 'passed' && wanted.result === 'done' && !holds(evidence, 'overwrite-removed'))
    found.push({ pointer, what: 'was not shown to be removed, but the verdict is passed' });
  const { bytesWritten, bytesReadBack } = wanted;
  if (bytesWritten !== null && bytesReadBack !== null && bytesReadBack < bytesWritten)
    found.push({ pointer, what: 'was not read back in full' });
  const planned = evidence.findLast(({ kind }) => kind === 'overwrite-planned')?.value['scope'];
  const side = typeof planned === 'string' ? /^(before|after)\b/.exec(planned)?.[1] : undefined;
  if (side && wanted.when !== null && wanted.when !== `${side}-erase`)
    found.push({ pointer, what: `stands ${wanted.when}, but was planned ${side} the erase` });
  return found;
}

function residuesFit({ felica, esim, jpki, evidence, device }: Certificate): Inconsistency[] {
  const found: Inconsistency[] = [];
  if (felica.result === 'terminated-by-os-erase' && !cardsWereEnded(evidence))
    found.push({
      pointer: '/felica/result',
      what: 'ends the cards of the secure element without a proved erase',
    });
  if (esim.result === 'ordered-not-verified' && !esimWasOrdered(evidence, device.osVersion))
    found.push({
      pointer: '/esim/result',
      what: 'names an order to erase the eSIM that the evidence does not show',
    });
  const declared = statedBy(evidence, 'jpki').at(-1)?.said;
  const erased = resetDoubts(evidence).length === 0;
  const wanted = declared ?? (erased ? 'removal-not-verified' : 'unknown');
  if (jpki.result !== wanted)
    found.push({ pointer: '/jpki/result', what: `is not what the evidence gives (${wanted})` });
  return found;
}

/** A certificate that is silent about its limits says more than it may. */
function limitsAreNamed({ notProved, evidence }: Certificate): Inconsistency[] {
  const named = new Set(notProved.map(({ id }) => id));
  return limitsOfIphone(evidence)
    .filter(({ id }) => !named.has(id))
    .map(({ id }) => ({ pointer: '/notProved', what: `leaves out ${id}` }));
}

function signalsFit({ verification, evidence }: Certificate): Inconsistency[] {
  return isDeepStrictEqual(verification.resetSignals, resetSignals(evidence))
    ? []
    : [{ pointer: '/verification/resetSignals', what: 'are not those that the evidence gives' }];
}

const OF_IPHONES = ['terminated-by-os-erase', 'ordered-not-verified', 'removal-not-verified'];

function claimsNothingOfIphones(certificate: Certificate): Inconsistency[] {
  const { felica, esim, jpki, device, sanitization } = certificate;
  const claims = { felica, esim, jpki };
  return [
    ...Object.entries(claims)
      .filter(([, { result }]) => OF_IPHONES.includes(result))
      .map(([name, { result }]) => ({
        pointer: `/${name}/result`,
        what: `is ${result}, which only an iPhone can be`,
      })),
    ...(device.udid !== undefined || device.ecid !== undefined || sanitization.overwrite
      ? [{ pointer: '/device/platform', what: 'is not that of an iPhone, whose fields are there' }]
      : []),
  ];
}
