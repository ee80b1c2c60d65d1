import type { Evidence } from '../evidence.js';
import type { HandsetIdentity } from '../handset.js';
import type { StageContext } from './engine.js';

/** What a gate needs to know that the handset itself cannot tell. */
export interface Beside {
  /** A person stated that the JPKI certificate was revoked or never registered. */
  readonly jpkiDeclared: boolean;
  readonly imeiElsewhere: boolean;
}

interface Asking {
  readonly context: StageContext;
  /** Whether another port of the rack holds a handset with this IMEI now. */
  readonly sameImeiElsewhere: (imei: string) => boolean;
}

export function besideHandset(
  { context, sameImeiElsewhere }: Asking,
  { imeis }: HandsetIdentity,
): Beside {
  return {
    jpkiDeclared: jpkiDeclared(context.history().evidence),
    imeiElsewhere: imeis.some((imei) => sameImeiElsewhere(imei)),
  };
}

/** Whether a person stated at the port that the JPKI certificate is revoked or was never registered. */
function jpkiDeclared(evidence: readonly Evidence[]): boolean {
  return evidence.some(
    ({ kind, holds, value }) =>
      kind === 'person-confirmed' &&
      holds &&
      (value['jpki'] === 'revoked' || value['jpki'] === 'never-registered'),
  );
}
