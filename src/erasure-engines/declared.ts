import type { Evidence } from '../evidence.js';

/** Whether a person stated at the port that the JPKI certificate is revoked or was never registered. */
export function jpkiDeclared(evidence: readonly Evidence[]): boolean {
  return evidence.some(
    ({ kind, holds, value }) =>
      kind === 'person-confirmed' &&
      holds &&
      (value['jpki'] === 'revoked' || value['jpki'] === 'never-registered'),
  );
}
